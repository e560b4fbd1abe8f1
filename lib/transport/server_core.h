// ServerCore: what a server has on each core: its services, its connections, their budgets, and the end of it
// all.
#pragma once

#include <cstddef>
#include <memory>

#include <weft/middleware/service.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/socket.h>
#include <weft/runtime/sync.h>
#include <weft/transport/health.h>
#include <weft/transport/options.h>
#include <weft/transport/refusals.h>

#include "budget.h"
#include "router.h"
#include "spread.h"
#include "tls/tls.h"

namespace weft::detail {

class Connection;

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
