#include <cstdlib>
#include <string>
#include <vector>

#include <weft/runtime/core_local.h>
#include <weft/runtime/file.h>
#include <weft/runtime/resolve.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

Task<void> echo(Socket socket) {
  for (;;) {
    Bytes bytes = co_await socket.receive();
    if (bytes.empty()) break;
    socket.write(std::move(bytes));
  }
  co_await socket.flush();
}

SocketOptions with_timeout(std::chrono::milliseconds user_timeout) {
  SocketOptions options;
  options.user_timeout = user_timeout;
  return options;
}

Task<void> serve() {
  Address any = co_await Address::parse(":9000");
  Listener listener = co_await Listener::open(any);
  Scope connections{{.keep_going = true}};
  auto ended = Status{};
  while (ended.ok()) {
    auto socket = co_await attempt(listener.accept(with_timeout(10s)));
    if (socket)
      connections.spawn(echo(*std::move(socket)));
    else
      ended = std::move(socket).status();
  }
  connections.cancel();
  co_await connections.join();
}

Task<std::string> receive(Socket* socket, std::size_t size) {
  std::string text;
  while (text.size() < size) {
    Bytes piece = co_await socket->receive();
    if (piece.empty()) co_return unavailable("the end");
    text += piece.view();
  }
  co_return text;
}

Task<std::string> exchange(Socket* socket, std::string text) {
  socket->write(Bytes(text));
  co_return co_await receive(socket, text.size());
}

Task<std::string> ask(std::string target, std::string text) {
  Socket socket = co_await connect_socket(target);
  co_return co_await exchange(&socket, std::move(text));
}

Task<Duration> ping() {
  Socket socket = co_await connect_socket("server:9000");
  Instant start = now();
  co_await exchange(&socket, "ping");
  co_return now() - start;
}

std::string pattern(std::size_t size) {
  std::string text(size, ' ');
  for (std::size_t index = 0; index < size; ++index)
    text[index] = static_cast<char>(index * 31 + index / 251);
  return text;
}

LinkOptions calm() { return {.latency = 1ms, .jitter = Duration::zero()}; }

}  // namespace

TEST_CASE("a client finds a server on another host by its name, and time is what the network takes") {
  Simulation simulation{{.link = calm()}};
  simulation.host("server").start(serve);
  auto took = simulation.run(ping());
  REQUIRE(took);
  CHECK(*took >= 2ms);
  CHECK(*took < 3ms);
  auto unknown = simulation.run(ask("nobody:9000", "x"));
  REQUIRE(!unknown);
  CHECK(unknown.status().code() == Code::unavailable);
  CHECK(unknown.status().reach() == Reach::never_sent);
  auto refused = simulation.run(ask("server:9001", "x"));
  REQUIRE(!refused);
  CHECK(refused.status().code() == Code::unavailable);
}

TEST_CASE("hosts have loopback addresses and Unix sockets of their own") {
  Simulation simulation;
  simulation.host("server").start(serve);
  auto local = simulation.run(ask("127.0.0.1:9000", "x"));
  CHECK(!local);  // it listens on another host
  struct Body {
    static Task<std::string> run(std::string where) {
      Address address = co_await Address::parse(where);
      Listener listener = co_await Listener::open(address);
      Socket near = co_await connect_socket(listener.address());
      Socket far = co_await listener.accept();
      near.write(Bytes("to myself"));
      co_return co_await receive(&far, 9);
    }
  };
  for (const char* where : {"127.0.0.1:0", "[::1]:7", "unix:/run/here", "unix:@there"}) {
    auto got = simulation.run(Body::run(where));
    REQUIRE_MESSAGE(got, got.status().to_string());
    CHECK(*got == "to myself");
  }
}

