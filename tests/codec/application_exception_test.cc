#include <doctest/doctest.h>

#include <weft/codec/application_exception.h>
#include <weft/codec/compact.h>

#include "hex.h"

using namespace weft;

TEST_CASE("an application exception is a message and a type (R4)") {
  ApplicationException exception{"no", ApplicationException::unknown_method};
  CHECK(to_hex(compact::encode_exception(exception)) == "18026e6f150200");
  ApplicationException read;
  CHECK(compact::decode_exception(from_hex("18 02 6e6f 15 02 00"), read).ok());
  CHECK(read == exception);
}

TEST_CASE("both fields may be missing, others are skipped, and unknown types survive (R4)") {
  ApplicationException read;
  CHECK(compact::decode_exception(from_hex("00"), read).ok());
  CHECK(read == ApplicationException{});
  CHECK(compact::decode_exception(from_hex("25 c601 19 15 02 00"), read).ok());
  CHECK(read.type == 99);
  CHECK(compact::encode_exception(read).flatten() == from_hex("18 00 15 c601 00"));
}

TEST_CASE("an application exception becomes a Status that carries it") {
  Status status = to_status({"no such method", ApplicationException::unknown_method});
  CHECK(status.code() == Code::unimplemented);
  CHECK(status.message() == "no such method");
  CHECK(status.reach() == Reach::answered);
  REQUIRE(status.get_if<ApplicationException>());
  CHECK(status.get_if<ApplicationException>()->type == 1);
  CHECK(status.get_if<ApplicationException>()->message == "no such method");
  Status broken = to_status({"", ApplicationException::internal_error});
  CHECK(broken.code() == Code::internal);
  CHECK(broken.fault() == Fault::peer);
  CHECK(broken.message() == "application exception 6");
  CHECK(to_status({"", 7}).code() == Code::invalid_argument);
  CHECK(to_status({"", 0}).code() == Code::unknown);
  CHECK(to_status({"", 99}).code() == Code::unknown);
}

TEST_CASE("an answer without a result is a missing result, the peer's fault (R2)") {
  Status status = missing_result("get");
  CHECK(status.get_if<ApplicationException>()->type == ApplicationException::missing_result);
  CHECK(status.fault() == Fault::peer);
  CHECK(status.reach() == Reach::answered);
}

TEST_CASE("a Status becomes the application exception that the peer gets (R6, R7, R8)") {
  CHECK(from_status(unimplemented("get")) ==
        ApplicationException{"get", ApplicationException::unknown_method});
  CHECK(from_status(not_found("no such key")) ==
        ApplicationException{"not_found: no such key", ApplicationException::internal_error,
                             static_cast<std::int32_t>(Code::not_found)});
  std::int32_t value = 0;
  Status undecodable = compact::decode_arguments(from_hex("15"), argument<1>(value));
  CHECK(undecodable.code() == Code::invalid_argument);
  CHECK(undecodable.fault() == Fault::caller);
  CHECK(from_status(undecodable).type == ApplicationException::protocol_error);
}

TEST_CASE("what another server answered is not taken for this one's failure") {
  for (std::int32_t type : {1, 7, 5})
    CHECK(from_status(to_status({"backend", type})).type == ApplicationException::internal_error);
}

TEST_CASE("the code of a failure survives between two Weft programs, and is skipped by others") {
  for (int number = 1; number <= 16; ++number) {
    auto code = static_cast<Code>(number);
    Chain sent = compact::encode_exception(from_status(Status{code, "words"}));
    ApplicationException read;
    REQUIRE(compact::decode_exception(sent, read).ok());
    Status status = to_status(read);
    // A cancelled handler was not cancelled by the caller; an unknown method has a type of its own.
    CHECK(status.code() == (code == Code::cancelled ? Code::unavailable : code));
    CHECK(status.reach() == Reach::answered);
    CHECK(status.fault() != Fault::us);
    if (code != Code::cancelled) CHECK(status.message() == "words");
  }
  CHECK(to_status({"x", ApplicationException::internal_error, 99}).code() == Code::internal);
}
