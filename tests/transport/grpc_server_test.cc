// A scripted HTTP/2 client against a real server.
#include <array>

#include "grpc_service.h"
#include "http2_peer.h"

using namespace weft;
using namespace weft::test;

namespace {

Task<std::unique_ptr<Http2Peer>> connected(const GrpcServed* served) {
  std::string address = served->address();
  co_return co_await Http2Peer::connect(std::move(address));
}

/// Until it is so; the tests' time limit is the limit.
template <class Condition>
Task<void> until(Condition condition) {
  while (!condition()) co_await sleep(std::chrono::milliseconds(1));
}

constexpr auto zero = std::string_view("\0", 1);

}  // namespace

WEFT_IO_TEST("a request that comes in one piece, or byte by byte, is answered") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->call(1, "/test.Echo/Unary", "hello", {{"i-a", "1"}, {"t-b-bin", "AAE"}});
  Frame headers = co_await peer->next_of(frame::headers, 1);
  auto said = peer->fields(headers);
  CHECK(said[":status"] == "200");
  CHECK(said["content-type"] == "application/grpc");
  CHECK(said["i-a"] == "1");
  CHECK(!headers.ends());
  Frame data = co_await peer->next_of(frame::data, 1);
  CHECK(data.payload == grpc_message("hello"));
  CHECK(!data.ends());
  Frame trailers = co_await peer->next_of(frame::headers, 1);
  CHECK(trailers.ends());
  said = peer->fields(trailers);
  CHECK(said["grpc-status"] == "0");
  CHECK(said["t-b-bin"] == "AAE");
  CHECK(!said.contains(":status"));

  std::string address = served.address();
  Socket socket = co_await connect_socket(std::move(address));
  Http2Peer slow{std::move(socket)};
  std::string bytes =
      preface + encode(frame::settings, 0, 0, "") +
      encode(frame::headers, frame::end_headers, 1, block(request_fields("/test.Echo/Unary"))) +
      encode(frame::data, frame::end_stream, 1, grpc_message("hi"));
  for (char byte : bytes) {
    slow.raw(std::string(1, byte));
    co_await slow.socket().flush();
  }
  auto outcome = co_await slow.outcome(1);
  CHECK(outcome["grpc-status"] == "0");
  CHECK(outcome[":data"] == grpc_message("hi"));
}

WEFT_IO_TEST("what is no call of gRPC is refused in the words of HTTP or gRPC") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  struct {
    Fields fields;
    const char *name, *value;
  } table[] = {
      {request_fields("/test.Echo/Nothing"), "grpc-status", "12"},
      {request_fields("/test.Echo/unary"), "grpc-status", "12"},
      {request_fields("/test.Echo/Unary?x"), "grpc-status", "12"},
      {request_fields("/test.Echo/Unary/"), "grpc-status", "12"},
      {request_fields("/"), "grpc-status", "12"},
      {request_fields("/test.Echo/Unary", {{"grpc-timeout", "0n"}}), "grpc-status", "4"},
      {request_fields("/test.Echo/Unary", {{"grpc-timeout", "tomorrow"}}), "grpc-status", "13"},
      {request_fields("/test.Echo/Unary", {{"big", std::string(9000, 'x')}}), "grpc-status", "8"},
      {{{":method", "GET"}, {":scheme", "http"}, {":path", "/test.Echo/Unary"}, {":authority", "t"}},
       ":status",
       "405"},
      {{{":method", "POST"},
        {":scheme", "http"},
        {":path", "/test.Echo/Unary"},
        {":authority", "t"},
        {"content-type", "application/json"}},
       ":status",
       "415"},
      {{{":method", "POST"}, {":scheme", "http"}, {":authority", "t"}}, "rst", "1"},
      {request_fields("/test.Echo/Unary", {{"connection", "close"}}), "rst", "1"},
      {request_fields("/test.Echo/Unary", {{"Upper", "x"}}), "rst", "1"},
  };
  std::int32_t id = 1;
  for (const auto& row : table) {
    CAPTURE(id);
    peer->headers(id, row.fields, true);
    Frame first = co_await peer->next();
    while (first.id != id && first.type != 0xff) first = co_await peer->next();
    std::map<std::string, std::string> said;
    if (first.type == frame::headers) said = peer->fields(first);
    if (first.type == frame::rst_stream) said["rst"] = std::to_string(first.word());
    CHECK(said[row.name] == row.value);
    if (said.contains("grpc-status")) CHECK(said[":status"] == "200");
    id += 2;
  }
  peer->call(id, "/test.Echo/Unary", "still there");
  auto outcome = co_await peer->outcome(id);
  CHECK(outcome["grpc-status"] == "0");
}

