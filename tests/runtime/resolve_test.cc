#include <string>

#include <weft/runtime/resolve.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

Address address_of(const std::string& text) { return *Address::parse(text); }

Task<void> accept_one(Listener* listener, Socket* accepted) { *accepted = co_await listener->accept(); }

}  // namespace

TEST_CASE("a host and a port are told apart, and what is neither is named") {
  auto name = HostPort::split("example.com:80");
  REQUIRE(name);
  CHECK(name->host == "example.com");
  CHECK(name->port == 80);
  CHECK(!name->is_numeric());
  CHECK(HostPort::split("[::1]:5")->host == "::1");
  CHECK(HostPort::split("[::1]:5")->is_numeric());
  for (const char* wrong : {"example.com", "example.com:", "example.com:x", "example.com:65536", "exa mple:1",
                            "[name]:1", "a/b:1", "user@host:1"})
    CHECK_MESSAGE(HostPort::split(wrong).status().code() == Code::invalid_argument, wrong);
}

WEFT_IO_TEST("addresses resolve to themselves") {
  auto addresses = co_await resolve("127.0.0.1:80");
  REQUIRE(addresses.size() == 1);
  CHECK(addresses[0].to_string() == "127.0.0.1:80");
  addresses = co_await resolve("unix:@name");
  CHECK(addresses[0].to_string() == "unix:@name");
  auto wrong = co_await attempt(resolve("no port"));
  CHECK(wrong.status().code() == Code::invalid_argument);
}

WEFT_IO_TEST("a name that the system knows resolves, one that nobody knows was never sent to") {
  // The name of this machine's loopback, as /etc/hosts has it.
  auto addresses = co_await attempt(resolve("localhost.:80"));
  if (addresses) CHECK(addresses->front().port() == 80);
  auto unknown = co_await attempt(resolve("no-such-host.invalid:80"));
  CHECK(unknown.status().code() == Code::unavailable);
  CHECK(unknown.status().reach() == Reach::never_sent);
}

WEFT_IO_TEST("the next address is tried when one refuses") {
  Listener listener = co_await Listener::open(address_of("127.0.0.1:0"));
  Listener gone = co_await Listener::open(address_of("127.0.0.1:0"));
  Address refusing = gone.address();
  gone.close();
  co_await sleep(5ms);
  std::vector<Address> addresses{refusing, refusing, listener.address()};
  Instant start = now();
  Socket socket = co_await connect_socket(addresses);
  CHECK(socket.peer_address().to_string() == listener.address().to_string());
  CHECK(now() - start < 450ms);  // before the delay of the third one is over
  std::vector<Address> only_refusing{refusing, refusing};
  auto refused = co_await attempt(connect_socket(only_refusing));
  CHECK(refused.status().reach() == Reach::never_sent);
}

WEFT_IO_TEST("the next address is tried when one does not answer, and the loser is closed") {
  // A listener whose queue is full answers nobody: the connection stays on its way.
  ListenOptions one{.backlog = 0};
  Listener silent = co_await Listener::open(address_of("127.0.0.1:0"), one);
  Scope scope = co_await Scope::open();
  std::vector<Socket> filling;
  for (int i = 0; i < 8; ++i) {
    auto filler = co_await attempt(within(20ms, connect_socket(silent.address())));
    if (!filler) break;
    filling.push_back(*std::move(filler));
  }
  CHECK(filling.size() < 8);
  Listener listener = co_await Listener::open(address_of("127.0.0.1:0"));
  Socket accepted;
  scope.spawn(accept_one(&listener, &accepted));
  std::vector<Address> addresses{silent.address(), listener.address()};
  Instant start = now();
  Socket socket = co_await connect_socket(addresses);
  CHECK(socket.peer_address().to_string() == listener.address().to_string());
  CHECK(now() - start >= 250ms);
  co_await scope.join();
}
