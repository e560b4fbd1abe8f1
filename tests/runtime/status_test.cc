#include <cerrno>

#include <doctest/doctest.h>

#include <weft/runtime/status.h>

using namespace weft;

TEST_CASE("an OK status costs a pointer and says so") {
  Status status;
  CHECK(status.ok());
  CHECK(status.code() == Code::ok);
  CHECK(sizeof(status) == sizeof(void*));
}

TEST_CASE("a status carries a typed detail that is found by its type alone") {
  struct NotFound {
    std::string key;
  };
  struct Denied {};
  Status status = Status::carrying(Code::unknown, "NotFound", NotFound{"k"});
  REQUIRE(status.get_if<NotFound>());
  CHECK(status.get_if<NotFound>()->key == "k");
  CHECK(status.get_if<Denied>() == nullptr);
  Status copy = status;
  CHECK(copy.get_if<NotFound>()->key == "k");
}

TEST_CASE("a status keeps the first places it passed and drops the rest") {
  Status status = not_found("x");
  for (int i = 0; i < 100; ++i) status.passed(std::source_location::current());
  CHECK(status.path().size() == Status::path_max);
  CHECK(status.to_string() == "not_found: x");
  CHECK(status.to_string(true).find("status_test.cc") != std::string::npos);
}

TEST_CASE("a failed system call has the code that says what to do about it") {
  CHECK(from_errno(ENOSPC, "write").code() == Code::resource_exhausted);
  CHECK(from_errno(EDQUOT, "write").code() == Code::resource_exhausted);
  CHECK(from_errno(EROFS, "open").code() == Code::permission_denied);
  CHECK(from_errno(EISDIR, "open").code() == Code::failed_precondition);
  CHECK(from_errno(EEXIST, "open").code() == Code::already_exists);
  CHECK(from_errno(EFBIG, "write").code() == Code::out_of_range);
  CHECK(from_errno(EIO, "sync") == data_loss("sync: Input/output error"));
}