WEFT_IO_TEST("a unary request has one whole message within the limit") {
  GrpcServed served{{.grpc = {.message_max = 1000}}};
  auto peer = co_await connected(&served);
  struct {
    std::string data;
    const char* status;
  } table[] = {
      {grpc_message(""), "0"},
      {grpc_message(std::string(1000, 'x')), "0"},
      {grpc_message(std::string(1001, 'x')), "8"},
      {"", "12"},
      {grpc_message("a") + grpc_message("b"), "12"},
      {grpc_message("abc").substr(0, 7), "13"},
      {grpc_message("abc").substr(0, 3), "13"},
      {grpc_message("abc", 2), "13"},
      {grpc_message("abc", 1), "13"},
      {std::string("\0\xff\xff\xff\xff", 5), "8"},
  };
  std::int32_t id = 1;
  for (const auto& row : table) {
    CAPTURE(id);
    peer->headers(id, request_fields("/test.Echo/Unary"));
    peer->data(id, row.data, true);
    auto outcome = co_await peer->outcome(id);
    CHECK(outcome["grpc-status"] == row.status);
    id += 2;
  }
}

WEFT_IO_TEST("a message beyond the limit is refused by its prefix, and the stream is then reset") {
  GrpcServed served{{.grpc = {.message_max = 1000}}};
  auto peer = co_await connected(&served);
  peer->headers(1, request_fields("/test.Echo/Unary"));
  peer->data(1, std::string("\0\0\x10\0\0", 5));
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome["grpc-status"] == "8");
  Frame reset = co_await peer->next_of(frame::rst_stream, 1);
  CHECK(reset.word() == 0);  // NO_ERROR
}

WEFT_IO_TEST("compressed requests are inflated within the limit, and others refused with what is accepted") {
  GrpcServed served{{.grpc = {.message_max = 1000}}};
  auto peer = co_await connected(&served);
  // gzip of 500 and of 2,000 zero bytes, without a name or time.
  const std::string head("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  std::int32_t id = 1;
  auto ask = [&](const std::string& encoding, const std::string& payload) {
    peer->headers(id, request_fields("/test.Echo/Unary", {{"grpc-encoding", encoding}}));
    peer->data(id, grpc_message(payload, 1), true);
    return std::exchange(id, id + 2);
  };
  auto outcome = co_await peer->outcome(ask("gzip", head + "broken"));
  CHECK(outcome["grpc-status"] == "13");
  outcome = co_await peer->outcome(ask("snappy", "x"));
  CHECK(outcome["grpc-status"] == "12");
  CHECK(outcome["grpc-accept-encoding"] == "identity,gzip,deflate");
  outcome = co_await peer->outcome(ask("identity", "x"));
  CHECK(outcome["grpc-status"] == "13");
  // What is not compressed may come whatever the encoding is.
  peer->headers(id, request_fields("/test.Echo/Unary", {{"grpc-encoding", "snappy"}}));
  peer->data(id, grpc_message("plain"), true);
  outcome = co_await peer->outcome(id);
  CHECK(outcome["grpc-status"] == "0");
}

WEFT_IO_TEST("a failure goes with its message and its trailers, without any reply") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->call(1, "/test.Echo/Fail", "");
  Frame only = co_await peer->next_of(frame::headers, 1);
  CHECK(only.ends());
  auto said = peer->fields(only);
  CHECK(said[":status"] == "200");
  CHECK(said["content-type"] == "application/grpc");
  CHECK(said["grpc-status"] == "5");
  CHECK(said["grpc-message"] == "no%09text %25 %C3%BC");
  CHECK(said["why-bin"] == "AP8");
}

WEFT_IO_TEST("the deadline ends a call, and its handler") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->call(1, "/test.Echo/Slow", "", {{"grpc-timeout", "50m"}});
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome["grpc-status"] == "4");
  co_await until([&] { return served.observed.cancelled == 1 && served.observed.running == 0; });
  // Also one whose request never ends.
  peer->headers(3, request_fields("/test.Echo/Unary", {{"grpc-timeout", "50m"}}));
  outcome = co_await peer->outcome(3);
  CHECK(outcome["grpc-status"] == "4");
}

WEFT_IO_TEST("a reset, and the end of the connection, cancel handlers") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->call(1, "/test.Echo/Slow", "");
  peer->call(3, "/test.Echo/Slow", "");
  co_await until([&] { return served.observed.running == 2; });
  peer->reset(1, 8);
  co_await until([&] { return served.observed.cancelled == 1; });
  CHECK(served.observed.running == 1);
  peer->socket().close();
  co_await until([&] { return served.observed.cancelled == 2; });
}

