// Connections and servers that come and go: nothing may be left behind.
#include <dirent.h>
#include <random>

#include "probe_service.h"

using namespace weft;
using probe::Probe;
using test::Served;

namespace {

int open_descriptors() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  while (readdir(directory)) ++count;
  closedir(directory);
  return count;
}

/// Connects, says some part of something, and leaves without a word.
Task<void> rude_peer(std::string address, unsigned seed) {
  std::minstd_rand random{seed};
  Address parsed = co_await Address::parse(address);
  auto socket = co_await attempt(connect_socket(parsed));
  if (!socket) co_return;
  // A whole call of echo("xyz"), of which a random part is sent, perhaps several times over.
  static constexpr std::string_view call{
      "\0\0\0\x0e\x82\x21\x01\x04"
      "echo\x18\x03xyz\0",
      18};
  std::size_t size = random() % (call.size() + 1);
  for (unsigned i = random() % 4; i > 0; --i) socket->write(Bytes(call));
  socket->write(Bytes(call.substr(0, size)));
  if (random() % 2) co_await sleep(std::chrono::microseconds(random() % 3000));
  if (random() % 4 == 0)
    std::ignore = co_await attempt(
        within(5ms, [](Socket* s) -> Task<Bytes> { co_return co_await s->receive(); }(&*socket)));
}

Task<void> impatient_client(std::string address, unsigned seed) {
  std::minstd_rand random{seed};
  Probe::Client client{channel(address)};
  for (int i = 0; i < 5; ++i) {
    auto limit = std::chrono::microseconds(random() % 4000);
    auto token = static_cast<std::int32_t>(random());
    auto result =
        co_await attempt(within(limit, client.wait(static_cast<std::int32_t>(random() % 4), token)));
    if (result) CHECK(*result == token);
  }
}

}  // namespace

WEFT_IO_TEST("rude peers and impatient clients leave nothing behind") {
  int before = open_descriptors();
  {
    Served served;
    std::string address = served.start();
    Scope scope = co_await Scope::open();
    for (unsigned seed = 0; seed < 300; ++seed) {
      scope.spawn(rude_peer(address, seed));
      scope.spawn(impatient_client(address, seed));
      if (seed % 16 == 0) co_await sleep(1ms);
    }
    co_await scope.join();
    auto client = co_await connect<Probe>(address);
    std::string text = co_await client.echo("well");
    CHECK(text == "well");
    co_await served.stop();
    CHECK(served.observed.running == 0);
  }
  // This loop's own closed sockets go with their last completions.
  for (int i = 0; i < 1500 && open_descriptors() > before; ++i) co_await sleep(5ms);
  CHECK(open_descriptors() <= before);
}

WEFT_IO_TEST("a server starts and stops many times, with calls in flight") {
  int before = open_descriptors();
  for (int round = 0; round < 60; ++round) {
    Served served{{.drain_timeout = 1ms}};
    std::string address = served.start();
    auto client = co_await connect<Probe>(address);
    ScopeOptions scope_options{.keep_going = true};
    Scope scope = co_await Scope::open(scope_options);
    struct Body {
      static Task<void> call(const Probe::Client* client) {
        std::ignore = co_await attempt(client->wait(1000, 1));
      }
    };
    for (int i = 0; i < 3; ++i) scope.spawn(Body::call(&client));
    if (round % 3) co_await client.note(1);
    co_await served.stop();
    co_await scope.join();
  }
  for (int i = 0; i < 1500 && open_descriptors() > before; ++i) co_await sleep(5ms);
  CHECK(open_descriptors() <= before);
}
