// Clients and servers that hold messages of different compilers, in each pairing, understand each other.
#include <utility>

#include "../support/weft_test.h"
#include "side.h"

using namespace weft;
using side::Side;

namespace {

/// The service itself as its client's peer, whichever compiler's the two are.
struct Local : Service {
  explicit Local(const Side& side) : service(side.make()) {}
  Task<Reply> call(Call call) override {
    for (const ServiceInfo* info = &service->weft_service(); info; info = info->base)
      for (const ServedMethod& served : info->methods)
        if (served.method.name == call.method().name) return served.serve(*service, std::move(call));
    return unknown();
  }
  static Task<Reply> unknown() { co_return unimplemented("no such method"); }

  std::unique_ptr<ServiceInterface> service;
};

constexpr std::pair<const Side*, const Side*> pairings[] = {
    {&side::by_weft, &side::by_weft},
    {&side::by_weft, &side::by_others},
    {&side::by_others, &side::by_weft},
    {&side::by_others, &side::by_others},
};

Task<void> ask_over(const Side* client, std::string address) {
  const ServicePtr connection = channel(address);
  const std::string said = co_await client->ask(connection);
  CHECK(said == side::asked);
  if (!client->stream) co_return;
  const std::string streamed = co_await client->stream(connection);
  CHECK(streamed == side::streamed);
}

}  // namespace

WEFT_TEST("a client and a server understand each other whatever classes their messages have") {
  for (const auto& [client, server] : pairings) {
    const std::string said = co_await client->ask(std::make_shared<Local>(*server));
    CHECK(said == side::asked);
  }
}

WEFT_TEST("messages of any class stream both ways") {
  for (const auto& [client, server] : pairings) {
    if (!client->stream) continue;
    const std::string said = co_await client->stream(std::make_shared<Local>(*server));
    CHECK(said == side::streamed);
  }
}

TEST_CASE("over a connection they do so too") {
  for (const auto& [client, server] : pairings) {
    Server running{{.listen = "127.0.0.1:0", .cores = 1, .pin = false}};
    server->add(running);
    REQUIRE(running.start().ok());
    test::run_io(ask_over(client, running.address().to_string()));
    running.stop();
    CHECK(running.wait().ok());
  }
}
