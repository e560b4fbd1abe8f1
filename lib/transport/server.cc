#include <cstdio>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include <weft/runtime/log.h>
#include <weft/runtime/run.h>
#include <weft/transport/server.h>

#include "grpc/own_services.h"
#include "router.h"
#include "server_core.h"
#include "target.h"
#include "tls/tls.h"

namespace weft {
namespace {

constexpr unsigned cores_max = 1024;
constexpr std::size_t tls_handshake_word = 0x16000000;  ///< what a frame's length must not begin with

/// Servers hold many connections; the soft limit of 1,024 descriptors is for programs that use select.
void raise_descriptor_limit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

Task<void> serve_until_all_end(Task<void> serve, detail::Spread* spread, Cores* cores) {
  auto served = co_await attempt(std::move(serve));
  spread->leave(this_core());
  if (!served && served.status().code() != Code::cancelled) cores->stop();
  // Other cores may still ask this one's services for something.
  co_await cores->rendezvous();
  co_await std::move(served);
}

/// What is answered to clients that offer protocols by ALPN. Those of Thrift have no name, and offer none.
std::vector<std::string> offered_protocols() {
#ifdef WEFT_GRPC
  return {"h2"};
#else
  return {};
#endif
}

/// The router as the end of a stack: the stack shares it, the core owns it.
struct RouterEnd final : Service {
  explicit RouterEnd(detail::Router& router) : router(router) {}
  Task<Reply> call(Call call) override { return router.call(std::move(call)); }
  detail::Router& router;
};

}  // namespace

Server::Server(ServerOptions options) : options_(std::move(options)) {}

Server::~Server() {
  stop();
  (void)wait();
}

Status Server::check() const {
  if (cores_) return failed_precondition("the server runs already");
  if (services_.empty()) return failed_precondition("the server has no service: call add<...>() first");
  return {};
}

/// What `start` and `serve` do first: where to listen, and the certificates.
Result<Address> Server::open() {
  auto target = detail::Target::parse(options_.listen);
  if (!target) return std::move(target).status();
  options_.listen = target->address;
  health_->start();
  options_.tls.required |= target->tls;
  auto address = Address::parse(options_.listen);
  const ServerTls& tls_options = options_.tls;
  if (!address ||
      (tls_options.certificates.empty() && tls_options.client_ca_file.empty() && !tls_options.required))
    return address;
  if (!options_.tls.required && options_.frame_max >= tls_handshake_word)
    return invalid_argument("frame_max is too large for telling frames from TLS on one port");
  auto tls = detail::TlsServer::open(options_.tls, offered_protocols());
  if (!tls) return std::move(tls).status();
  tls_ = *std::move(tls);
  return address;
}

Status Server::reload_certificates() {
  return tls_ ? tls_->reload() : failed_precondition("the server has no TLS, or does not run yet");
}

Task<void> Server::serve_core(Listener listener, detail::Spread* spread, unsigned index) {
  auto router = std::make_unique<detail::Router>();
  std::vector<const ServiceInfo*> infos;
  for (const MakeService& make : services_) {
    auto service = make();
    infos.push_back(&service->weft_service());
    router->add(std::move(service));
  }
  detail::add_own_services(*router, std::move(infos), health_, options_.grpc);
  ServicePtr stack = layers_ ? layers_(std::make_shared<RouterEnd>(*router)) : nullptr;
  detail::ServerCore core{options_, std::move(router), std::move(stack), *spread, index,
                          tls_,     health_,           refused_};
  co_await core.run(std::move(listener));
}

Task<void> Server::serve() {
  co_await check();
  auto address = co_await open();
  Listener listener = co_await Listener::open(address);
  address_ = listener.address();
  detail::Spread alone{1, options_};
  co_await serve_core(std::move(listener), &alone, 0);
}

Status Server::start() {
  if (Status status = check(); !status.ok()) return status;
  if (Loop* loop = Loop::current(); loop && loop->is_simulated())
    return failed_precondition("a simulated host has no threads: co_await serve()");
  if (options_.cores > cores_max)
    return invalid_argument(fmt::format("{} cores; at most {}", options_.cores, cores_max));
  auto address = open();
  if (!address) return std::move(address).status();
  raise_descriptor_limit();
  auto cores = std::make_unique<Cores>(
      CoresOptions{.count = options_.cores, .pin = options_.pin, .loop = options_.loop});
  for (unsigned core = 0; core < cores->size(); ++core) {
    // Each core has a queue of its own, into which the kernel hashes connections. A Unix socket cannot be
    // opened twice: there the cores share one.
    auto listener = address->is_unix() && core > 0
                        ? listeners_[0].share()
                        : Listener::open(*address, {.reuse_port = cores->size() > 1, .first = core == 0});
    if (!listener) {
      listeners_.clear();
      return std::move(listener).status();
    }
    if (core == 0) address = address_ = listener->address();
    listeners_.push_back(*std::move(listener));
  }
  spread_ = std::make_unique<detail::Spread>(cores->size(), options_);
  Status started = cores->start([this, all = cores.get()](unsigned core) {
    return serve_until_all_end(serve_core(std::move(listeners_[core]), spread_.get(), core), spread_.get(),
                               all);
  });
  if (started.ok())
    cores_ = std::move(cores);
  else
    listeners_.clear();
  return started;
}

void Server::stop() noexcept {
  if (cores_) cores_->stop();
}

Status Server::wait() {
  if (!cores_) return {};
  Status status = cores_->join();
  cores_.reset();
  listeners_.clear();
  return status;
}

int Server::run() {
  Status status = start();
  if (status.ok()) {
    detail::StopSignals signals{[](void* server) noexcept { static_cast<Server*>(server)->stop(); }, this};
    log(LogLevel::info, fmt::format("listening on {} with {} core(s)", address_.to_string(), cores_->size()));
    status = wait();
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.to_string().c_str());
  return 1;
}

}  // namespace weft
