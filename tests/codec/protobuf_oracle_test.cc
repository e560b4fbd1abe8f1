// Weft's Protobuf against Google's: random messages go from one to the other and back, both write the same
// bytes, and both refuse the same.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <doctest/doctest.h>

#include <weft/codec/protobuf.h>

#include "broken.h"
#include "hex.h"
#include "messages.h"
#include "random.h"
#include "wire2.pb.h"
#include "wire3.pb.h"

using namespace weft;

namespace {

std::string canonical(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream{&bytes};
    google::protobuf::io::CodedOutputStream out{&stream};
    out.SetSerializationDeterministic(true);
    message.SerializePartialToCodedStream(&out);
  }
  return bytes;
}

/// Any bytes, and what each side makes of them.
template <class Theirs, class Ours>
void agree_on(const std::string& bytes) {
  CAPTURE(to_hex(Bytes{bytes}));
  Theirs theirs;
  const bool accepted = theirs.ParseFromString(bytes);
  Ours ours{};
  const Status status = protobuf::decode(Bytes{bytes}, ours);
  // Google's drops what a number or a tag has too many bits of; and it looks for required fields at the very
  // end, here each piece of a message has to have them.
  const bool stricter = !status.ok() && (status.message().starts_with("varint of more than") ||
                                         status.message().find("required field") != std::string_view::npos);
  if (stricter) return;
  CHECK_MESSAGE(status.ok() == accepted, status.to_string());
  if (!status.ok() || !accepted) return;
  if constexpr (requires { Schema<Ours>::unknown; }) {
    CHECK(theirs.ParseFromString(protobuf::encode(ours).flatten().str()));
  } else {
    theirs.DiscardUnknownFields();
    CHECK(to_hex(protobuf::encode(ours)) == to_hex(Bytes{canonical(theirs)}));
  }
}

template <class Theirs, class Ours>
void agree(int rounds) {
  const google::protobuf::LogSilencer quiet;
  Random random{20261121, true};
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    const Ours value = random.make<Ours>();
    const std::string bytes = protobuf::encode(value).flatten().str();
    Theirs theirs;
    REQUIRE(theirs.ParseFromString(bytes));
    const std::string back = canonical(theirs);
    REQUIRE(to_hex(Bytes{back}) == to_hex(Bytes{bytes}));
    Ours read{};
    REQUIRE(protobuf::decode(Bytes{back}, read).ok());
    REQUIRE(to_hex(protobuf::encode(read)) == to_hex(Bytes{bytes}));
    for (int breaks = 0; breaks < 20; ++breaks) agree_on<Theirs, Ours>(broken(bytes, random));
  }
}

}  // namespace

TEST_CASE("both write scalars alike") { agree<oracle::Scalars, messages::Scalars>(500); }
TEST_CASE("both write what is optional alike") { agree<oracle::Optionals, messages::Optionals>(500); }
TEST_CASE("both write what is repeated alike") { agree<oracle::Repeated, messages::Repeated>(500); }
TEST_CASE("both write maps alike") { agree<oracle::Maps, messages::Maps>(300); }
TEST_CASE("both write oneofs alike") { agree<oracle::Choice, messages::Choice>(500); }
TEST_CASE("both write messages in messages alike") { agree<oracle::Node, messages::Node>(300); }
TEST_CASE("both write proto2's groups, closed enums and unpacked numbers alike") {
  agree<oracle::Old, messages::Old>(500);
}

TEST_CASE("both stop at the same depth") {
  const google::protobuf::LogSilencer quiet;
  for (const int depth : {100, 101, 102}) {
    oracle::Node node;
    oracle::Node* inner = &node;
    for (int level = 1; level < depth; ++level) inner = inner->mutable_next();
    inner->set_value(7);
    const std::string bytes = node.SerializeAsString();
    messages::Node ours;
    CHECK(oracle::Node{}.ParseFromString(bytes) == protobuf::decode(Bytes{bytes}, ours).ok());
  }
}
