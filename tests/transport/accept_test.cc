// Which core serves a new connection, and that none is lost on its way there.
#include <algorithm>
#include <atomic>
#include <map>

#include "probe_service.h"

using namespace weft;
using probe::Probe;

namespace {

/// Answers `echo` with the core that it runs on.
class WhereService final : public test::ProbeService {
 public:
  Task<std::string> echo(std::string) override { co_return std::to_string(this_core()); }
};

ServerOptions with(ServerAccept accept, std::string listen = "127.0.0.1:0") {
  ServerOptions options;
  options.listen = std::move(listen);
  options.cores = 4;
  options.pin = false;
  options.accept = accept;
  return options;
}

std::string start(Server& server) {
  server.add<WhereService>();
  Status status = server.start();
  REQUIRE_MESSAGE(status.ok(), status.to_string());
  return server.address().to_string();
}

Task<void> connect_and_ask(std::string address, std::vector<Probe::Client>* clients,
                           std::map<std::string, int>* served) {
  auto client = co_await connect<Probe>(address);
  std::string core = co_await client.echo("where");
  ++(*served)[core];
  clients->push_back(std::move(client));
}

/// Of the most and the fewest connections that a core has.
int difference(const std::map<std::string, int>& served, unsigned cores) {
  int most = 0, fewest = served.size() < cores ? 0 : INT32_MAX;
  for (auto& [core, count] : served) {
    most = std::max(most, count);
    fewest = std::min(fewest, count);
  }
  return most - fewest;
}

/// Connects without end, and says a little on some of the connections.
Task<void> storm(Address address, std::atomic<bool>* over, std::atomic<int>* connected) {
  while (!*over) {
    auto socket = co_await attempt(connect_socket(address));
    if (!socket) {
      co_await yield();
      continue;
    }
    if (++*connected % 3 == 0) socket->write(Bytes(std::string_view{"\0\0\0\x0e\x82", 5}));
    if (*connected % 5 == 0) co_await yield();
  }
}
Task<void> stop_soon(Server* server, std::atomic<int>* connected, int enough, std::atomic<bool>* over) {
  while (*connected < enough) co_await sleep(1ms);
  server->stop();
  co_await sleep(3ms);
  *over = true;
}

}  // namespace

WEFT_MACHINE_TEST("balanced cores have about as many connections each, whoever the kernel gave them to") {
  for (std::string listen : {std::string("127.0.0.1:0"), test::unix_address("@weft-accept")}) {
    Server server{with(ServerAccept::balanced, listen)};
    std::string address = start(server);
    std::vector<Probe::Client> clients;
    std::map<std::string, int> served;
    // One after the other, as few as there are cores: one each.
    for (int i = 0; i < 4; ++i) co_await connect_and_ask(address, &clients, &served);
    CHECK(difference(served, 4) == 0);
    Scope scope = co_await Scope::open();
    for (int i = 0; i < 60; ++i) scope.spawn(connect_and_ask(address, &clients, &served));
    co_await scope.join();
    CHECK(clients.size() == 64);
    // Cores that choose at the same moment do not see each other's choice.
    CHECK(difference(served, 4) <= 6);
    for (auto& client : clients) {
      std::string core = co_await client.echo("still there");
      CHECK(served.contains(core));
    }
  }
}

WEFT_MACHINE_TEST("a core that closed its connections gets the next ones") {
  Server server{with(ServerAccept::balanced)};
  std::string address = start(server);
  std::vector<Probe::Client> clients;
  std::map<std::string, int> served;
  for (int i = 0; i < 8; ++i) co_await connect_and_ask(address, &clients, &served);
  CHECK(difference(served, 4) == 0);
  clients.clear();
  served.clear();
  // The server hears of it a little later.
  for (int patience = 2000; patience > 0; --patience) {
    for (int i = 0; i < 8; ++i) co_await connect_and_ask(address, &clients, &served);
    if (difference(served, 4) == 0) break;
    clients.clear();
    served.clear();
    co_await sleep(2ms);
  }
  CHECK(difference(served, 4) == 0);
}

WEFT_MACHINE_TEST("hashed connections stay where the kernel put them, and are all served") {
  Server server{with(ServerAccept::hashed)};
  std::string address = start(server);
  std::vector<Probe::Client> clients;
  std::map<std::string, int> served;
  Scope scope = co_await Scope::open();
  for (int i = 0; i < 64; ++i) scope.spawn(connect_and_ask(address, &clients, &served));
  co_await scope.join();
  CHECK(clients.size() == 64);
}

WEFT_MACHINE_TEST("balanced cores are filled up to connections_max before a connection is turned away") {
  ServerOptions options = with(ServerAccept::balanced);
  options.connections_max = 3;
  Server server{std::move(options)};
  std::string address = start(server);
  std::vector<Probe::Client> clients;
  std::map<std::string, int> served;
  for (int i = 0; i < 12; ++i) co_await connect_and_ask(address, &clients, &served);
  CHECK(difference(served, 4) == 0);
  auto refused = co_await attempt(connect_and_ask(address, &clients, &served));
  CHECK_FALSE(refused);
}

WEFT_MACHINE_TEST("a server stopped in a storm of connections closes every one of them") {
  int before = test::open_descriptors();
  for (std::string listen : {std::string("127.0.0.1:0"), test::unix_address("@weft-storm")})
    for (int round = 0; round < 15; ++round) {
      {
        ServerOptions options = with(ServerAccept::balanced, listen);
        options.drain_timeout = 1ms;
        Server server{std::move(options)};
        std::string text = start(server);
        Address address = co_await Address::parse(text);
        std::atomic<bool> over{false};
        std::atomic<int> connected{0};
        Scope scope = co_await Scope::open();
        for (int i = 0; i < 16; ++i) scope.spawn(storm(address, &over, &connected));
        scope.spawn(stop_soon(&server, &connected, 20 * round, &over));
        co_await scope.join();
        server.stop();
        CHECK(server.wait() == Status{});
      }
      for (int i = 0; i < 200 && test::open_descriptors() > before; ++i) co_await sleep(5ms);
      REQUIRE(test::open_descriptors() <= before);
    }
}
