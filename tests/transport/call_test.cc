// Calls through a real server and a real channel.
#include <weft/codec/application_exception.h>
#include <weft/middleware/timeout.h>

#include "probe_service.h"

using namespace weft;
using probe::Probe;
using test::Served;

WEFT_IO_TEST("a call reaches its handler and its reply comes back") {
  Served served;
  auto client = co_await connect<Probe>(served.start());
  std::string text = co_await client.echo("hello");
  CHECK(text == "hello");
  std::string large(1'000'000, 'q');
  text = co_await client.echo(large);
  CHECK(text == large);
}

WEFT_IO_TEST("a server listens on Unix sockets, with several cores") {
  Served served{{.listen = weft::test::unix_address("@weft-call-test")}};
  std::string address = served.start();
  for (int i = 0; i < 10; ++i) {
    auto client = co_await connect<Probe>(address);
    std::string text = co_await client.echo("unix");
    CHECK(text == "unix");
  }
}

WEFT_IO_TEST("a declared exception arrives typed, and the connection lives on") {
  Served served;
  auto client = co_await connect<Probe>(served.start());
  auto refused = co_await attempt(client.refuse(7));
  REQUIRE(!refused);
  const auto* exception = refused.status().get_if<probe::Refused>();
  REQUIRE(exception);
  CHECK(exception->why == "because");
  CHECK(exception->number == 7);
  int zero = co_await client.refuse(0);
  CHECK(zero == 0);
}

WEFT_IO_TEST("an exception that leaves a handler becomes internal, and the connection lives on") {
  Served served;
  auto client = co_await connect<Probe>(served.start());
  auto crashed = co_await attempt(client.crash("oops"));
  REQUIRE(!crashed);
  CHECK(crashed.status().code() == Code::internal);
  REQUIRE(crashed.status().get_if<ApplicationException>());
  CHECK(crashed.status().get_if<ApplicationException>()->type == ApplicationException::internal_error);
  int one = co_await client.crash("");
  CHECK(one == 1);
}

WEFT_IO_TEST("many calls share one connection, and all replies find their call") {
  Served served;
  auto client = co_await connect<Probe>(served.start());
  std::vector<Task<std::string>> calls;
  for (int i = 0; i < 3000; ++i) calls.push_back(client.echo(std::to_string(i)));
  auto replies = co_await all(std::move(calls));
  REQUIRE(replies.size() == 3000);
  for (int i = 0; i < 3000; ++i) CHECK(replies[static_cast<std::size_t>(i)] == std::to_string(i));
}

WEFT_IO_TEST("oneway calls arrive and are not waited for") {
  Served served;
  auto client = co_await connect<Probe>(served.start());
  for (int i = 0; i < 10; ++i) co_await client.note(1);
  int notes = 0;
  while (notes < 10) {
    notes = co_await client.notes();
    co_await yield();
  }
  CHECK(notes == 10);
}

WEFT_IO_TEST("a call that is too slow ends at its deadline, and its late reply is nobody else's") {
  Served served;
  auto client = co_await connect<Probe>(served.start());
  Instant start = now();
  auto slow = co_await attempt(within(20ms, client.wait(150, 1)));
  CHECK(slow.status().code() == Code::deadline_exceeded);
  CHECK(slow.status().reach() == Reach::unknown);
  CHECK(now() - start < 120ms);
  for (int i = 0; i < 5; ++i) {
    std::string text = co_await client.echo("next" + std::to_string(i));
    CHECK(text == "next" + std::to_string(i));
  }
}

WEFT_IO_TEST("a call without any deadline ends after the channel's call_timeout") {
  Served served;
  std::string address = served.start();
  Probe::Client client{channel(address, {.call_timeout = 30ms})};
  auto loop_without_deadline = co_await attempt(shield(client.wait(3000, 1)));
  CHECK(loop_without_deadline.status().code() == Code::deadline_exceeded);
}

WEFT_IO_TEST("a bad address and an absent server say that nothing was sent") {
  Probe::Client nowhere{channel("nonsense")};
  auto bad = co_await attempt(nowhere.notes());
  CHECK(bad.status().code() == Code::invalid_argument);
  CHECK(bad.status().reach() == Reach::never_sent);
  Probe::Client absent{channel("127.0.0.1:1")};
  auto refused = co_await attempt(absent.notes());
  CHECK(refused.status().code() == Code::unavailable);
  CHECK(refused.status().reach() == Reach::never_sent);
  auto again = co_await attempt(absent.notes());
  CHECK(again.status().reach() == Reach::never_sent);
}