TEST_CASE("the same seed gives the same run, and another one another") {
  auto run = [](std::uint64_t seed) {
    Simulation simulation{{.seed = seed, .link = {.loss = 0.05}}};
    simulation.host("server").start(serve);
    for (int times = 0; times < 20; ++times) CHECK(simulation.run(ask("server:9000", pattern(50'000))));
    return simulation.trace_hash();
  };
  CHECK(run(1) == run(1));
  CHECK(run(2) == run(2));
  CHECK(run(1) != run(2));
}

TEST_CASE("the seed decides in which order tasks run that are ready") {
  struct Body {
    static Task<void> note(std::string* order, char name) {
      co_await yield();
      *order += name;
    }
    static Task<void> run(std::string* order) {
      Scope scope = co_await Scope::open();
      for (char name = 'a'; name < 'h'; ++name) scope.spawn(note(order, name));
      co_await scope.join();
    }
  };
  std::vector<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    std::string order;
    Simulation simulation{{.seed = seed}};
    CHECK(simulation.run(Body::run(&order)));
    orders.push_back(order);
  }
  CHECK((orders[0] != orders[1] || orders[1] != orders[2]));
}

TEST_CASE("loss delays and loses nothing") {
  Simulation simulation{{.link = {.loss = 0.05}}};
  simulation.host("server").start(serve);
  std::string text = pattern(1'000'000);
  auto back = simulation.run(ask("server:9000", text));
  REQUIRE_MESSAGE(back, back.status().to_string());
  CHECK(*back == text);
  CHECK(simulation.now() > Instant{200ms});  // some of it was sent again
}

TEST_CASE("a link has a bandwidth, which its connections share") {
  Simulation simulation{{.link = {.latency = 1ms, .bandwidth = 1'000'000}}};
  simulation.host("server").start(serve);
  struct Body {
    static Task<void> two() {
      std::vector<Task<std::string>> both;
      for (int index = 0; index < 2; ++index) both.push_back(ask("server:9000", std::string(500'000, 'x')));
      co_await all(std::move(both));
    }
  };
  CHECK(simulation.run(Body::two()));
  CHECK(simulation.now() > Instant{1s});
  CHECK(simulation.now() < Instant{2500ms});
}

TEST_CASE("what was sent while a link was cut arrives when it is mended") {
  Simulation simulation;
  simulation.host("server").start(serve);
  struct Body {
    static Task<void> run(Simulation* simulation) {
      Socket socket = co_await connect_socket("server:9000");
      co_await exchange(&socket, "before");
      simulation->cut("test", "server");
      socket.write(Bytes("after"));
      auto nothing = co_await attempt(within(5s, receive(&socket, 5)));
      CHECK(nothing.status().code() == Code::deadline_exceeded);
      simulation->mend("test", "server");
      std::string text = co_await receive(&socket, 5);
      CHECK(text == "after");
    }
  };
  auto result = simulation.run(Body::run(&simulation));
  CHECK_MESSAGE(result, result.status().to_string(true));
}

TEST_CASE("a connection over a cut link breaks for who sends after its user timeout, and only then") {
  for (bool one_way : {false, true}) {
    Simulation simulation;
    simulation.host("server").start(serve);
    struct Body {
      static Task<void> run(Simulation* simulation, bool one_way) {
        Socket socket = co_await connect_socket("server:9000", with_timeout(20s));
        co_await exchange(&socket, "before");
        if (one_way)
          simulation->cut_one_way("server", "test");  // it gets what we send, and we never know
        else
          simulation->isolate("server");
        socket.write(Bytes("lost"));
        Instant start = now();
        auto broken = co_await attempt(receive(&socket, 4));
        REQUIRE(!broken);
        CHECK(broken.status().code() == Code::unavailable);
        CHECK(now() - start >= 19s);
        CHECK(now() - start < 21s);
      }
    };
    auto result = simulation.run(Body::run(&simulation, one_way));
    CHECK_MESSAGE(result, result.status().to_string(true));
  }
}

TEST_CASE("nobody is told of a crash; who sends to the host when it is up again is") {
  Simulation simulation;
  Host& server = simulation.host("server");
  server.start(serve);
  struct Body {
    static Task<void> run(Host* server) {
      SocketOptions trusting;
      trusting.keepalive = 0s;
      Socket socket = co_await connect_socket("server:9000", trusting);
      co_await exchange(&socket, "before");
      server->crash();
      CHECK(!server->is_running());
      auto nothing = co_await attempt(within(std::chrono::hours(2), receive(&socket, 1)));
      CHECK(nothing.status().code() == Code::deadline_exceeded);  // a half-open connection
      auto refused = co_await attempt(within(1s, ask("server:9000", "x")));
      CHECK(refused.status().code() == Code::deadline_exceeded);
      server->restart();
      co_await sleep(1s);
      std::string text = co_await ask("server:9000", "again");
      CHECK(text == "again");
      auto reset = co_await attempt(exchange(&socket, "hello?"));
      REQUIRE(!reset);
      CHECK(reset.status().code() == Code::unavailable);
    }
  };
  auto result = simulation.run(Body::run(&server));
  CHECK_MESSAGE(result, result.status().to_string(true));
}

TEST_CASE("keepalive finds out that a peer is gone, or has forgotten the connection") {
  for (bool restarts : {false, true}) {
    Simulation simulation;
    Host& server = simulation.host("server");
    server.start(serve);
    struct Body {
      static Task<void> run(Host* server, bool restarts) {
        SocketOptions watchful;
        watchful.keepalive = 9s;
        Socket socket = co_await connect_socket("server:9000", watchful);
        auto quiet = co_await attempt(within(std::chrono::hours(1), receive(&socket, 1)));
        CHECK(quiet.status().code() == Code::deadline_exceeded);  // it answers the probes
        server->crash();
        if (restarts) server->restart();
        Instant start = now();
        auto gone = co_await attempt(receive(&socket, 1));
        CHECK(gone.status().code() == Code::unavailable);
        CHECK(now() - start < (restarts ? 10s : 20s));
      }
    };
    auto result = simulation.run(Body::run(&server, restarts));
    CHECK_MESSAGE(result, result.status().to_string(true));
  }
}

TEST_CASE("a crash takes the host's memory, and cancels its tasks where nobody sees it") {
  static CoreLocal<int> boots;
  static int ended = 0;
  struct Body {
    static Task<void> main() {
      ++*boots;
      auto asleep = co_await attempt(sleep(1h));
      CHECK(asleep.status().code() == Code::cancelled);
      co_await shield(sleep(10s));  // has all the time that it wants
      CHECK(*boots == 1);
      ++ended;
    }
  };
  ended = 0;
  Simulation simulation;
  Host& host = simulation.host("one");
  host.start(Body::main);
  for (int times = 1; times <= 3; ++times) {
    simulation.run_for(1s);
    host.restart();
    simulation.run_for(1ms);
    CHECK(ended == times);
  }
  CHECK(simulation.now() == Instant{3s + 3ms});
}

TEST_CASE("a main task that ends closes what it has open, and its status is kept") {
  struct Body {
    static Task<void> serve_once() {
      Address any = co_await Address::parse(":9000");
      Listener listener = co_await Listener::open(any);
      Socket socket = co_await listener.accept();
      co_await socket.receive();
      co_return co_await data_loss("that was all");
    }
  };
  Simulation simulation;
  Host& server = simulation.host("server");
  server.start(Body::serve_once);
  auto ended = simulation.run(ask("server:9000", "x"));
  REQUIRE(!ended);
  CHECK(ended.status().message().find("the end") != std::string::npos);
  CHECK(!server.is_running());
  CHECK(server.status().code() == Code::data_loss);
}

TEST_CASE("a paused host answers late, and a slow one slowly") {
  Simulation simulation{{.link = calm()}};
  Host& server = simulation.host("server");
  server.start(serve);
  simulation.run_for(1s);
  server.pause(5s);
  auto took = simulation.run(ping());
  REQUIRE(took);
  CHECK(simulation.now() > Instant{6s});
  server.set_turn_time(100ms);
  took = simulation.run(ping());
  REQUIRE(took);
  CHECK(*took >= 100ms);
}

TEST_CASE("resets and short reads do not hide behind luck: every exchange ends one way or the other") {
  Simulation simulation{{.seed = 5, .link = {.loss = 0.02, .reset = 0.01}}};
  simulation.host("server").start(serve);
  int whole = 0, broken = 0;
  for (int times = 0; times < 200; ++times) {
    std::string text = pattern(40'000);
    auto back = simulation.run(ask("server:9000", text));
    if (back) CHECK(*back == text);
    ++(back ? whole : broken);
  }
  CHECK(whole > 20);
  CHECK(broken > 5);
}

TEST_CASE("the seed with which a test fails is named, and can be repeated") {
  unsetenv("WEFT_SIM_SEED");
  std::vector<std::uint64_t> ran;
  auto fails_with_three = [&ran](Simulation& simulation) -> Status {
    ran.push_back(simulation.seed());
    return simulation.seed() == 3 ? internal("wrong") : Status{};
  };
  Status status = simulate_seeds(10, fails_with_three);
  CHECK(status.code() == Code::internal);
  CHECK(status.message().find("seed 3 (WEFT_SIM_SEED=3 repeats it)") != std::string::npos);
  CHECK(ran == std::vector<std::uint64_t>{1, 2, 3});
  setenv("WEFT_SIM_SEED", "7", 1);
  ran.clear();
  CHECK(simulate_seeds(10, fails_with_three).ok());
  CHECK(ran == std::vector<std::uint64_t>{7});
  unsetenv("WEFT_SIM_SEED");
}

TEST_CASE("the trace tells each event") {
  std::vector<std::string> lines;
  {
    Simulation simulation{{.trace = [&lines](std::string_view line) { lines.emplace_back(line); }}};
    simulation.host("server").start(serve);
    CHECK(simulation.run(ask("server:9000", "x")));
    simulation.host("server").crash();
  }
  std::string all;
  for (const std::string& line : lines) all += line + '\n';
  INFO(all);
  CHECK(all.find("server boots") != all.npos);
  CHECK(all.find("test connects to 10.0.0.1:9000 #1") != all.npos);
  CHECK(all.find("#1.1 gets 1 bytes") != all.npos);
  CHECK(all.find("server crashes") != all.npos);
}

namespace {

constexpr FileOptions to_write{.write = true, .create = true};

Task<void> write_and_sync(std::string path, std::string text, bool sync_name) {
  File file = co_await File::open(path, to_write);
  co_await file.write(0, Bytes(text));
  co_await file.sync();
  if (sync_name) co_await sync_folder("data");
}

Task<std::string> contents(std::string path) {
  Bytes bytes = co_await read_file(path, 1 << 20);
  co_return bytes.str();
}

}  // namespace

TEST_CASE("a crash keeps what was synced, name and contents, and of the rest what luck keeps") {
  int names_kept = 0, changes_kept = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    struct Body {
      static Task<void> prepare() {
        co_await write_and_sync("data/safe", "safe", true);
        co_await write_and_sync("data/nameless", "nameless", false);
        File file = co_await File::open("data/safe", to_write);
        co_await file.write(4, "more");
      }
    };
    Simulation simulation{{.seed = seed}};
    CHECK(simulation.run(Body::prepare()));
    simulation.host("test").crash();
    auto safe = simulation.run(contents("data/safe"));
    REQUIRE(safe);
    CHECK(safe->starts_with("safe"));
    CHECK(safe->size() <= 8);
    changes_kept += *safe == "safemore";
    auto nameless = simulation.run(contents("data/nameless"));
    if (nameless) CHECK(*nameless == "nameless");
    names_kept += nameless.ok();
  }
  CHECK(names_kept > 0);
  CHECK(names_kept < 40);
  CHECK(changes_kept > 0);
  CHECK(changes_kept < 40);
}

TEST_CASE("a file that replaces another is one of them after a crash") {
  int fresh = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    struct Body {
      static Task<void> replace() {
        co_await write_and_sync("data/now", "old", true);
        co_await write_and_sync("data/next", "new", false);
        co_await rename_file("data/next", "data/now");
      }
    };
    Simulation simulation{{.seed = seed}};
    CHECK(simulation.run(Body::replace()));
    simulation.host("test").crash();
    auto text = simulation.run(contents("data/now"));
    REQUIRE(text);
    CHECK((*text == "old" || *text == "new"));
    fresh += *text == "new";
  }
  CHECK(fresh > 0);
  CHECK(fresh < 40);
}

TEST_CASE("a disk is slow and full as it is told to be") {
  Simulation simulation;
  simulation.host("test").set_disk({.sync_latency = 1s, .capacity = 10});
  CHECK(simulation.run(write_and_sync("data/a", "12345", true)));
  CHECK(simulation.now() > Instant{1s});
  auto full = simulation.run(write_and_sync("data/b", "1234567", true));
  CHECK(full.status().code() == Code::resource_exhausted);
}

TEST_CASE("a main task that ends while its disk is asked for something ends all the same") {
  struct Body {
    static Task<void> main() {
      File file = co_await File::open("data/last", to_write);
      co_await file.write(0, "words");
      co_return co_await internal("enough");  // the file is closed now, which takes the disk its time
    }
  };
  Simulation simulation;
  simulation.host("one").start(Body::main);
  simulation.run_for(1s);
  CHECK(simulation.host("one").status().code() == Code::internal);
  simulation.host("one").start([] { return write_and_sync("data/first", "words", true); });
  simulation.run_for(1s);
  CHECK(simulation.host("one").status().ok());
}
