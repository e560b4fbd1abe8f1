// Frames in any order, right and wrong ones, to a server and to a channel, in a simulation: both end, within
// their time, with what they hold given back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <weft/runtime/resolve.h>
#include <weft/runtime/sim.h>
#include <weft/weft.h>

using namespace weft;

namespace {

Stream<Chain> echoed(std::shared_ptr<Stream<Chain>> messages) {
  for (;;) {
    auto message = co_await messages->next();
    if (!message) break;
    co_yield *std::move(message);
  }
}
Task<Reply> unary(ServiceInterface&, Call call) {
  Reply reply;
  reply.payload = std::move(call.payload);
  co_return reply;
}
Task<Reply> chat(ServiceInterface&, Call call) {
  Reply reply;
  reply.messages = echoed(std::move(call.messages));
  co_return reply;
}
Task<Reply> slow(ServiceInterface&, Call) {
  co_await sleep(std::chrono::minutes(1));
  co_return Reply{};
}

constexpr ServedMethod methods[] = {
    {{.service = "t.T", .name = "U", .protocol = Protocol::grpc}, unary},
    {{.service = "t.T",
      .name = "C",
      .protocol = Protocol::grpc,
      .streams_requests = true,
      .streams_replies = true},
     chat},
    {{.service = "t.T", .name = "S", .protocol = Protocol::grpc}, slow},
};

struct Service final : ServiceInterface {
  const ServiceInfo& weft_service() const noexcept override {
    static const ServiceInfo info{.name = "t.T", .methods = methods, .protocol = Protocol::grpc};
    return info;
  }
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  bool empty() const { return at_ == end_; }
  std::uint8_t byte() { return at_ == end_ ? 0 : *at_++; }
  std::string bytes(std::size_t size) {
    std::string all;
    while (size-- > 0 && at_ != end_) all += static_cast<char>(*at_++);
    return all;
  }

 private:
  const std::uint8_t *at_, *end_;
};

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t id, const std::string& payload) {
  std::string bytes;
  for (int shift = 16; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(id >> shift);
  return bytes + payload;
}

std::string field(std::string_view name, std::string_view value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + std::string(name) +
         static_cast<char>(value.size()) + std::string(value);
}

std::string header_block(Input& input, bool request) {
  std::uint8_t choice = input.byte();
  std::string block;
  if (request) {
    constexpr std::string_view paths[] = {"/t.T/U", "/t.T/C", "/t.T/S", "/x"};
    block = field(":method", choice & 0x80 ? "GET" : "POST") + field(":scheme", "http") +
            field(":path", paths[choice % 4]) + field(":authority", "a") +
            field("content-type", "application/grpc");
    if (choice & 4) block += field("grpc-timeout", input.bytes(3));
    if (choice & 8) block += field("grpc-encoding", "gzip");
    if (choice & 16) block += field("x-bin", input.bytes(4));
  } else {
    if (choice & 1) block += field(":status", choice & 0x80 ? "103" : "200");
    if (choice & 2) block += field("content-type", "application/grpc");
    if (choice & 4) block += field("grpc-status", input.bytes(1));
    if (choice & 8) block += field("grpc-encoding", "gzip");
    if (choice & 16) block += field("grpc-message", input.bytes(4));
  }
  if (choice & 32) block += input.bytes(8);
  return block;
}

std::string wire(Input input, bool request) {
  std::string all;
  if (request) all = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  all += frame(4, 0, 0, "");
  while (!input.empty() && all.size() < 65'536) {
    std::uint8_t what = input.byte(), flags = input.byte();
    std::uint32_t id = input.byte() % 16;
    switch (what % 8) {
      case 0:
      case 1:
        all += frame(1, flags & 0x05, id, header_block(input, request));
        break;
      case 2: {
        std::string payload = input.bytes(input.byte() % 32);
        std::string prefix{static_cast<char>(flags & 2 ? 1 : 0), 0, 0, 0, static_cast<char>(payload.size())};
        all += frame(0, flags & 1, id, (flags & 4 ? "" : prefix) + payload);
        break;
      }
      case 3:
        all += frame(3, 0, id, input.bytes(4));
        break;
      case 4:
        all += frame(8, 0, id, input.bytes(4));
        break;
      case 5:
        all += frame(4, flags & 1, 0, input.bytes(input.byte() % 4 * 6));
        break;
      case 6:
        all += frame(input.byte(), flags, id, input.bytes(input.byte() % 64));
        break;
      case 7:
        all += input.bytes(input.byte() % 16);
        break;
    }
  }
  return all;
}

Task<void> discard(Socket* socket) {
  for (;;) {
    Bytes piece = co_await socket->receive();
    if (piece.empty()) break;
  }
}

Task<void> against_server(std::string bytes) {
  Scope scope = co_await Scope::open({.keep_going = true});
  ServerOptions options{.listen = "127.0.0.1:0", .drain_timeout = std::chrono::seconds(1)};
  options.grpc.message_max = 4096;
  auto server = std::make_shared<Server>(options);
  server->add<Service>();
  scope.spawn(server->serve());
  std::string address = server->address().to_string();
  Socket socket = co_await connect_socket(std::move(address));
  socket.write(Bytes(bytes));
  std::ignore = co_await attempt(within(std::chrono::seconds(2), discard(&socket)));
  socket.close();
  co_await sleep(std::chrono::milliseconds(500));
  scope.cancel();
  co_await scope.join();
}

Task<void> play(Listener* listener, std::string bytes) {
  for (;;) {
    Socket socket = co_await listener->accept();
    socket.write(Bytes(bytes));
    std::ignore = co_await attempt(within(std::chrono::seconds(2), discard(&socket)));
  }
}

Stream<Chain> requests() {
  for (int count = 0; count < 3; ++count) {
    Chain message{Bytes("request")};
    co_yield std::move(message);
  }
}

Task<void> against_channel(std::string bytes) {
  Scope scope = co_await Scope::open({.keep_going = true});
  Address local = *Address::parse("127.0.0.1:0");
  auto listener = Listener::open(local);
  if (!listener) std::abort();
  scope.spawn(play(&*listener, std::move(bytes)));
  Channel channel{listener->address().to_string()};
  Call one{methods[0].method, Chain{Bytes("x")}};
  auto reply = co_await attempt(within(std::chrono::seconds(1), channel.call(std::move(one))));
  Call many{methods[1].method, Chain{}};
  many.messages = std::make_shared<Stream<Chain>>(requests());
  auto replies = co_await attempt(within(std::chrono::seconds(1), channel.call(std::move(many))));
  while (replies) {
    auto message = co_await attempt(within(std::chrono::seconds(1), replies->messages.next()));
    if (!message || !*message) break;
  }
  scope.cancel();
  co_await scope.join();
}

}  // namespace

/// Not all that touches a vector here was compiled to tell the sanitizer of it.
extern "C" const char* __asan_default_options() { return "detect_container_overflow=0"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  bool server = data[0] % 2 == 0;
  std::string bytes = wire(Input{data + 1, size - 1}, server);
  auto outcome = simulate(server ? against_server(std::move(bytes)) : against_channel(std::move(bytes)));
  if (!outcome) std::abort();
  return 0;
}
