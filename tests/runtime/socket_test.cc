#include <unistd.h>

#include <weft/runtime/resolve.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>

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
Task<void> serve(Listener* listener, int connections) {
  Scope scope = co_await Scope::open();
  for (int i = 0; i < connections; ++i) scope.spawn(echo(co_await listener->accept()));
  co_await scope.join();
}
Task<std::string> exchange(Socket* socket, std::string text) {
  socket->write(Bytes(text));
  std::string back;
  while (back.size() < text.size()) {
    Bytes piece = co_await socket->receive();
    if (piece.empty()) co_return unavailable("closed early");
    back += piece.view();
  }
  co_return back;
}
Address address_of(const std::string& text) { return *Address::parse(text); }

Task<void> echo_over(std::string where) {
  auto listener = Listener::open(address_of(where));
  REQUIRE_MESSAGE(listener, listener.status().to_string());
  Scope scope = co_await Scope::open();
  scope.spawn(serve(&*listener, 1));
  Socket socket = co_await connect_socket(listener->address());
  std::string small = co_await exchange(&socket, "hello");
  CHECK(small == "hello");
  std::string large(3'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 7);
  std::string back = co_await exchange(&socket, large);
  CHECK(back == large);
  socket.shutdown_write();
  Bytes end = co_await socket.receive();
  CHECK(end.empty());
  co_await scope.join();
}

}  // namespace

WEFT_IO_TEST("bytes come back over TCP, small and large, and the end of the stream is seen") {
  co_await echo_over("127.0.0.1:0");
}
WEFT_IO_TEST("bytes come back over an abstract Unix socket") {
  co_await echo_over(weft::test::unix_address("@weft-socket-test"));
}
WEFT_IO_TEST("bytes come back over IPv6") { co_await echo_over("[::1]:0"); }

WEFT_IO_TEST("a refused connection says that nothing was sent") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  Address address = listener->address();
  listener->close();
  co_await sleep(5ms);
  auto socket = co_await attempt(connect_socket(address));
  REQUIRE(!socket);
  CHECK(socket.status().code() == Code::unavailable);
  CHECK(socket.status().reach() == Reach::never_sent);
}

WEFT_IO_TEST("a cancelled receive loses nothing") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  Scope scope = co_await Scope::open();
  scope.spawn(serve(&*listener, 1));
  Socket socket = co_await connect_socket(listener->address());
  struct Receive {
    static Task<Bytes> once(Socket* socket) { co_return co_await socket->receive(); }
  };
  auto nothing = co_await attempt(within(2ms, Receive::once(&socket)));
  CHECK(nothing.status().code() == Code::deadline_exceeded);
  std::string back = co_await exchange(&socket, "after");
  CHECK(back == "after");
  socket.close();
  co_await scope.join();
}

WEFT_IO_TEST("a peer that is not read stops receiving at its bound, and everything arrives later") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  struct Body {
    static Task<void> flood(Socket socket, std::size_t total) {
      for (std::size_t sent = 0; sent < total; sent += 65536) {
        socket.write(Bytes(std::string(65536, 'f')));
        co_await socket.drain_below(1 << 20);
      }
      co_await socket.flush();
    }
  };
  Scope scope = co_await Scope::open();
  SocketOptions options{.receive_ahead_max = 128 * 1024};
  auto accepted = [](Listener* l, SocketOptions o) -> Task<Socket> { co_return co_await l->accept(o); };
  Task<Socket> accepting = accepted(&*listener, options);
  Socket client = co_await connect_socket(listener->address());
  Socket server = co_await std::move(accepting);
  constexpr std::size_t total = 64 * 65536;
  scope.spawn(Body::flood(std::move(client), total));
  co_await sleep(30ms);
  std::size_t got = 0;
  while (got < total) {
    Bytes piece = co_await server.receive();
    if (piece.empty()) break;
    got += piece.size();
  }
  CHECK(got == total);
  co_await scope.join();
}

WEFT_IO_TEST("many connections are opened, used and closed") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  Scope scope = co_await Scope::open();
  scope.spawn(serve(&*listener, 300));
  for (int round = 0; round < 300; ++round) {
    Socket socket = co_await connect_socket(listener->address());
    std::string back = co_await exchange(&socket, "x");
    CHECK(back == "x");
  }
  co_await scope.join();
}

WEFT_IO_TEST("whoever keeps what it received does not stop others from receiving") {
  // More pieces than the loop has receive buffers, each kept and each in a buffer of its own.
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  REQUIRE(listener);
  Scope scope = co_await Scope::open();
  scope.spawn(serve(&*listener, 1));
  Socket socket = co_await connect_socket(listener->address());
  std::vector<Bytes> kept;
  for (int i = 0; i < 600; ++i) {
    std::string text = std::to_string(i), back;
    socket.write(Bytes(text));
    while (back.size() < text.size()) {
      kept.push_back(co_await socket.receive());
      back += kept.back().view();
    }
    CHECK(back == text);
  }
  CHECK(kept.size() >= 600);
  socket.close();
  co_await scope.join();
}

namespace {

/// `size` bytes of a sequence that never repeats itself at the same place.
std::string pattern(std::size_t from, std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((from + i) * 2654435761u >> 13);
  return text;
}

Task<void> write_in_bursts(Socket* socket, std::vector<std::size_t> bursts) {
  std::size_t at = 0;
  for (std::size_t size : bursts) {
    socket->write(Bytes(pattern(at, size)));
    at += size;
    co_await socket->flush();
    if (size < 1000) co_await sleep(100us);  // so that it comes as a piece of its own
  }
  socket->shutdown_write();
}

}  // namespace

