#include "server_core.h"

#include <fmt/format.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/log.h>
#include <weft/runtime/sleep.h>

#include "thrift/server_connection.h"

namespace weft::detail {

ServerCore::ServerCore(const ServerOptions& options, std::unique_ptr<Router> router, ServicePtr stack,
                       Spread& spread, unsigned core, std::shared_ptr<TlsServer> tls)
    : receiving(options.receive_buffered_core_max),
      sending(options.send_buffered_core_max),
      options_(options),
      router_(std::move(router)),
      stack_(std::move(stack)),
      spread_(spread),
      core_(core),
      tls_(tls ? TlsAcceptor::make(std::move(tls)) : nullptr) {}

std::uint32_t ServerCore::ticks(Duration duration) const noexcept {
  return static_cast<std::uint32_t>(duration / tick_length) + 1;
}

void ServerCore::enter(ServerConnection& connection) noexcept {
  connection.next = connections_;
  if (connections_) connections_->previous = &connection.next;
  connection.previous = &connections_;
  connections_ = &connection;
  ++connection_count_;
}

void ServerCore::leave(ServerConnection& connection) noexcept {
  *connection.previous = connection.next;
  if (connection.next) connection.next->previous = connection.previous;
  --connection_count_;
}

Task<void> ServerCore::serve(Socket socket) {
  struct Leaving {
    ServerCore& core;
    ~Leaving() { core.spread_.left(core.core_); }
  } leaving{*this};
  if (tls_) co_await open_tls(&socket);
  ServerConnection connection{*this, std::move(socket)};
  co_await connection.run();
}

/// Fails where the connection cannot be served; its peer knows then.
Task<std::string> ServerCore::open_tls(Socket* socket) {
  struct Opening {
    std::size_t& count;
    explicit Opening(std::size_t& count) noexcept : count(count) { ++count; }
    ~Opening() { --count; }
  } opening{opening_};
  Duration silence_max = options_.idle_timeout > Duration::zero() ? options_.idle_timeout : Duration::max();
  auto opened = co_await attempt(tls_->open(socket, silence_max));
  if (!opened && opened.status().code() != Code::cancelled)
    log(LogLevel::info,
        fmt::format("closing {}: {}", socket->peer_address().to_string(), opened.status().message()));
  co_return std::move(opened);
}

void ServerCore::take(Socket socket) {
  if (connection_count_ + opening_ >= options_.connections_max || !serving_->spawn(serve(std::move(socket))))
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
    bool crowded = sending.used() > sending.max();
    for (ServerConnection *connection = connections_, *next; connection; connection = next) {
      next = connection->next;
      connection->sweep(crowded);
    }
  }
}

Task<void> ServerCore::run(Listener listener) {
  Scope connections{{.keep_going = true}};  // one connection's end is nobody else's
  Scope housekeeping{{.keep_going = true}};
  housekeeping.spawn(sweep());
  serving_ = &connections;
  spread_.join(core_, *this);
  auto stopped = co_await attempt(accept(&listener));
  spread_.leave(core_);
  listener.close();
  connections.cancel(
      std::move(stopped).status());  // ends their reading; what they have read is still answered
  auto drained = co_await attempt(shield(within(options_.drain_timeout, connections.idle())));
  if (!drained) {
    log(LogLevel::warning, "drain: calls are still running after drain_timeout; they are cancelled");
    for (ServerConnection* connection = connections_; connection; connection = connection->next)
      connection->abort();
  }
  co_await connections.join();
  housekeeping.cancel();
  co_await housekeeping.join();
}

}  // namespace weft::detail
