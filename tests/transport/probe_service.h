// The service that the transport's tests call, and a server of it that lives as long as a test.
#pragma once

#include <atomic>
#include <stdexcept>

#include <weft/weft.h>

#include "../support/weft_test.h"
#include "probe.weft.h"

namespace weft::test {

struct Observed {
  std::atomic<int> notes{0}, cancelled{0}, running{0};
};

class ProbeService : public probe::Probe {
 public:
  explicit ProbeService(Observed* observed) : observed_(observed) {}
  ProbeService() : ProbeService(nullptr) {}

  Task<std::string> echo(std::string text) override { co_return text; }
  Task<Bytes> blob(std::int32_t size) override {
    co_return Bytes(std::string(static_cast<std::size_t>(size), 'Z'));
  }
  Task<std::int32_t> wait(std::int32_t ms, std::int32_t token) override {
    if (observed_) ++observed_->running;
    auto waited = co_await attempt(sleep(std::chrono::milliseconds(ms)));
    if (observed_) --observed_->running;
    if (!waited && observed_) ++observed_->cancelled;
    co_await std::move(waited);
    co_return token;
  }
  Task<std::int32_t> refuse(std::int32_t number) override {
    if (number != 0) co_return probe::Refused{.why = "because", .number = number};
    co_return 0;
  }
  Task<std::int32_t> crash(std::string message) override {
    if (!message.empty()) throw std::runtime_error(message);
    co_return 1;
  }
  Task<std::int32_t> deadline() override {
    Deadline deadline = current_deadline();
    if (deadline.is_never()) co_return -1;
    co_return static_cast<std::int32_t>((deadline - now()) / std::chrono::milliseconds(1));
  }
  Task<void> note(std::int32_t number) override {
    if (observed_) observed_->notes += number;
    co_return;
  }
  Task<std::int32_t> notes() override { co_return observed_ ? observed_->notes.load() : 0; }

 private:
  Observed* observed_;
};

/// A running server on a port of its own.
class Served {
 public:
  explicit Served(ServerOptions options = {}) : server_(with_port(std::move(options))) {
    server_.add<ProbeService>(&observed);
  }
  template <class... Layers>
  void use(Layers... layers) {
    server_.use(std::move(layers)...);
  }
  std::string start() {
    Status status = server_.start();
    REQUIRE_MESSAGE(status.ok(), status.to_string());
    return server_.address().to_string();
  }
  Status stop() {
    server_.stop();
    return server_.wait();
  }
  Server& server() { return server_; }

  Observed observed;

 private:
  static ServerOptions with_port(ServerOptions options) {
    if (options.listen == ServerOptions{}.listen) options.listen = "127.0.0.1:0";
    if (options.cores == 0) options.cores = 2;
    options.pin = false;
    return options;
  }
  Server server_;
};

}  // namespace weft::test
