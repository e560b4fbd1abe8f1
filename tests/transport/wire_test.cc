// A scripted peer: raw bytes to a real server, and a scripted server for the channel.
#include <weft/codec/application_exception.h>
#include <weft/codec/compact.h>
#include <weft/codec/message.h>

#include "probe_service.h"

using namespace weft;
using probe::Probe;
using test::Served;

namespace {

std::string frame(std::string_view body) {
  std::string bytes(4, '\0');
  for (int i = 0; i < 4; ++i)
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(body.size() >> (24 - 8 * i));
  return bytes.append(body);
}

std::string message(compact::MessageType type, std::int32_t sequence, std::string_view name,
                    std::string_view payload) {
  Writer writer;
  compact::write_header(writer, {.type = type, .sequence = sequence, .name = name});
  writer.copy(payload);
  return frame(writer.finish().flatten().view());
}

std::string call(std::int32_t sequence, std::string_view name, std::string_view payload) {
  return message(compact::MessageType::call, sequence, name, payload);
}

std::string echo_arguments(std::string_view text) {
  std::string copy{text};
  return compact::encode_arguments(argument<1>(copy)).flatten().str();
}

struct Answer {
  compact::MessageType type;
  std::int32_t sequence;
  std::string name;
  Bytes payload;
};

/// One end of a connection that says exactly what the test says.
class RawPeer {
 public:
  explicit RawPeer(Socket socket) : socket_(std::move(socket)) {}
  static Task<RawPeer> to(std::string address) {
    Address parsed = co_await Address::parse(address);
    Socket socket = co_await connect_socket(parsed);
    co_return RawPeer{std::move(socket)};
  }
  void say(const std::string& bytes) { socket_.write(Bytes(bytes)); }
  Task<std::string> read(std::size_t size) {
    while (received_.size() < size) {
      Bytes piece = co_await socket_.receive();
      if (piece.empty()) co_return unavailable("closed");
      received_ += piece.view();
    }
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    co_return taken;
  }
  Task<Answer> hear() {
    std::string length = co_await read(4);
    std::size_t size = 0;
    for (char c : length) size = size << 8 | static_cast<std::uint8_t>(c);
    std::string body = co_await read(size);
    Reader reader{Bytes(body)};
    compact::MessageHeader header = compact::read_header(reader);
    CHECK(reader.ok());
    co_return Answer{header.type, header.sequence, std::string(header.name), reader.rest()};
  }
  /// Whether the other side closes, saying no more.
  Task<bool> is_closed() {
    auto more = co_await attempt(read(1));
    co_return !more && more.status().code() == Code::unavailable;
  }
  Socket& socket() { return socket_; }

 private:
  Socket socket_;
  std::string received_;
};

Task<void> check_alive(RawPeer* peer) {
  peer->say(call(77, "echo", echo_arguments("alive")));
  Answer answer = co_await peer->hear();
  CHECK(answer.type == compact::MessageType::reply);
  CHECK(answer.sequence == 77);
}

}  // namespace

WEFT_IO_TEST("a request that comes byte by byte is answered") {
  Served served;
  RawPeer peer = co_await RawPeer::to(served.start());
  for (char byte : call(-1, "echo", echo_arguments("slowly"))) {
    peer.say(std::string(1, byte));
    co_await peer.socket().flush();
  }
  Answer answer = co_await peer.hear();
  CHECK(answer.type == compact::MessageType::reply);
  CHECK(answer.sequence == -1);
  CHECK(answer.name == "echo");
}

WEFT_IO_TEST("replies keep the order of their requests, even when a later one is ready first") {
  Served served;
  RawPeer peer = co_await RawPeer::to(served.start());
  std::int32_t ms = 60, token = 5;
  std::string bytes =
      call(0, "wait", compact::encode_arguments(argument<1>(ms), argument<2>(token)).flatten().view());
  bytes += call(0, "echo", echo_arguments("second"));
  bytes += call(0, "nonsense", std::string(1, '\0'));
  bytes += call(0, "echo", echo_arguments("fourth"));
  peer.say(bytes);
  Answer first = co_await peer.hear();
  CHECK(first.name == "wait");
  Answer second = co_await peer.hear();
  CHECK(second.name == "echo");
  Answer third = co_await peer.hear();
  CHECK(third.name == "nonsense");
  CHECK(third.type == compact::MessageType::exception);
  Answer fourth = co_await peer.hear();
  CHECK(fourth.payload.view().find("fourth") != std::string_view::npos);
}