WEFT_IO_TEST("a stream too many is refused, and the others go on") {
  GrpcServed served{{.grpc = {.http2 = {.streams_max = 2}}}};
  auto peer = co_await connected(&served);
  Frame settings = co_await peer->next_of(frame::settings);
  CHECK(settings.payload.substr(0, 6) == std::string("\0\3", 2) + number(2));
  peer->call(1, "/test.Echo/Slow", "");
  peer->call(3, "/test.Echo/Slow", "");
  peer->call(5, "/test.Echo/Unary", "no");
  Frame refused = co_await peer->next_of(frame::rst_stream);
  CHECK(refused.id == 5);
  CHECK(refused.word() == 7);  // REFUSED_STREAM
  peer->reset(1, 8);
  co_await until([&] { return served.observed.cancelled == 1; });
  peer->call(7, "/test.Echo/Unary", "yes");
  auto outcome = co_await peer->outcome(7);
  CHECK(outcome[":data"] == grpc_message("yes"));
}

WEFT_IO_TEST("floods end their own connection with ENHANCE_YOUR_CALM") {
  GrpcServed served;
  std::string reset_pair, made_reset;
  // More than may be reset or refused, however many of them arrive at once: of those only streams_max begin.
  for (std::int32_t id = 1; id < 6'001; id += 2) {
    reset_pair += encode(frame::headers, frame::end_headers, id, block(request_fields("/test.Echo/Slow")));
    reset_pair += encode(frame::rst_stream, 0, id, number(8));
    Fields fields = request_fields("/test.Echo/Slow", {{"content-length", "1"}});
    made_reset += encode(frame::headers, frame::end_headers, id, block(fields));
    made_reset += encode(frame::data, frame::end_stream, id, "more");
  }
  auto many = [](int count, const std::string& one) {
    std::string all;
    for (int index = 0; index < count; ++index) all += one;
    return all;
  };
  std::string opened = encode(frame::headers, frame::end_headers, 1, block(request_fields("/test.Echo/Up")));
  const std::array<std::string, 8> floods{
      reset_pair,
      made_reset,
      encode(frame::headers, 0, 1, block(request_fields("/test.Echo/Up"))) +
          many(100, encode(frame::continuation, 0, 1, "")),
      many(20'000, encode(frame::settings, 0, 0, "")),
      many(10, encode(frame::ping, 0, 0, "12345678")),
      opened + many(20'000, encode(frame::data, 0, 1, "")),
      many(20'000, encode(frame::priority, 0, 1, number(3) + "x")),
      many(20'000, encode(0xee, 0, 0, "")),
  };
  for (std::size_t index = 0; index < floods.size(); ++index) {
    CAPTURE(index);
    auto peer = co_await connected(&served);
    peer->acknowledges = false;
    peer->raw(floods[index]);
    Frame goaway = co_await peer->next_of(frame::goaway);
    REQUIRE(goaway.type == frame::goaway);
    CHECK(goaway.word(4) == 11);
    Frame end = co_await peer->next_of(0xff);
    CHECK(end.type == 0xff);
  }
  co_await until([&] { return served.observed.running == 0; });
  auto peer = co_await connected(&served);
  peer->call(1, "/test.Echo/Unary", "served");
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome["grpc-status"] == "0");
}

WEFT_IO_TEST("frames for streams that are over are errors, except where the server has reset them") {
  GrpcServed served;
  struct {
    std::string before, after;
    std::uint32_t code;
    bool connection;
  } table[] = {
      {encode(frame::headers, 5, 1, block(request_fields("/test.Echo/Unary"))),
       encode(frame::data, 0, 1, "x"), 5, true},
      {encode(frame::headers, 5, 1, block(request_fields("/test.Echo/Unary"))),
       encode(frame::headers, 5, 1, block(request_fields("/test.Echo/Unary"))), 5, true},
      {encode(frame::headers, 4, 1, block(request_fields("/test.Echo/Unary"))) +
           encode(frame::rst_stream, 0, 1, number(8)),
       encode(frame::data, 0, 1, "x"), 5, false},
      {encode(frame::headers, 5, 5, block(request_fields("/test.Echo/Unary"))),
       encode(frame::headers, 5, 3, block(request_fields("/test.Echo/Unary"))), 1, true},
      {"", encode(frame::data, 0, 0, "x"), 1, true},
      {"", encode(frame::headers, 5, 0, block(request_fields("/test.Echo/Unary"))), 1, true},
      {"", encode(frame::headers, 5, 2, block(request_fields("/test.Echo/Unary"))), 1, true},
  };
  for (const auto& row : table) {
    auto peer = co_await connected(&served);
    peer->raw(row.before);
    if (!row.before.empty() && !row.before.ends_with(number(8)))
      std::ignore = co_await peer->next_of(frame::headers);
    peer->raw(row.after);
    Frame said = co_await peer->next_of(row.connection ? frame::goaway : frame::rst_stream);
    REQUIRE(said.type != 0xff);
    CHECK(said.word(row.connection ? 4 : 0) == row.code);
  }
}

WEFT_IO_TEST("a stream of replies waits for a caller that does not read") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->call(1, "/test.Echo/Endless", "");
  std::size_t got = 0;
  while (got < 65'535) {
    Frame data = co_await peer->next_of(frame::data, 1);
    REQUIRE(data.type == frame::data);
    got += data.payload.size();
  }
  CHECK(got == 65'535);
  peer->call(3, "/test.Echo/Unary", "");  // its reply fits no window; its status needs none
  Frame other = co_await peer->next_of(frame::headers, 3);
  CHECK(other.type == frame::headers);
  CHECK(served.observed.yielded < 30);  // the window and what may wait ahead, in messages of 10,000 bytes
  peer->reset(1, 8);
  co_await until([&] { return served.observed.running == 0; });
}

WEFT_IO_TEST("a message that is larger than the window arrives, and its window comes back") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  constexpr std::size_t size = 1'000'000;
  peer->headers(1, request_fields("/test.Echo/Up"));
  std::string wire = grpc_message(std::string(size, 'm'));
  std::size_t window = 64 * 1024, at = 0;
  std::int64_t connection = 65'535;
  while (at < wire.size()) {
    while (window > 0 && connection > 0 && at < wire.size()) {
      std::size_t part =
          std::min({window, wire.size() - at, std::size_t{16'384}, static_cast<std::size_t>(connection)});
      // Padding counts against the windows, too.
      bool pads = part > 100 && at % 3 == 0;
      std::string payload = wire.substr(at, pads ? part - 11 : part);
      at += payload.size();
      if (pads) payload = std::string(1, '\x0a') + payload + std::string(10, '\0');
      peer->send(frame::data, pads ? frame::padded : 0, 1, payload);
      window -= payload.size();
      connection -= static_cast<std::int64_t>(payload.size());
    }
    if (at == wire.size()) break;
    Frame update = co_await peer->next_of(frame::window_update);
    REQUIRE(update.type == frame::window_update);
    if (update.id == 1)
      window += update.word();
    else
      connection += update.word();
  }
  peer->data(1, "", true);
  peer->send(frame::window_update, 0, 0, number(2 << 20));
  peer->send(frame::window_update, 0, 1, number(2 << 20));
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome["grpc-status"] == "0");
  CHECK(outcome[":data"].size() == wire.size());
}

WEFT_IO_TEST("a server that stops says so twice, and finishes its calls") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->headers(1, request_fields("/test.Echo/Chat"));
  peer->data(1, grpc_message("a"));
  std::ignore = co_await peer->next_of(frame::data, 1);
  served.begin_to_stop();
  Frame first = co_await peer->next_of(frame::goaway);
  CHECK(first.word() == 0x7fffffff);
  CHECK(first.word(4) == 0);
  // One that was on its way is still served, until the PING between the two is acknowledged.
  Frame second = co_await peer->next_of(frame::goaway);
  CHECK(second.word() == 1);
  peer->data(1, grpc_message("b"), true);
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome[":data"] == grpc_message("b"));
  CHECK(outcome["grpc-status"] == "0");
  Frame end = co_await peer->next_of(0xff);
  CHECK(end.type == 0xff);
}

WEFT_IO_TEST("a connection that says nothing more than its protocol is closed") {
  GrpcServed served{{.grpc = {.http2 = {.handshake_timeout = std::chrono::milliseconds(300)}}}};
  for (const std::string& said : {preface.substr(0, 2), preface, preface.substr(0, 20)}) {
    std::string address = served.address();
    Socket socket = co_await connect_socket(std::move(address));
    Http2Peer peer{std::move(socket)};
    peer.raw(said);
    Frame end = co_await peer.next_of(0xff);
    CHECK(end.type == 0xff);
  }
}

WEFT_IO_TEST("trailers and an end without data are ends of a stream of requests") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->headers(1, request_fields("/test.Echo/Up"), true);
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome["grpc-status"] == "0");
  CHECK(outcome[":data"] == grpc_message(""));
  peer->headers(3, request_fields("/test.Echo/Up"));
  peer->data(3, grpc_message("x"));
  peer->headers(3, {{"trailer", "1"}}, true);
  outcome = co_await peer->outcome(3);
  CHECK(outcome[":data"] == grpc_message("x"));
  peer->headers(5, request_fields("/test.Echo/Up"));
  peer->data(5, grpc_message("x") + std::string(zero), true);
  outcome = co_await peer->outcome(5);
  CHECK(outcome["grpc-status"] == "13");
}
