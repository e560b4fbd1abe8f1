// What a server of gRPC refuses, what it counts of that, and how it shares out its memory.
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

std::string many(int count, const std::string& one) {
  std::string all;
  for (int index = 0; index < count; ++index) all += one;
  return all;
}

/// Of a message of `size` bytes, its prefix and as many bytes of it as the first window lets through.
std::string beginning(std::uint32_t size) {
  std::string whole = std::string(1, '\0') + number(size) + std::string(64 * 1024 - 10, 'm');
  std::string frames;
  for (std::size_t at = 0; at < whole.size(); at += 16'384)
    frames += encode(frame::data, 0, 1, whole.substr(at, 16'384));
  return frames;
}

}  // namespace

WEFT_IO_TEST("an exception that leaves a handler is UNKNOWN, before its first reply and after it") {
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->call(1, "/test.Echo/Fail", "throw");
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome["grpc-status"] == "2");
  CHECK(outcome["grpc-message"] == "exception: thrown");
  peer->headers(3, request_fields("/test.Echo/Chat"));
  peer->data(3, grpc_message("a"));
  std::ignore = co_await peer->next_of(frame::headers, 3);
  std::ignore = co_await peer->next_of(frame::data, 3);
  peer->data(3, grpc_message("throw"));
  outcome = co_await peer->outcome(3);
  CHECK(outcome["grpc-status"] == "2");
  peer->call(5, "/test.Echo/Unary", "on");
  outcome = co_await peer->outcome(5);
  CHECK(outcome["grpc-status"] == "0");
}

WEFT_IO_TEST("each refusal is counted once, by its limit") {
  ServerOptions options;
  options.grpc.message_max = 1000;
  options.grpc.http2.streams_max = 1;
  options.grpc.http2.handshake_timeout = std::chrono::milliseconds(500);
  GrpcServed served{options};
  const std::string up = block(request_fields("/test.Echo/Up"));
  const std::string opened = encode(frame::headers, frame::end_headers, 1, up);
  const struct {
    Refusal why;
    std::string said;
    std::uint8_t answer;
  } table[] = {
      {Refusal::streams_max, opened + encode(frame::headers, frame::end_headers, 3, up), frame::rst_stream},
      {Refusal::header_list_max,
       encode(frame::headers, frame::end_headers, 1,
              block(request_fields("/test.Echo/Up", {{"long", std::string(9'000, 'x')}}))),
       frame::headers},
      {Refusal::message_max, opened + encode(frame::data, 0, 1, std::string(1, '\0') + number(1001)),
       frame::headers},
      {Refusal::control_frames, many(20'000, encode(frame::settings, 0, 0, "")), frame::goaway},
      {Refusal::ping_strikes_max, many(10, encode(frame::ping, 0, 0, "12345678")), frame::goaway},
      {Refusal::continuations_max,
       encode(frame::headers, 0, 1, up) + many(100, encode(frame::continuation, 0, 1, "")), frame::goaway},
      {Refusal::resets,
       [] {
         std::string all;
         for (std::int32_t id = 1; id < 601; id += 2)
           all += encode(frame::headers, frame::end_headers, id, block(request_fields("/test.Echo/Up"))) +
                  encode(frame::rst_stream, 0, id, number(8));
         return all;
       }(),
       frame::goaway},
      {Refusal::protocol_error, encode(frame::data, 0, 0, "x"), frame::goaway},
      {Refusal::handshake_timeout, "", 0xff},
  };
  for (const auto& row : table) {
    CAPTURE(name(row.why));
    std::uint64_t before = served.refusals()[row.why];
    std::string address = served.address();
    Socket socket = co_await connect_socket(std::move(address));
    Http2Peer peer{std::move(socket)};
    peer.acknowledges = false;
    bool silent = row.why == Refusal::handshake_timeout;
    peer.raw(silent ? preface : preface + encode(frame::settings, 0, 0, "") + row.said);
    Frame answer = co_await peer.next_of(row.answer);
    CHECK(answer.type == row.answer);
    co_await until([&] { return served.refusals()[row.why] > before; });
    // Of streams, as many as there were.
    if (row.why != Refusal::resets) CHECK(served.refusals()[row.why] == before + 1);
  }
  CHECK(served.refusals()[Refusal::keepalive_timeout] == 0);
  CHECK(served.refusals().total() >= std::size(table));
  for (Refusal why : all_refusals) CHECK(!name(why).empty());
}

WEFT_IO_TEST("a connection too many is counted, and one that begins with too little") {
  GrpcServed served{
      {.connections_max = 1, .grpc = {.http2 = {.handshake_timeout = std::chrono::milliseconds(200)}}}};
  auto first = co_await connected(&served);
  first->call(1, "/test.Echo/Unary", "");
  std::ignore = co_await first->outcome(1);
  auto second = co_await connected(&served);
  Frame end = co_await second->next_of(0xff);
  CHECK(end.type == 0xff);
  CHECK(served.refusals()[Refusal::connections_max] == 1);
  first->socket().close();
  for (;;) {
    std::string address = served.address();
    Socket socket = co_await connect_socket(std::move(address));
    socket.write(Bytes("PR"));
    std::ignore = co_await attempt(socket.receive());
    if (served.refusals()[Refusal::handshake_timeout] == 1) break;
    co_await sleep(std::chrono::milliseconds(5));
  }
}

WEFT_IO_TEST("messages that do not fit together are sent one after the other, and silent ones make room") {
  constexpr std::uint32_t size = 900'000;
  ServerOptions options;
  options.receive_buffered_core_max = 1 << 20;
  GrpcServed served{options};
  // The first fits, the second is the one that may exceed.
  std::vector<std::unique_ptr<Http2Peer>> silent;
  for (int count = 0; count < 2; ++count) {
    auto peer = co_await connected(&served);
    peer->headers(1, request_fields("/test.Echo/Unary"));
    peer->raw(beginning(size));
    Frame update = co_await peer->next_of(frame::window_update, 1);
    CHECK(update.word() >= size - 64 * 1024);
    silent.push_back(std::move(peer));
  }
  co_await sleep(std::chrono::milliseconds(500));
  // The memory is spoken for: this one gets a window when the others have said nothing for too long.
  auto patient = co_await connected(&served);
  patient->headers(1, request_fields("/test.Echo/Up"));
  patient->raw(beginning(size));
  // Small ones are served all the while.
  auto small = co_await connected(&served);
  small->call(1, "/test.Echo/Unary", "small");
  auto outcome = co_await small->outcome(1);
  CHECK(outcome[":data"] == grpc_message("small"));
  CHECK(served.refusals()[Refusal::receive_memory] == 0);
  Frame update = co_await patient->next_of(frame::window_update, 1);
  REQUIRE(update.type == frame::window_update);
  CHECK(update.word() >= size - 64 * 1024);
  CHECK(served.refusals()[Refusal::receive_memory] > 0);
}

namespace {

Task<void> calls_in_turn(Channel* channel, Bytes payload, int* answered) {
  for (int count = 0; count < 2; ++count) {
    Call call{echo::unary, Chain{payload}};
    Reply reply = co_await channel->call(std::move(call));
    if (reply.payload.size() == payload.size()) ++*answered;
  }
}

}  // namespace

WEFT_IO_TEST("many large messages at once share little memory, and all are answered") {
  ServerOptions options;
  options.receive_buffered_core_max = 1 << 20;
  options.grpc.receive_buffered_max = 3 << 20;
  GrpcServed served{options};
  Bytes payload(std::string(900'000, 'm'));
  std::vector<std::unique_ptr<Channel>> channels;
  int answered = 0;
  Scope calls = co_await Scope::open({.keep_going = true});
  for (int connection = 0; connection < 8; ++connection) {
    channels.push_back(std::make_unique<Channel>(served.address()));
    for (int count = 0; count < 4; ++count)
      calls.spawn(calls_in_turn(channels.back().get(), payload, &answered));
  }
  co_await calls.join();
  CHECK(answered == 64);
  CHECK(served.refusals()[Refusal::receive_memory] == 0);
}

WEFT_IO_TEST("a method that takes one message is given no memory for a second one") {
  constexpr std::uint32_t size = 2'000'000;
  GrpcServed served;
  auto peer = co_await connected(&served);
  peer->headers(1, request_fields("/test.Echo/Unary"));
  peer->data(1, grpc_message("first") + std::string(1, '\0') + number(size) + "m");
  auto outcome = co_await peer->outcome(1);
  CHECK(outcome["grpc-status"] == "12");
  for (const Frame& seen : peer->seen) CHECK((seen.type != frame::window_update || seen.id != 1));
}

WEFT_IO_TEST("streams beyond a connection's share wait for those before them") {
  constexpr std::uint32_t size = 300'000;
  GrpcServed served{{.grpc = {.receive_buffered_max = 400'000}}};
  auto peer = co_await connected(&served);
  for (std::int32_t id : {1, 3}) {
    peer->headers(id, request_fields("/test.Echo/Unary"));
    peer->data(id, std::string(1, '\0') + number(size) + "m");
  }
  Frame update = co_await peer->next_of(frame::window_update, 1);
  CHECK(update.word() >= size - 64 * 1024);
  update = co_await peer->next_of(frame::window_update, 3);  // one may exceed it
  CHECK(update.type == frame::window_update);
  peer->headers(5, request_fields("/test.Echo/Unary"));
  peer->data(5, std::string(1, '\0') + number(size) + "m");
  peer->call(7, "/test.Echo/Unary", "");
  auto outcome = co_await peer->outcome(7);
  CHECK(outcome["grpc-status"] == "0");
  for (const Frame& seen : peer->seen) CHECK((seen.type != frame::window_update || seen.id != 5));
  peer->reset(3, 8);
  update = co_await peer->next_of(frame::window_update, 5);
  CHECK(update.type == frame::window_update);
}
