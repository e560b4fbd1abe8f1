// A channel against a scripted HTTP/2 server that does everything wrong that a server can.
#include <functional>

#include "grpc_service.h"
#include "http2_peer.h"

using namespace weft;
using namespace weft::test;

namespace {

using Script = std::function<void(Http2Peer& peer, std::int32_t id)>;

/// Plays one script for each stream that is opened, on one connection after the other.
struct ScriptedServer {
  explicit ScriptedServer(std::vector<Script> scripts) : scripts(std::move(scripts)) {
    Address local = *Address::parse("127.0.0.1:0");
    auto opened = Listener::open(local);
    REQUIRE(opened);
    listener = *std::move(opened);
  }
  std::string address() const { return listener.address().to_string(); }

  Listener listener;
  std::vector<Script> scripts;
  std::size_t played = 0, connections = 0;
  std::vector<std::map<std::string, std::string>> requests;
  std::vector<Frame> resets;
  std::string greeting = encode(frame::settings, 0, 0, "");
};

Task<void> play(std::shared_ptr<ScriptedServer> server) {
  for (;;) {
    Socket socket = co_await server->listener.accept();
    ++server->connections;
    Http2Peer peer{std::move(socket)};
    peer.raw(server->greeting);
    auto hello = co_await attempt(peer.preface_received());
    if (!hello) continue;
    for (;;) {
      Frame got = co_await peer.next();
      if (got.type == 0xff) break;
      if (got.type == frame::rst_stream) server->resets.push_back(got);
      if (got.type != frame::headers) continue;
      server->requests.push_back(peer.fields(got));
      std::size_t index = std::min(server->played++, server->scripts.size() - 1);
      server->scripts[index](peer, got.id);
      if (!peer.socket().is_open()) break;
    }
  }
}

Task<Reply> call(Channel* channel, const Method* method, std::string payload = {}) {
  Call call{*method, Chain{Bytes(payload)}};
  co_return co_await channel->call(std::move(call));
}

/// All messages of a stream of replies, and how it ended.
Task<Reply> drained(Channel* channel, const Method* method) {
  Reply reply = co_await call(channel, method);
  for (;;) {
    auto message = co_await reply.messages.next();
    if (!message) break;
    reply.payload.append(*message);
  }
  co_return reply;
}

Script answers(std::string data, Fields trailers = ok_trailers) {
  return [data, trailers](Http2Peer& peer, std::int32_t id) {
    peer.headers(id, response_fields);
    if (!data.empty()) peer.data(id, data);
    peer.headers(id, trailers, true);
  };
}
Script only(Fields fields) {
  return [fields](Http2Peer& peer, std::int32_t id) { peer.headers(id, fields, true); };
}
Script resets(std::uint32_t code) {
  return [code](Http2Peer& peer, std::int32_t id) { peer.reset(id, code); };
}
void silence(Http2Peer&, std::int32_t) {}

struct Case {
  const char* what;
  Script script;
  Code code;
  bool streams = false;  ///< the replies
};

std::vector<Case> cases() {
  using namespace std::string_literals;
  const std::string one = grpc_message("reply");
  return {
      {"a proper reply", answers(one), Code::ok},
      {"a reply of no bytes", answers(grpc_message("")), Code::ok},
      {"an interim response first",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, {{":status", "103"}});
         answers(one)(peer, id);
       },
       Code::ok},
      {"a reply byte by byte, padded",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, response_fields);
         for (char byte : one) peer.send(frame::data, frame::padded, id, "\3"s + byte + "\0\0\0"s);
         peer.headers(id, ok_trailers, true);
       },
       Code::ok},
      {"unknown frames between",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.send(0xbb, 0xff, id, "what");
         peer.send(0xbb, 0xff, 0, "what");
         answers(one)(peer, id);
       },
       Code::ok},
      {"no message", answers(""), Code::unimplemented},
      {"two messages", answers(one + one), Code::unimplemented},
      {"a message that ends early", answers(one.substr(0, 7)), Code::internal},
      {"a message with strange flags", answers(grpc_message("x", 4)), Code::internal},
      {"a compressed message without an encoding", answers(grpc_message("x", 1)), Code::internal},
      {"a message that is too large", answers("\0\x7f\xff\xff\xff"s), Code::resource_exhausted},
      {"trailers without a status", answers(one, {{"foo", "bar"}}), Code::unknown},
      {"a status that is no number", answers(one, {{"grpc-status", "no"}}), Code::unknown},
      {"a status out of range", answers(one, {{"grpc-status", "17"}}), Code::unknown},
      {"a failure after a message", answers(one, {{"grpc-status", "9"}}), Code::failed_precondition},
      {"the end on DATA",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, response_fields);
         peer.data(id, one, true);
       },
       Code::internal},
      {"a failure alone",
       only({{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "7"}}),
       Code::permission_denied},
      {"OK alone", only({{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "0"}}),
       Code::unimplemented},
      {"headers alone", only(response_fields), Code::unknown},
      {"HTTP 503", only({{":status", "503"}}), Code::unavailable},
      {"HTTP 404 with a page",
       [](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, {{":status", "404"}, {"content-type", "text/html"}});
         peer.data(id, "<html>", true);
       },
       Code::unimplemented},
      {"no :status", only({{"content-type", "application/grpc"}, {"grpc-status", "0"}}), Code::internal},
      {"an upper-case name",
       only({{":status", "200"}, {"content-type", "application/grpc"}, {"Grpc-Status", "0"}}),
       Code::internal},
      {"data before headers", [=](Http2Peer& peer, std::int32_t id) { peer.data(id, one, true); },
       Code::unavailable},
      {"trailers that do not end the stream",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, response_fields);
         peer.headers(id, ok_trailers);
       },
       Code::internal},
      {"headers beyond the limit", answers(one, {{"grpc-status", "0"}, {"big", std::string(10'000, 'x')}}),
       Code::resource_exhausted},
      {"NO_ERROR", resets(0), Code::internal},
      {"PROTOCOL_ERROR", resets(1), Code::internal},
      {"REFUSED_STREAM", resets(7), Code::unavailable},
      {"CANCEL", resets(8), Code::cancelled},
      {"ENHANCE_YOUR_CALM", resets(11), Code::resource_exhausted},
      {"INADEQUATE_SECURITY", resets(12), Code::permission_denied},
      {"an unknown code", resets(4711), Code::internal},
      {"a reset after trailers",
       [=](Http2Peer& peer, std::int32_t id) {
         answers(one)(peer, id);
         peer.reset(id, 0);
       },
       Code::ok},
      {"the connection closes", [](Http2Peer& peer, std::int32_t) { peer.socket().close(); },
       Code::unavailable},
      {"PUSH_PROMISE",
       [](Http2Peer& peer, std::int32_t id) {
         peer.send(frame::push, frame::end_headers, id, number(2) + block(request_fields("/x")));
       },
       Code::unavailable},
      {"a frame that is too large",
       [](Http2Peer& peer, std::int32_t id) { peer.data(id, std::string(20'000, 'x')); }, Code::unavailable},
      {"headers that cannot be decoded",
       [](Http2Peer& peer, std::int32_t id) {
         peer.send(frame::headers, frame::end_headers, id, "\xff\xff\xff\xff\xff");
       },
       Code::unavailable},
      {"bytes of another protocol",
       [](Http2Peer& peer, std::int32_t) { peer.raw("HTTP/1.1 400 Bad Request\r\n\r\n"); },
       Code::unavailable},
      {"a stream that was never opened",
       [](Http2Peer& peer, std::int32_t) { peer.headers(99, response_fields); }, Code::unavailable},
      {"a window beyond all bounds",
       [](Http2Peer& peer, std::int32_t id) { peer.send(frame::window_update, 0, id, number(0x7fffffff)); },
       Code::internal},
      {"a window update of nothing",
       [](Http2Peer& peer, std::int32_t) { peer.send(frame::window_update, 0, 0, number(0)); },
       Code::unavailable},
      {"a stream cut off after a message",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, response_fields);
         peer.data(id, one + one, true);
       },
       Code::internal, true},
      {"a stream of nothing",
       only({{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "0"}}), Code::ok,
       true},
      {"a stream of two", answers(one + one), Code::ok, true},
      {"a stream that fails", answers(one, {{"grpc-status", "15"}}), Code::data_loss, true},
      {"a stream that is reset",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, response_fields);
         peer.data(id, one);
         peer.reset(id, 2);
       },
       Code::internal, true},
      {"silence", silence, Code::deadline_exceeded},
      {"silence after a message",
       [=](Http2Peer& peer, std::int32_t id) {
         peer.headers(id, response_fields);
         peer.data(id, one);
       },
       Code::deadline_exceeded, true},
  };
}

}  // namespace

WEFT_IO_TEST("whatever a server does, a call ends with the code that gRPC has for it") {
  for (const Case& one : cases()) {
    CAPTURE(std::string(one.what));
    auto server = std::make_shared<ScriptedServer>(std::vector<Script>{one.script});
    Scope scope = co_await Scope::open({.keep_going = true});
    scope.spawn(play(server));
    Channel channel{server->address()};
    Duration limit = one.code == Code::deadline_exceeded ? 100ms : Duration(10s);
    Task<Reply> made = one.streams ? drained(&channel, &echo::down) : call(&channel, &echo::unary, "x");
    auto reply = co_await attempt(within(limit, std::move(made)));
    CHECK_MESSAGE(reply.status().code() == one.code, std::string(one.what), ": ", reply.status().to_string());
    scope.cancel();
    co_await scope.join();
  }
}

WEFT_IO_TEST("a request says what gRPC wants to hear, in that order") {
  auto server = std::make_shared<ScriptedServer>(std::vector<Script>{answers(grpc_message("r"))});
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(play(server));
  Channel channel{server->address()};
  Call asked{echo::unary, Chain{Bytes("x")}};
  asked.metadata.add("key", "value");
  asked.metadata.add("key-bin", std::string("\xff", 1));
  asked.metadata.add("grpc-secret", "dropped");
  Reply reply = co_await within(10s, channel.call(std::move(asked)));
  CHECK(reply.payload.flatten().view() == "r");
  REQUIRE(server->requests.size() == 1);
  auto said = server->requests[0];
  CHECK(said[":method"] == "POST");
  CHECK(said[":scheme"] == "http");
  CHECK(said[":path"] == "/test.Echo/Unary");
  CHECK(said[":authority"] == server->address());
  CHECK(said["te"] == "trailers");
  CHECK(said["content-type"] == "application/grpc");
  CHECK(said["user-agent"].starts_with("grpc-c++-weft/"));
  CHECK(said["grpc-accept-encoding"] == "identity,gzip,deflate");
  CHECK(said["key"] == "value");
  CHECK(said["key-bin"] == "/w");
  CHECK(!said["grpc-timeout"].empty());
  CHECK(!said.contains("grpc-secret"));
  scope.cancel();
  co_await scope.join();
}

WEFT_IO_TEST("metadata that cannot be sent fails the call before anything is sent") {
  auto server = std::make_shared<ScriptedServer>(std::vector<Script>{answers(grpc_message("r"))});
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(play(server));
  Channel channel{server->address()};
  Call asked{echo::unary, Chain{}};
  asked.metadata.add("Bad Name", "value");
  auto reply = co_await attempt(within(10s, channel.call(std::move(asked))));
  CHECK(reply.status().code() == Code::invalid_argument);
  CHECK(reply.status().reach() == Reach::never_sent);
  CHECK(server->requests.empty());
  reply = co_await attempt(within(10s, call(&channel, &echo::unary)));
  CHECK(reply.ok());
  scope.cancel();
  co_await scope.join();
}

WEFT_IO_TEST("a refused stream is sent once more, and a second refusal is the answer") {
  auto server = std::make_shared<ScriptedServer>(
      std::vector<Script>{resets(7), answers(grpc_message("second")), resets(7), resets(7), resets(7)});
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(play(server));
  Channel channel{server->address()};
  Reply reply = co_await within(10s, call(&channel, &echo::unary));
  CHECK(reply.payload.flatten().view() == "second");
  CHECK(server->requests.size() == 2);
  auto refused = co_await attempt(within(10s, call(&channel, &echo::unary)));
  CHECK(refused.status().code() == Code::unavailable);
  CHECK(refused.status().reach() == Reach::never_sent);
  CHECK(server->requests.size() == 4);
  scope.cancel();
  co_await scope.join();
}

WEFT_IO_TEST("streams above a GOAWAY's last are sent again elsewhere, those below it finish") {
  auto server = std::make_shared<ScriptedServer>(std::vector<Script>{});
  auto waiting = std::make_shared<std::int32_t>(0);
  server->scripts = {[waiting](Http2Peer&, std::int32_t id) { *waiting = id; },
                     [waiting](Http2Peer& peer, std::int32_t) {
                       peer.send(frame::goaway, 0, 0, number(1) + number(0));
                       answers(grpc_message("first"))(peer, *waiting);
                     },
                     answers(grpc_message("again"))};
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(play(server));
  Channel channel{server->address()};
  Task<Reply> one = call(&channel, &echo::unary, "1"), two = call(&channel, &echo::unary, "2");
  auto both = co_await within(10s, all(std::move(one), std::move(two)));
  CHECK(std::get<0>(both).payload.flatten().view() == "first");
  CHECK(std::get<1>(both).payload.flatten().view() == "again");
  CHECK(server->connections == 2);
  scope.cancel();
  co_await scope.join();
}

WEFT_IO_TEST("calls wait in order for one of the server's streams") {
  auto server = std::make_shared<ScriptedServer>(std::vector<Script>{answers(grpc_message("r"))});
  server->greeting = encode(frame::settings, 0, 0, std::string("\0\3", 2) + number(1));
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(play(server));
  Channel channel{server->address()};
  std::ignore = co_await within(10s, call(&channel, &echo::unary));  // its SETTINGS are known from here on
  std::vector<Task<Reply>> many;
  for (int index = 0; index < 20; ++index) {
    Call asked{echo::unary, Chain{}};
    asked.metadata.add("index", std::to_string(index));
    many.push_back(channel.call(std::move(asked)));
  }
  auto replies = co_await within(10s, all(std::move(many)));
  CHECK(replies.size() == 20);
  for (std::size_t index = 0; index < 20; ++index)
    CHECK(server->requests.at(index + 1)["index"] == std::to_string(index));
  scope.cancel();
  co_await scope.join();
}

WEFT_IO_TEST("cancelling a call, and dropping a stream of replies, reset its stream") {
  auto server =
      std::make_shared<ScriptedServer>(std::vector<Script>{silence, [](Http2Peer& peer, std::int32_t id) {
                                                             peer.headers(id, response_fields);
                                                             peer.data(id, grpc_message("one"));
                                                           }});
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(play(server));
  Channel channel{server->address()};
  auto late = co_await attempt(within(50ms, call(&channel, &echo::unary)));
  CHECK(late.status().code() == Code::deadline_exceeded);
  {
    Reply reply = co_await within(10s, call(&channel, &echo::down));
    auto message = co_await within(10s, reply.messages.next());
    REQUIRE(message);
    CHECK(message->flatten().view() == "one");
  }
  while (server->resets.size() < 2) co_await sleep(1ms);
  for (const Frame& reset : server->resets) CHECK(reset.word() == 8);  // CANCEL
  scope.cancel();
  co_await scope.join();
}

WEFT_IO_TEST("a call waits for a connection where it is asked to, and fails at once elsewhere") {
  Address local = *Address::parse("127.0.0.1:0");
  std::string address;
  {
    auto listener = Listener::open(local);
    address = listener->address().to_string();
  }
  ChannelOptions options;
  options.grpc.reconnect_backoff = 20ms;
  Channel channel{address, options};
  auto failed = co_await attempt(within(10s, call(&channel, &echo::unary)));
  CHECK(failed.status().code() == Code::unavailable);
  CHECK(failed.status().reach() == Reach::never_sent);
  Call asked{echo::unary, Chain{}};
  asked.wait_for_ready = true;
  auto late = co_await attempt(within(200ms, channel.call(std::move(asked))));
  CHECK(late.status().code() == Code::deadline_exceeded);
}

WEFT_IO_TEST("a server that accepts and says nothing is given up") {
  auto server = std::make_shared<ScriptedServer>(std::vector<Script>{silence});
  server->greeting.clear();
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(play(server));
  ChannelOptions options;
  options.grpc.http2.handshake_timeout = 100ms;
  Channel channel{server->address(), options};
  auto reply = co_await attempt(within(10s, call(&channel, &echo::unary)));
  CHECK(reply.status().code() == Code::unavailable);
  scope.cancel();
  co_await scope.join();
}