WEFT_IO_TEST("an unknown method, a wrong message type and undecodable arguments leave the connection alive") {
  Served served;
  RawPeer peer = co_await RawPeer::to(served.start());
  struct Case {
    std::string bytes;
    std::int32_t type;
  };
  const Case cases[] = {
      {call(3, "missing", std::string(1, '\0')), ApplicationException::unknown_method},
      {message(compact::MessageType::reply, 3, "echo", std::string(1, '\0')),
       ApplicationException::invalid_message_type},
      {call(3, "echo", "\x18\x7f"), ApplicationException::protocol_error},
  };
  for (const Case& wrong : cases) {
    peer.say(wrong.bytes);
    Answer answer = co_await peer.hear();
    CHECK(answer.type == compact::MessageType::exception);
    CHECK(answer.sequence == 3);
    ApplicationException exception;
    CHECK(compact::decode_exception(Chain{answer.payload}, exception).ok());
    CHECK(exception.type == wrong.type);
    co_await check_alive(&peer);
  }
}

WEFT_IO_TEST("a malformed frame costs its own connection only") {
  Served served;
  std::string address = served.start();
  RawPeer good = co_await RawPeer::to(address);
  const std::string broken[] = {
      std::string("\xff\xff\xff\xff", 4),
      std::string("\0\0\0\0", 4),
      std::string("\x7f\xff\xff\xff", 4),
      std::string("\x80\x01\x00\x01", 4),
      std::string("GET / HTTP/1.1\r\n\r\n"),
      frame("garbage"),
      frame("\x82\x22xx"),
  };
  for (const std::string& bytes : broken) {
    RawPeer bad = co_await RawPeer::to(address);
    bad.say(bytes);
    bool closed = co_await bad.is_closed();
    CHECK(closed);
    co_await check_alive(&good);
  }
}

WEFT_IO_TEST("nothing is answered to oneway, known or not, as call or as oneway") {
  Served served;
  RawPeer peer = co_await RawPeer::to(served.start());
  std::int32_t one = 1;
  std::string arguments = compact::encode_arguments(argument<1>(one)).flatten().str();
  peer.say(message(compact::MessageType::oneway, 1, "note", arguments));
  peer.say(message(compact::MessageType::call, 2, "note", arguments));
  peer.say(message(compact::MessageType::oneway, 3, "missing", arguments));
  peer.say(message(compact::MessageType::oneway, 4, "echo", echo_arguments("unanswered")));
  co_await check_alive(&peer);
  CHECK(served.observed.notes == 2);
}

WEFT_IO_TEST("a client that half-closes gets its answers first") {
  Served served;
  RawPeer peer = co_await RawPeer::to(served.start());
  std::int32_t ms = 30, token = 5;
  peer.say(call(1, "wait", compact::encode_arguments(argument<1>(ms), argument<2>(token)).flatten().view()));
  peer.socket().shutdown_write();
  Answer answer = co_await peer.hear();
  CHECK(answer.type == compact::MessageType::reply);
  bool closed = co_await peer.is_closed();
  CHECK(closed);
}

WEFT_IO_TEST("a multiplexed name finds its service, and the reply has the plain one") {
  Served served;
  RawPeer peer = co_await RawPeer::to(served.start());
  peer.say(call(1, "Probe:echo", echo_arguments("x")));
  Answer answer = co_await peer.hear();
  CHECK(answer.type == compact::MessageType::reply);
  CHECK(answer.name == "echo");
}

