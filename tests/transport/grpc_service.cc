#include "grpc_service.h"

#include <stdexcept>

namespace weft::test {
namespace {

GrpcObserved& observed(ServiceInterface& service) { return *static_cast<EchoService&>(service).observed; }

Reply reply_of(Chain payload) {
  Reply reply;
  reply.payload = std::move(payload);
  return reply;
}

/// Metadata "i-..." comes back before the reply, "t-..." after it.
Task<Reply> serve_unary(ServiceInterface& service, Call call) {
  ++observed(service).started;
  for (const auto& [name, value] : call.metadata) {
    if (name.starts_with("i-")) current_call()->reply_metadata().add(name, value);
    if (name.starts_with("t-")) current_call()->trailers().add(name, value);
    if (name == "compress") current_call()->compress_replies(value == "yes");
  }
  co_return reply_of(std::move(call.payload));
}

Task<Reply> serve_fail(ServiceInterface&, Call call) {
  if (call.payload.flatten().view() == "throw") throw std::runtime_error("thrown");
  Trailers trailers;
  trailers.metadata.add("why-bin", std::string("\0\xff", 2));
  co_return Status::carrying(Code::not_found, "no\ttext % \xc3\xbc", std::move(trailers));
}

Task<Reply> serve_slow(ServiceInterface& service, Call call) {
  ++observed(service).running;
  auto slept = co_await attempt(sleep(std::chrono::seconds(10)));
  --observed(service).running;
  if (!slept) ++observed(service).cancelled;
  co_await std::move(slept);
  co_return reply_of(std::move(call.payload));
}

Stream<Chain> three_times(Chain message) {
  for (int count = 0; count < 3; ++count) {
    Chain copy = message;
    co_yield std::move(copy);
  }
}
Task<Reply> serve_down(ServiceInterface&, Call call) {
  Reply reply;
  reply.messages = three_times(std::move(call.payload));
  co_return reply;
}

Task<Reply> serve_up(ServiceInterface&, Call call) {
  Chain all;
  for (;;) {
    auto message = co_await call.messages->next();
    if (!message) break;
    all.append(*message);
  }
  co_return reply_of(std::move(all));
}

Stream<Chain> echoed(std::shared_ptr<Stream<Chain>> messages) {
  for (;;) {
    auto message = co_await messages->next();
    if (!message) break;
    if (message->flatten().view() == "throw") throw std::runtime_error("thrown");
    co_yield *std::move(message);
  }
}
Task<Reply> serve_chat(ServiceInterface&, Call call) {
  Reply reply;
  reply.messages = echoed(std::move(call.messages));
  co_return reply;
}

Stream<Chain> for_ever(GrpcObserved* seen) {
  struct Running {
    explicit Running(GrpcObserved* seen) : seen(seen) { ++seen->running; }
    Running(const Running&) = delete;
    ~Running() { --seen->running; }
    GrpcObserved* seen;
  } running{seen};
  for (;;) {
    ++seen->yielded;
    Chain message{Bytes(std::string(10'000, 'e'))};
    co_yield std::move(message);
  }
}
Task<Reply> serve_endless(ServiceInterface& service, Call) {
  Reply reply;
  reply.messages = for_ever(&observed(service));
  co_return reply;
}

constexpr std::string_view name = "test.Echo";
constexpr ServedMethod methods[] = {
    {{.service = name, .name = "Unary", .protocol = Protocol::grpc}, serve_unary},
    {{.service = name, .name = "Fail", .protocol = Protocol::grpc}, serve_fail},
    {{.service = name, .name = "Slow", .protocol = Protocol::grpc}, serve_slow},
    {{.service = name, .name = "Down", .protocol = Protocol::grpc, .streams_replies = true}, serve_down},
    {{.service = name, .name = "Up", .protocol = Protocol::grpc, .streams_requests = true}, serve_up},
    {{.service = name,
      .name = "Chat",
      .protocol = Protocol::grpc,
      .streams_requests = true,
      .streams_replies = true},
     serve_chat},
    {{.service = name, .name = "Endless", .protocol = Protocol::grpc, .streams_replies = true},
     serve_endless},
};

}  // namespace

const ServiceInfo& EchoService::weft_service() const noexcept {
  static const ServiceInfo info{.name = name, .methods = methods, .protocol = Protocol::grpc};
  return info;
}

namespace echo {
const Method unary = methods[0].method, fail = methods[1].method, slow = methods[2].method,
             down = methods[3].method, up = methods[4].method, chat = methods[5].method,
             endless = methods[6].method,
             missing{.service = name, .name = "Missing", .protocol = Protocol::grpc};
}

struct GrpcServed::Running {
  explicit Running(ServerOptions options) : server(std::move(options)) { server.add<EchoService>(&observed); }
  GrpcObserved observed;
  Server server;
  Event stopped;
};

Task<void> GrpcServed::serve_until_stopped(std::shared_ptr<Running> running) {
  Scope scope = co_await Scope::open({.keep_going = true});
  scope.spawn(running->server.serve());
  co_await running->stopped.wait();
  scope.cancel();
  co_await scope.join();
}

namespace {
ServerOptions with_port(ServerOptions options) {
  if (options.listen == ServerOptions{}.listen) options.listen = "127.0.0.1:0";
  options.cores = 1;
  options.pin = false;
  options.drain_timeout = std::chrono::seconds(2);
  return options;
}
}  // namespace

GrpcServed::GrpcServed(ServerOptions options)
    : GrpcServed(std::make_shared<Running>(with_port(std::move(options)))) {}

GrpcServed::GrpcServed(std::shared_ptr<Running> running)
    : observed(running->observed), running_(std::move(running)) {
  if (wants_simulation()) {
    Loop::current()->background().spawn(serve_until_stopped(running_));
  } else {
    Status status = running_->server.start();
    REQUIRE_MESSAGE(status.ok(), status.to_string());
  }
}

GrpcServed::~GrpcServed() {
  begin_to_stop();
  std::ignore = running_->server.wait();
}

std::string GrpcServed::address() const { return running_->server.address().to_string(); }

Refusals GrpcServed::refusals() const { return running_->server.refusals(); }

void GrpcServed::begin_to_stop() {
  running_->stopped.set();
  running_->server.stop();
}

}  // namespace weft::test