WEFT_IO_TEST("a channel connects again after its server was restarted") {
  auto first = std::make_unique<Served>();
  std::string address = first->start();
  Probe::Client client{channel(address, {.reconnect_backoff = 1ms})};
  std::string text = co_await client.echo("one");
  CHECK(text == "one");
  co_await first->stop();
  auto lost = co_await attempt(client.echo("two"));
  CHECK(!lost);
  first.reset();
  Served second{{.listen = address}};
  second.start();
  for (;;) {
    auto third = co_await attempt(client.echo("three"));
    if (third) break;
    co_await sleep(5ms);
  }
}

WEFT_IO_TEST("server middleware wraps calls, and its deadline reaches the handler") {
  Served served;
  served.use(Timeout{500ms});
  auto client = co_await connect<Probe>(served.start());
  int left = co_await client.deadline();
  CHECK(left > 300);
  CHECK(left <= 500);
  auto slow = co_await attempt(client.wait(4000, 1));
  CHECK(!slow);
  INFO(slow.status().to_string());
  CHECK(slow.status().code() == Code::deadline_exceeded);
}

WEFT_IO_TEST("a dropped client ends its calls, and the server goes on") {
  Served served;
  std::string address = served.start();
  struct Body {
    static Task<void> call(std::shared_ptr<Probe::Client> client, Code* code) {
      auto result = co_await attempt(client->wait(1000, 1));
      *code = result.status().code();
    }
  };
  Code code = Code::ok;
  auto service = std::make_shared<Channel>(address);
  auto client = std::make_shared<Probe::Client>(service);
  Scope scope = co_await Scope::open();
  scope.spawn(Body::call(client, &code));
  while (served.observed.running == 0) co_await sleep(1ms);
  scope.cancel();
  co_await scope.join();
  CHECK(code == Code::cancelled);
  auto other = co_await connect<Probe>(address);
  std::string text = co_await other.echo("still here");
  CHECK(text == "still here");
}

WEFT_IO_TEST("stopping drains: a call in flight is answered, a new one finds no server") {
  Served served;
  std::string address = served.start();
  auto client = co_await connect<Probe>(address);
  struct Body {
    static Task<void> call(Probe::Client* client, int* token) { *token = co_await client->wait(100, 42); }
  };
  int token = 0;
  Scope scope = co_await Scope::open();
  scope.spawn(Body::call(&client, &token));
  while (served.observed.running == 0) co_await sleep(1ms);
  served.begin_to_stop();
  co_await scope.join();
  CHECK(token == 42);
  co_await served.stop();
  auto late = co_await attempt(connect<Probe>(address));
  CHECK(!late);
}

WEFT_IO_TEST("a drain ends at its time limit, and cancels what still runs") {
  Served served{{.drain_timeout = 50ms}};
  auto client = co_await connect<Probe>(served.start());
  struct Body {
    static Task<void> call(Probe::Client* client) { std::ignore = co_await attempt(client->wait(60'000, 1)); }
  };
  Scope scope = co_await Scope::open();
  scope.spawn(Body::call(&client));
  while (served.observed.running == 0) co_await sleep(1ms);
  Instant start = now();
  co_await served.stop();
  CHECK(now() - start < 2s);
  CHECK(served.observed.cancelled == 1);
  co_await scope.join();
}

WEFT_IO_TEST("a server serves on the loop of the one who spawns it, until it is cancelled") {
  Server server{{.listen = "127.0.0.1:0"}};
  server.add<test::ProbeService>();
  Scope scope = co_await Scope::open();
  scope.spawn(server.serve());
  auto client = co_await connect<Probe>(server.address().to_string());
  std::string text = co_await client.echo("here");
  CHECK(text == "here");
  scope.cancel();
  co_await scope.join();
  auto refused = co_await attempt(client.echo("gone"));
  REQUIRE(!refused);
  CHECK(refused.status().code() == Code::unavailable);
}