WEFT_IO_TEST("a peer that takes no replies is read no further, and costs no more than its bound") {
  Served served{{.cores = 1, .send_buffered_max = 1 << 20, .send_buffered_core_max = 4 << 20}};
  std::string address = served.start();
  RawPeer greedy = co_await RawPeer::to(address);
  std::int32_t size = 500'000;
  std::string request = call(1, "blob", compact::encode_arguments(argument<1>(size)).flatten().view());
  for (int i = 0; i < 500; ++i) greedy.say(request);  // 250 MB of replies, were they made
  co_await sleep(100ms);
  RawPeer other = co_await RawPeer::to(address);
  co_await check_alive(&other);
  for (int i = 0; i < 500; ++i) {
    Answer answer = co_await greedy.hear();
    CHECK(answer.payload.size() > 500'000);
  }
}

WEFT_IO_TEST("an unfinished frame is closed after its time, an idle connection after its own") {
  Served served{{.frame_timeout = 10ms, .idle_timeout = 1500ms}};
  std::string address = served.start();
  RawPeer unfinished = co_await RawPeer::to(address);
  unfinished.say(std::string("\0\0\x10\0abc", 7));
  RawPeer idle = co_await RawPeer::to(address);
  bool first = co_await unfinished.is_closed();
  CHECK(first);
  bool second = co_await idle.is_closed();
  CHECK(second);
  CHECK(served.server().refusals()[Refusal::frame_timeout] == 1);
}

WEFT_IO_TEST("who takes no replies is closed when others need the memory that they hold") {
  Served served{{.cores = 1, .send_buffered_core_max = 64 * 1024}};
  std::string address = served.start();
  RawPeer greedy = co_await RawPeer::to(address);
  std::int32_t size = 500'000;
  std::string request = call(1, "blob", compact::encode_arguments(argument<1>(size)).flatten().view());
  for (int i = 0; i < 50; ++i) greedy.say(request);
  while (served.server().refusals()[Refusal::send_memory] == 0) co_await sleep(10ms);
  RawPeer other = co_await RawPeer::to(address);
  co_await check_alive(&other);
}

namespace {

/// A server that answers one call with the bytes given (an id in them is replaced by the call's).
Task<void> answer_with(Listener* listener, std::string type_and_payload, bool close_after) {
  RawPeer peer{co_await listener->accept()};
  Answer asked = co_await peer.hear();
  if (type_and_payload.starts_with("raw:"))
    peer.say(type_and_payload.substr(4));
  else if (type_and_payload.starts_with("name:"))
    peer.say(message(compact::MessageType::reply, asked.sequence, "other", std::string(1, '\0')));
  else if (type_and_payload.starts_with("sequence:"))
    peer.say(message(compact::MessageType::reply, asked.sequence + 1, asked.name, std::string(1, '\0')));
  else
    peer.say(message(compact::MessageType::reply, asked.sequence, asked.name, type_and_payload));
  co_await peer.socket().flush();
  if (!close_after) co_await sleep(10s);
}

Task<std::shared_ptr<Status>> call_scripted(std::string answer, bool close_after) {
  auto listener = Listener::open(*Address::parse("127.0.0.1:0"));
  ScopeOptions scope_options{.keep_going = true};
  Scope scope = co_await Scope::open(scope_options);
  scope.spawn(answer_with(&*listener, answer, close_after));
  auto client = co_await connect<Probe>(listener->address().to_string());
  auto result = co_await attempt(within(2s, client.echo("x")));
  scope.cancel();
  co_await scope.join();
  co_return std::make_shared<Status>(result.status());
}

}  // namespace

WEFT_IO_TEST("a server that misbehaves gives a clear failure, never a wrong answer") {
  struct Case {
    std::string answer;
    bool close_after;
    Code code;
    std::int32_t type;
  };
  const Case cases[] = {
      {"raw:", true, Code::unavailable, -1},
      {std::string("raw:\0\0\0\x20\x82", 9), true, Code::unavailable, -1},
      {"raw:\xff\xff\xff\xff", false, Code::internal, -1},
      {"raw:HTTP/1.1 400 Bad Request", false, Code::internal, -1},
      {"name:", false, Code::internal, ApplicationException::wrong_method_name},
      {"sequence:", false, Code::internal, ApplicationException::bad_sequence_id},
      {std::string(1, '\0'), false, Code::internal, ApplicationException::missing_result},
      {"\x18\x7f", false, Code::internal, -1},
  };
  for (const Case& scripted : cases) {
    Status status;
    auto outcome = co_await attempt(call_scripted(scripted.answer, scripted.close_after));
    REQUIRE(outcome);
    status = **outcome;
    INFO(status.to_string());
    CHECK(status.code() == scripted.code);
    CHECK(status.reach() != Reach::never_sent);
    const auto* exception = status.get_if<ApplicationException>();
    if (scripted.type >= 0) {
      REQUIRE(exception);
      CHECK(exception->type == scripted.type);
    }
  }
}
