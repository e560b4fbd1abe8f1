// ServerCore: what a server has on each core: its services, its connections, their budgets, and the end of it
// all.
#pragma once

#include <cstddef>
#include <memory>

#include <weft/middleware/service.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>
#include <weft/runtime/sync.h>
#include <weft/transport/health.h>
#include <weft/transport/options.h>
#include <weft/transport/refusals.h>

#include "router.h"
#include "spread.h"
#include "tls/tls.h"

namespace weft::detail {

class Connection;

/// Bytes that all connections of a core may hold together.
class Budget {
 public:
  explicit Budget(std::size_t max) noexcept : max_(max) {}
  std::size_t used() const noexcept { return used_; }
  std::size_t max() const noexcept { return max_; }
  void change(std::size_t from, std::size_t to) noexcept {
    used_ = used_ - from + to;
    if (to < from) wake();
  }
  void give_back(std::size_t bytes) noexcept {
    used_ -= bytes;
    wake();
  }
  /// Whether `who` may take more than there is. One at a time may: when all wait for each other, nobody gives
  /// back. The last who did is asked to let the others try first.
  bool may_exceed(const void* who) noexcept {
    if (exceeding_ == who) return true;
    if (exceeding_) {
      contended_ = true;
      return false;
    }
    if (last_ == who && std::exchange(contended_, false)) {
      declined_ = true;
      wake();
      return false;
    }
    exceeding_ = last_ = who;
    contended_ = false;
    wake();  // `who` may have asked in two places, and wait in the other
    return true;
  }
  /// `who` needs no more.
  void settle(const void* who) noexcept {
    if (exceeding_ != who) return;
    exceeding_ = nullptr;
    wake();
  }
  /// After `may_exceed` said no: until it is worth asking again.
  Task<void> turn() {
    if (std::exchange(declined_, false))
      co_await yield();
    else
      co_await shrunk();
  }
  /// Somebody waits for what there is not.
  void lacks(std::uint32_t tick) noexcept {
    lacking_ = true;
    lacked_tick_ = tick;
  }
  bool is_short(std::uint32_t tick) const noexcept { return lacking_ && tick - lacked_tick_ <= 2; }
  /// Waits until somebody gives something back.
  Event::Wait shrunk() noexcept { return shrunk_.wait(); }

 private:
  void wake() noexcept {
    shrunk_.set();
    shrunk_.reset();
  }
  std::size_t max_, used_ = 0;
  const void *exceeding_ = nullptr, *last_ = nullptr;
  bool contended_ = false;  ///< somebody else asked since `last_` may exceed it
  bool declined_ = false;   ///< `last_` has just been asked to let them try
  std::uint32_t lacked_tick_ = 0;
  bool lacking_ = false;
  Event shrunk_;
};

/// The compressed messages of a core.
struct Inflating {
  Mutex line;             ///< of those that are to be inflated
  std::size_t bytes = 0;  ///< that came out since others had their turn
};

class ServerCore {
 public:
  /// `core`: which one of `spread` it is.
  /// `tls`: null where connections have none.
  ServerCore(const ServerOptions& options, std::unique_ptr<Router> router, ServicePtr stack, Spread& spread,
             unsigned core, std::shared_ptr<TlsServer> tls, std::shared_ptr<Health> health,
             std::shared_ptr<RefusalCounts> refused);

  /// Accepts and serves until it is cancelled, then drains: no new connections, calls in flight are answered
  /// for up to `drain_timeout`, then cancelled.
  Task<void> run(Listener listener);
  /// Serves a connection that `spread` counts here already, unless there are too many.
  void take(Socket socket);

  const ServerOptions& options() const noexcept { return options_; }
  Router& router() noexcept { return *router_; }
  /// Null when there is no middleware: calls then go straight to their route.
  Service* stack() const noexcept { return stack_.get(); }

  Budget receiving, sending;
  Inflating inflating;
  void refused(Refusal why) noexcept { refused_->add(why); }
  /// Counts ticks of the sweep, for timeouts that need no timer each.
  std::uint32_t tick() const noexcept { return tick_; }
  std::uint32_t ticks(Duration duration) const noexcept;

  void enter(Connection& connection) noexcept;
  void leave(Connection& connection) noexcept;

 private:
  static constexpr Duration tick_length = std::chrono::milliseconds(100);

  Task<void> accept(Listener* listener);
  Task<void> sweep();
  Task<void> serve(Socket socket);
  Task<std::string> open_tls(Socket* socket);
  Task<Bytes> greeting(Socket* socket);

  const ServerOptions& options_;
  std::unique_ptr<Router> router_;
  ServicePtr stack_;
  Spread& spread_;
  const unsigned core_;
  Scope* serving_ = nullptr;  ///< the tasks of the connections, while new ones are taken
  Connection* connections_ = nullptr;
  std::size_t connection_count_ = 0;
  const std::shared_ptr<Health> health_;
  const std::shared_ptr<RefusalCounts> refused_;
  std::unique_ptr<TlsAcceptor> tls_;  ///< null: none
  std::uint32_t tick_ = 0;
};

}  // namespace weft::detail
