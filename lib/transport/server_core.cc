#include "server_core.h"

#include <tuple>

#include <fmt/format.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/log.h>
#include <weft/runtime/sleep.h>

#include "connection.h"
#include "sniff.h"
#include "thrift/server_connection.h"
#ifdef WEFT_GRPC
#include "grpc/server_connection.h"
#endif

namespace weft::detail {

ServerCore::ServerCore(const ServerOptions& options, std::unique_ptr<Router> router, ServicePtr stack,
                       Spread& spread, unsigned core, std::shared_ptr<TlsServer> tls,
                       std::shared_ptr<Health> health, std::shared_ptr<RefusalCounts> refused)
    : receiving(options.receive_buffered_core_max),
      sending(options.send_buffered_core_max),
      options_(options),
      router_(std::move(router)),
      stack_(std::move(stack)),
      spread_(spread),
      core_(core),
      health_(std::move(health)),
      refused_(std::move(refused)),
      tls_(tls ? TlsAcceptor::make(std::move(tls)) : nullptr) {}

std::uint32_t ServerCore::ticks(Duration duration) const noexcept {
  return static_cast<std::uint32_t>(duration / tick_length) + 1;
}

void ServerCore::enter(Connection& connection) noexcept {
  connection.next = connections_;
  if (connections_) connections_->previous = &connection.next;
  connection.previous = &connections_;
  connections_ = &connection;
}

void ServerCore::leave(Connection& connection) noexcept {
  *connection.previous = connection.next;
  if (connection.next) connection.next->previous = connection.previous;
}

namespace {

std::unique_ptr<Connection> make_connection(ServerCore& core, Socket socket, const Bytes& first) {
#ifdef WEFT_GRPC
  if (is_http2(first)) return std::make_unique<grpc::ServerConnection>(core, std::move(socket));
#else
  std::ignore = first;
#endif
  return std::make_unique<ServerConnection>(core, std::move(socket));
}

}  // namespace

/// The first bytes of a connection, enough to tell its protocol; fewer only at its end.
Task<Bytes> ServerCore::greeting(Socket* socket) {
  Duration idle = options_.idle_timeout > Duration::zero() ? options_.idle_timeout : Duration::max();
  Bytes first = co_await within(idle, socket->receive());
  while (!first.empty() && first.size() < sniffed) {
    auto more = co_await attempt(within(options_.grpc.http2.handshake_timeout, socket->receive()));
    if (!more) {
      if (more.status().code() == Code::deadline_exceeded) refused(Refusal::handshake_timeout);
      co_await std::move(more).status();
    }
    if (more->empty()) break;
    first = Bytes(first.str() + more->str());
  }
  co_return first;
}

Task<void> ServerCore::serve(Socket socket) {
  struct Counted {
    explicit Counted(ServerCore& core) : core(core) { ++core.connection_count_; }
    Counted(const Counted&) = delete;
    ~Counted() {
      --core.connection_count_;
      core.spread_.left(core.core_);
    }
    ServerCore& core;
  } counted{*this};
  if (tls_) co_await open_tls(&socket);
  // While nothing was said, a connection has nothing but this.
  Bytes first = co_await greeting(&socket);
  if (first.empty()) co_return;
  auto connection = make_connection(*this, std::move(socket), first);
  co_await connection->run(std::move(first));
}

/// Fails where the connection cannot be served; its peer knows then.
Task<std::string> ServerCore::open_tls(Socket* socket) {
  Duration silence_max = options_.idle_timeout > Duration::zero() ? options_.idle_timeout : Duration::max();
  auto opened = co_await attempt(tls_->open(socket, silence_max));
  if (!opened && opened.status().code() != Code::cancelled) {
    bool late = opened.status().code() == Code::deadline_exceeded;
    refused(late ? Refusal::tls_handshake_timeout : Refusal::tls_handshake);
    log(LogLevel::info,
        fmt::format("closing {}: {}", socket->peer_address().to_string(), opened.status().message()));
  }
  co_return std::move(opened);
}

void ServerCore::take(Socket socket) {
  bool room = connection_count_ < options_.connections_max;
  if (!room) refused(Refusal::connections_max);
  if (!room || !serving_->spawn(serve(std::move(socket))))
    spread_.left(core_);  // it is closed by going out of scope
}

Task<void> ServerCore::accept(Listener* listener) {
  for (;;) {
    Socket socket = co_await listener->accept(options_.socket);
    unsigned chosen = spread_.choose(core_);
    if (chosen == core_)
      take(std::move(socket));
    else
      spread_.hand_over(chosen, std::move(socket));
  }
}

Task<void> ServerCore::sweep() {
  for (;;) {
    co_await sleep(tick_length);
    ++tick_;
    if (tls_) tls_->sweep();
    bool crowded = sending.used() > sending.max();
    for (Connection *connection = connections_, *next; connection; connection = next) {
      next = connection->next;
      connection->sweep(crowded);
    }
  }
}

Task<void> ServerCore::run(Listener listener) {
  Scope connections{{.keep_going = true}};  // one connection's end is nobody else's
  // The sweep goes on while the calls in flight are answered.
  Join sweeping{1};
  Strand sweeper{nullptr, [](Strand& s) noexcept { static_cast<Join*>(s.owner)->arrive(); }, &sweeping};
  Task<void> sweep_task = sweep();
  sweeper.start(*sweep_task.promise());
  serving_ = &connections;
  spread_.join(core_, *this);
  auto stopped = co_await attempt(accept(&listener));
  spread_.leave(core_);
  listener.close();
  health_->drain();
  connections.cancel(
      std::move(stopped).status());  // ends their reading; what they have read is still answered
  auto drained = co_await attempt(shield(within(options_.drain_timeout, connections.idle())));
  if (!drained) {
    log(LogLevel::warning, "drain: calls are still running after drain_timeout; they are cancelled");
    for (Connection* connection = connections_; connection; connection = connection->next)
      connection->abort();
  }
  co_await connections.join();
  sweeper.context.cancel(cancelled());
  co_await sweeping;
}

}  // namespace weft::detail
