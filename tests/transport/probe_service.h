// The service that the transport's tests call, and a server of it that lives as long as a test.
#pragma once

#include <atomic>
#include <memory>
#include <stdexcept>
#include <tuple>

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
  Task<std::vector<std::string>> who() override {
    auto who = current_call()->peer_identity();
    std::vector<std::string> said{who ? who->subject : "nobody"};
    if (who) said.insert(said.end(), who->uris.begin(), who->uris.end());
    if (who) said.insert(said.end(), who->dns_names.begin(), who->dns_names.end());
    said.push_back(std::string(current_call()->method().name));
    said.push_back(current_call()->peer().to_string());
    current_call()->trailers().add("goes", "nowhere");
    co_return said;
  }
  Task<std::int32_t> notes() override { co_return observed_ ? observed_->notes.load() : 0; }

 private:
  Observed* observed_;
};

/// A running server on a port of its own: on threads, or in a simulation on the loop of the test.
class Served {
 public:
  explicit Served(ServerOptions options = {}) : running_(std::make_shared<Running>(std::move(options))) {
    server().add<ProbeService>(&observed);
  }
  ~Served() {
    running_->stopped.set();
    server().stop();
    std::ignore = server().wait();
  }
  template <class... Layers>
  void use(Layers... layers) {
    server().use(std::move(layers)...);
  }
  std::string start() {
    if (wants_simulation()) {
      Loop::current()->background().spawn(serve_until_stopped(running_));
    } else {
      Status status = server().start();
      REQUIRE_MESSAGE(status.ok(), status.to_string());
    }
    return server().address().to_string();
  }
  void begin_to_stop() {
    running_->stopped.set();
    server().stop();
  }
  Task<void> stop() {
    begin_to_stop();
    if (wants_simulation()) co_await running_->ended.wait();
    co_await server().wait();
  }
  Server& server() { return running_->server; }

 private:
  struct Running {
    explicit Running(ServerOptions options) : server(with_port(std::move(options))) {}
    Observed observed;
    Server server;
    Event stopped, ended;
  };
  static Task<void> serve_until_stopped(std::shared_ptr<Running> running) {
    Scope scope = co_await Scope::open({.keep_going = true});
    scope.spawn(running->server.serve());
    co_await running->stopped.wait();
    scope.cancel();
    co_await scope.join();
    running->ended.set();
  }
  static ServerOptions with_port(ServerOptions options) {
    if (options.listen == ServerOptions{}.listen) options.listen = "127.0.0.1:0";
    if (options.cores == 0) options.cores = 2;
    options.pin = false;
    return options;
  }
  std::shared_ptr<Running> running_;

 public:
  Observed& observed = running_->observed;
};

}  // namespace weft::test
