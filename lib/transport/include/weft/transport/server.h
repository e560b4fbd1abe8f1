// Server: listens, and answers calls with the services added to it.
//
//   weft::Server server{{.listen = "0.0.0.0:9000"}};
//   server.add<Hello>();           // one instance for each core, made and used on that core's thread alone
//   return server.run();           // until SIGINT or SIGTERM, then drains; always ends
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <weft/middleware/service.h>
#include <weft/middleware/stack.h>
#include <weft/runtime/address.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/status.h>
#include <weft/transport/health.h>
#include <weft/transport/options.h>
#include <weft/transport/refusals.h>

namespace weft {

namespace detail {
class Spread;
class TlsServer;
}  // namespace detail

class Server {
 public:
  explicit Server(ServerOptions options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Stops and waits.
  ~Server();

  /// Serves S, constructed from copies of `args` once for each core. Methods of several services may not
  /// share a name, unless clients say "service:method" (Thrift's multiplexing); the first one added gets the
  /// plain name.
  template <class S, class... Args>
    requires std::derived_from<S, ServiceInterface>
  void add(Args... args) {
    services_.push_back(
        [args...] { return std::unique_ptr<ServiceInterface>(std::make_unique<S>(args...)); });
  }

  /// Puts middleware around all calls, the outermost first. Each core has copies of its own.
  template <class... Layers>
  void use(Layers... layers) {
    layers_ = [layers...](ServicePtr inner) { return stack(layers..., std::move(inner)); };
  }

  /// Listens and serves until a signal or `stop`, then drains. 0, or 1 after printing why it could not.
  int run();

  /// Serves on this thread's loop alone, as a part of a larger program or on a host of a simulation, until it
  /// is cancelled; then drains. `cores` and `pin` have no meaning here. It listens as soon as it is awaited
  /// or spawned, and fails where `start` would.
  Task<void> serve();

  /// The parts of `run`, for programs that do more than serve; not on a host of a simulation. `start` returns
  /// once connections are accepted.
  Status start();
  void stop() noexcept;  ///< from any thread and from signal handlers
  Status wait();
  /// Reads the files of `tls` now, for connections from now on; without this it is done within a second or so
  /// of a change, when somebody connects. From any thread, while the server runs. After a failure the old
  /// certificates stay in use. Blocks as long as the files take.
  Status reload_certificates();
  /// What it says about its services by grpc.health.v1, where one of them is called by gRPC.
  Health& health() noexcept { return *health_; }
  /// What it has refused so far, by the limit. From any thread, at any time.
  Refusals refusals() const noexcept { return refused_->read(); }
  /// Where it listens, with the port that the system chose where it was 0.
  Address address() const { return address_; }

 private:
  using MakeService = std::function<std::unique_ptr<ServiceInterface>()>;

  ServerOptions options_;
  std::vector<MakeService> services_;
  std::function<ServicePtr(ServicePtr)> layers_;
  Address address_;
  std::vector<Listener> listeners_;
  std::unique_ptr<detail::Spread> spread_;
  std::shared_ptr<detail::TlsServer> tls_;
  const std::shared_ptr<Health> health_ = std::make_shared<Health>();
  const std::shared_ptr<detail::RefusalCounts> refused_ = std::make_shared<detail::RefusalCounts>();
  std::unique_ptr<Cores> cores_;

  Status check() const;
  Result<Address> open();
  Task<void> serve_core(Listener listener, detail::Spread* spread, unsigned core);
};

}  // namespace weft
