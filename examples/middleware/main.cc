// A middleware of one's own, on the client's and on the server's side, in a stack that balances over two
// servers. All of it runs in this program: see what happens when one server is slow, when it is gone, and
// when both are too slow.
#include <string>
#include <utility>

#include <fmt/format.h>

#include <weft/middleware/balance.h>
#include <weft/middleware/retry.h>
#include <weft/middleware/timeout.h>
#include <weft/weft.h>

#include "hello.weft.h"

using namespace std::chrono_literals;

/// Tells of calls that took longer than `limit`. Any struct with this call operator is a middleware.
struct LogSlow {
  std::string side;
  weft::Duration limit;

  weft::Task<weft::Reply> operator()(weft::Call call, weft::Next next) const {
    auto start = weft::now();
    auto reply = co_await weft::attempt(next(call));
    auto took = (weft::now() - start) / 1ms;
    if (took * 1ms >= limit)
      fmt::print("  {}: {} was slow: {} ({} ms)\n", side, call.method().name,
                 reply ? "ok" : name(reply.status().code()), took);
    co_return reply;
  }
};

struct Hello : hello::Greeter {
  Hello(std::string server, weft::Duration delay) : server(std::move(server)), delay(delay) {}

  weft::Task<hello::HelloReply> say_hello(hello::HelloRequest request) override {
    co_await weft::sleep(request.name == "everybody" ? 1s : delay);
    co_return hello::HelloReply{.message = fmt::format("Hello, {}, from {}", request.name, server)};
  }

  std::string server;
  weft::Duration delay;
};

/// Calls `count` times, one after the other, and prints how each went.
weft::Task<void> greet(hello::Greeter::Client greeter, std::string name, int count) {
  hello::HelloRequest request{.name = name};
  for (int i = 0; i < count; ++i) {
    auto reply = co_await weft::attempt(greeter.say_hello(request));
    fmt::print("{}\n", reply ? reply->message : reply.status().to_string());
  }
}

weft::Task<void> demonstrate(weft::Server* quick, weft::Server* slow) {
  hello::Greeter::Client greeter{weft::stack(
      LogSlow{"client", 20ms}, weft::Timeout{200ms}, weft::Retry{.attempts = 3}, weft::Balance{weft::p2c},
      weft::endpoints({quick->address().to_string(), slow->address().to_string()}))};

  fmt::print("One of two servers is slow; the balancer finds out which:\n");
  co_await greet(greeter, "Ada", 6);

  fmt::print("The quick one goes away; calls that cannot reach it are tried again elsewhere:\n");
  quick->stop();
  co_await weft::sleep(
      100ms);  // until its connections are closed; a call that it may have seen is not tried again
  co_await greet(greeter, "Grace", 3);

  fmt::print(
      "Too slow for the timeout; Thrift tells no deadlines, so the server has a timeout of its own:\n");
  co_await greet(greeter, "everybody", 1);
  co_await weft::sleep(200ms);
}

int main() {
  weft::Server quick{{.listen = "127.0.0.1:0", .cores = 1}};
  weft::Server slow{{.listen = "127.0.0.1:0", .cores = 1}};
  quick.add<Hello>("quick", 0ms);
  slow.add<Hello>("slow", 40ms);
  quick.use(LogSlow{"quick server", 20ms}, weft::Timeout{300ms});
  slow.use(LogSlow{"slow server", 20ms}, weft::Timeout{300ms});
  for (weft::Server* server : {&quick, &slow})
    if (auto started = server->start(); !started.ok()) {
      fmt::print(stderr, "{}\n", started.to_string());
      return 1;
    }
  return weft::run(demonstrate(&quick, &slow));
}
