// A server on threads of its own.
#include "probe_service.h"

using namespace weft;
using test::Served;

TEST_SUITE_BEGIN("machine");

namespace {
struct Unmakeable : test::ProbeService {
  Unmakeable() { throw std::runtime_error("no"); }
};
}  // namespace

TEST_CASE("a service that cannot be made ends the server with what it threw") {
  Server server{{.listen = "127.0.0.1:0", .cores = 2, .pin = false}};
  server.add<Unmakeable>();
  CHECK(server.start().ok());
  Status status = server.wait();
  CHECK(status.code() == Code::internal);
  CHECK(status.message() == "exception: no");
}

TEST_CASE("a second server on the same address is refused") {
  for (const std::string& address :
       {std::string("127.0.0.1:0"), weft::test::unix_address("/tmp/weft-call-test")}) {
    Served first{{.listen = address}};
    first.start();
    Server second{{.listen = first.server().address().to_string(), .cores = 2}};
    second.add<test::ProbeService>();
    CHECK(second.start().code() == Code::already_exists);
  }
}

TEST_CASE("a server that cannot listen says why") {
  Server server{{.listen = "127.0.0.1:notaport"}};
  server.add<test::ProbeService>();
  CHECK(server.start().code() == Code::invalid_argument);
  Server empty{{.listen = "127.0.0.1:0"}};
  CHECK(empty.start().code() == Code::failed_precondition);
}

TEST_SUITE_END();