WEFT_IO_TEST("a stream that changes between large and small pieces loses and reorders nothing") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  Scope scope = co_await Scope::open();
  Socket client = co_await connect_socket(listener->address());
  Socket server = co_await listener->accept();
  std::vector<std::size_t> bursts;
  std::size_t total = 0;
  for (int round = 0; round < 4; ++round) {
    for (std::size_t i = 0; i < 4; ++i) bursts.push_back(100'000 + i * 77'777);
    for (std::size_t i = 0; i < 40; ++i) bursts.push_back(1 + i * 13);
  }
  for (std::size_t size : bursts) total += size;
  scope.spawn(write_in_bursts(&client, bursts));
  std::size_t got = 0;
  bool same = true;
  for (;;) {
    Bytes piece = co_await server.receive();
    if (piece.empty()) break;
    same &= piece.view() == pattern(got, piece.size());
    got += piece.size();
  }
  CHECK(same);
  CHECK(got == total);
  co_await scope.join();
}

WEFT_IO_TEST("the end of a stream is seen right behind large pieces") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  for (int round = 0; round < 20; ++round) {
    Scope scope = co_await Scope::open();
    Socket client = co_await connect_socket(listener->address());
    Socket server = co_await listener->accept();
    scope.spawn(write_in_bursts(&client, {65'536, 200'000, static_cast<std::size_t>(1 + round * 5'000)}));
    std::size_t got = 0;
    for (;;) {
      Bytes piece = co_await server.receive();
      if (piece.empty()) break;
      got += piece.size();
      if (round % 2) co_await sleep(200us);
    }
    CHECK(got == 65'536 + 200'000 + 1 + static_cast<std::size_t>(round) * 5'000);
    co_await scope.join();
  }
}

WEFT_IO_TEST("a connection that is reset amid large pieces ends, and takes nothing more") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  Socket client = co_await connect_socket(listener->address());
  Socket server = co_await listener->accept();
  for (int i = 0; i < 40; ++i) client.write(Bytes(pattern(0, 100'000)));
  for (int i = 0; i < 40; ++i) server.write(Bytes(pattern(0, 100'000)));
  for (int i = 0; i < 4; ++i) {
    Bytes piece = co_await server.receive();
    CHECK(!piece.empty());
  }
  client.close();  // with data unread: the kernel resets
  for (;;) {
    struct Receive {
      static Task<Bytes> once(Socket* socket) { co_return co_await socket->receive(); }
    };
    auto piece = co_await attempt(Receive::once(&server));
    if (piece && !piece->empty()) continue;
    // The kernel tells one of receiving and sending why, the other that it is over.
    if (!piece) CHECK(piece.status().code() == Code::unavailable);
    break;
  }
  struct Flush {
    static Task<void> all(Socket* socket) { co_await socket->flush(); }
  };
  server.write(Bytes(pattern(0, 100'000)));
  auto flushed = co_await attempt(Flush::all(&server));
  CHECK(!flushed);
}

namespace {

Task<void> close_when(Event* event, Socket* socket) {
  co_await event->wait();
  socket->close();
}

Task<void> close_listener_when(Event* event, Listener* listener) {
  co_await event->wait();
  listener->close();
}

}  // namespace

TEST_CASE("who closes a socket or a listener just when something has come for it takes nothing away") {
  if (test::wants_cancellation()) return;
  // Whether the one that closes or the one that waits goes on first is up to the seed.
  int received = 0, accepted = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    struct Body {
      static Task<void> receive(Socket* socket, int* count) {
        auto piece = co_await attempt(socket->receive());
        *count += piece && piece->view() == "x";
      }
      static Task<void> accept(Listener* listener, int* count) {
        auto socket = co_await attempt(listener->accept());
        *count += socket.ok();
      }
      static Task<void> run(int* received, int* accepted) {
        Address any = co_await Address::parse(":9000");
        Listener listener = co_await Listener::open(any);
        Socket near = co_await connect_socket("test:9000");
        Socket far = co_await listener.accept();
        Scope scope = co_await Scope::open();
        Event both;
        scope.spawn(receive(&far, received));
        scope.spawn(close_when(&both, &far));
        near.write(Bytes("x"));
        near.shutdown_write();
        co_await sleep(10us);  // about when it arrives
        both.set();
        co_await scope.join();
        Event again;
        Scope other = co_await Scope::open();
        other.spawn(accept(&listener, accepted));
        other.spawn(close_listener_when(&again, &listener));
        auto late = co_await attempt(connect_socket("test:9000"));
        again.set();
        co_await other.join();
      }
    };
    Simulation simulation{{.seed = seed}};
    auto result = simulation.run(Body::run(&received, &accepted));
    CHECK_MESSAGE(result, result.status().to_string(true));
  }
  CHECK(received + accepted > 0);
}

WEFT_IO_TEST("what came before a connection broke is received before the failure is") {
  auto listener = Listener::open(address_of("127.0.0.1:0"));
  Socket client = co_await connect_socket(listener->address());
  Socket server = co_await listener->accept();
  server.write(Bytes("unread"));
  client.write(Bytes("last words"));
  co_await client.flush();
  co_await server.flush();
  std::string words;
  while (words.size() < 10) {
    Bytes piece = co_await server.receive();
    words += piece.view();
  }
  CHECK(words == "last words");
  co_await sleep(5ms);
  client.close();  // with something unread: a reset
  auto broken = co_await attempt(server.receive());
  REQUIRE(!broken);
  CHECK(broken.status().code() == Code::unavailable);
}
