#include <fmt/format.h>

#include <weft/middleware/backoff.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/resolve.h>
#include <weft/transport/channel.h>
#include <weft/transport/connect.h>

#include "target.h"
#include "thrift/client_connection.h"
#include "tls/tls.h"

namespace weft {

using detail::ClientConnection;

/// Shared by the channel, its calls and the task that connects.
class Channel::State : public std::enable_shared_from_this<State> {
 public:
  State(std::string target, ChannelOptions options)
      : target(std::move(target)), options_(std::move(options)) {}

  /// A connection that can take calls.
  Task<std::shared_ptr<ClientConnection>> connected();
  static Task<Reply> call(std::shared_ptr<State> self, Call call);
  void close() noexcept;

  const std::string target;

 private:
  static Task<void> connect(std::shared_ptr<State> self);
  static Task<Socket> open(std::shared_ptr<State> self);
  static Task<std::shared_ptr<ClientConnection>> ready(std::shared_ptr<State> self);
  bool has_room(ClientConnection& connection) const noexcept;
  static Task<void> room(std::shared_ptr<ClientConnection> connection, std::size_t send_buffered_max);

  ChannelOptions options_;
  std::shared_ptr<detail::TlsClient> tls_;  ///< null: none, or not needed yet
  std::shared_ptr<ClientConnection> connection_;
  Event attempted_;  ///< an attempt to connect has ended
  bool connecting_ = false, closed_ = false;
  Status failure_;  ///< of the last attempt
  Instant retry_at_{};
  std::uint32_t failures_ = 0;  ///< attempts since the last success
};

Task<Socket> Channel::State::open(std::shared_ptr<State> self) {
  auto where = co_await detail::Target::parse(self->target);
  bool wants_tls = where.tls || self->options_.tls.enabled;
  if (wants_tls && !self->tls_)
    self->tls_ = co_await detail::TlsClient::open(self->options_.tls, where.address);
  Socket socket = co_await connect_socket(where.address, self->options_.socket);
  if (wants_tls) co_await self->tls_->connect(&socket);
  co_return socket;
}

Task<void> Channel::State::connect(std::shared_ptr<State> self) {
  auto socket = co_await attempt(within(self->options_.connect_timeout, open(self)));
  self->connecting_ = false;
  if (socket && !self->closed_) {
    self->connection_ = std::make_shared<ClientConnection>(*std::move(socket), self->options_);
    self->failure_ = {};
    self->failures_ = 0;
    Loop::current()->background().spawn(ClientConnection::read(self->connection_));
  } else if (!socket) {
    Backoff backoff{.initial = self->options_.reconnect_backoff,
                    .multiplier = 1.6,
                    .max = self->options_.reconnect_backoff_max};
    self->retry_at_ = now() + backoff.delay(++self->failures_);
    Status status = std::move(socket).status();
    // Whatever it was, running out of time included: the peer could not be reached, and saw nothing.
    self->failure_ = unavailable(fmt::format("no connection to {}: {}", self->target, status.message()))
                         .with(Reach::never_sent);
  }
  self->attempted_.set();
  self->attempted_.reset();
}

Task<std::shared_ptr<ClientConnection>> Channel::State::connected() {
  auto self = shared_from_this();
  while (!(connection_ && connection_->is_usable())) {
    if (closed_) co_return cancelled("the channel was closed").with(Reach::never_sent);
    if (!connecting_) {
      if (!failure_.ok() && now() < retry_at_) co_return Status{failure_};
      failure_ = {};
      connecting_ = true;
      // Not in the caller's strand: an impatient caller must not end the attempt that others wait for.
      if (!Loop::current()->background().spawn(connect(self))) {
        connecting_ = false;
        co_return cancelled("the loop is ending").with(Reach::never_sent);
      }
      if (!connecting_) {
        if (!failure_.ok()) co_return Status{failure_};
        continue;
      }
    }
    auto waited = co_await attempt(attempted_.wait());
    if (!waited) co_return std::move(waited).status().with(Reach::never_sent);
    if (!failure_.ok()) co_return Status{failure_};
  }
  co_return connection_;
}

/// Until the connection can take one call more, or is gone.
Task<void> Channel::State::room(std::shared_ptr<ClientConnection> connection, std::size_t send_buffered_max) {
  while (connection->is_usable() && !connection->has_room()) co_await connection->changed();
  if (connection->is_usable()) co_await connection->socket().drain_below(send_buffered_max);
}

/// A connection with room for one call more.
Task<std::shared_ptr<ClientConnection>> Channel::State::ready(std::shared_ptr<State> self) {
  for (;;) {
    auto connection = co_await self->connected();
    if (self->has_room(*connection)) co_return connection;
    auto waited = co_await attempt(room(connection, self->options_.send_buffered_max));
    if (!waited && connection->is_usable()) co_return std::move(waited).status();
  }
}

bool Channel::State::has_room(ClientConnection& connection) const noexcept {
  return connection.is_usable() && connection.has_room() &&
         connection.socket().unsent() <= options_.send_buffered_max;
}

Task<Reply> Channel::State::call(std::shared_ptr<State> self, Call call) {
  // A call that nobody limited could wait for ever for a peer that died without a word.
  Instant deadline = Instant::never();
  if (current_deadline().is_never() && self->options_.call_timeout > Duration::zero())
    deadline = now() + self->options_.call_timeout;
  std::shared_ptr<ClientConnection> connection = self->connection_;
  if (!connection || !self->has_room(*connection)) {
    Duration left = deadline.is_never() ? Duration::max() : deadline - now();
    auto waited = co_await attempt(within(left, ready(self)));
    if (!waited) co_return std::move(waited).status().with(Reach::never_sent);
    connection = *std::move(waited);
  }
  if (call.method().oneway) {
    co_await connection->send_oneway(std::move(call));
    co_return Reply{};
  }
  ClientConnection::Exchange exchange{*connection, call, deadline};
  co_return co_await exchange;
}

void Channel::State::close() noexcept {
  closed_ = true;
  if (connection_) connection_->close(cancelled("the channel was closed").with(Reach::unknown));
  attempted_.set();
}

Channel::Channel(std::string target, ChannelOptions options)
    : state_(std::make_shared<State>(std::move(target), std::move(options))) {}

Channel::~Channel() { state_->close(); }

const std::string& Channel::target() const noexcept { return state_->target; }

Task<Reply> Channel::call(Call call) { return State::call(state_, std::move(call)); }

Task<void> Channel::connect() {
  auto state = state_;
  co_await state->connected();
}

namespace {

/// Whether it can be an address or a name.
Status check_target(std::string_view text) {
  auto target = detail::Target::parse(text);
  if (!target) return std::move(target).status();
  const std::string& address = target->address;
  return address.starts_with("unix:") ? Address::parse(address).status() : HostPort::split(address).status();
}

/// What a bad address becomes: every call says what is wrong with it.
struct Unreachable final : Service {
  explicit Unreachable(Status why) : why(std::move(why).with(Reach::never_sent)) {}
  Task<Reply> call(Call) override { co_return Status{why}; }
  Status why;
};

}  // namespace

ServicePtr channel(std::string_view target, const ChannelOptions& options) {
  if (Status status = check_target(target); !status.ok())
    return std::make_shared<Unreachable>(std::move(status));
  return std::make_shared<Channel>(std::string(target), options);
}

Task<ServicePtr> detail::connect_service(std::string target, ChannelOptions options) {
  co_await check_target(target);
  auto channel = std::make_shared<Channel>(std::move(target), std::move(options));
  co_await channel->connect();
  co_return ServicePtr{std::move(channel)};
}

}  // namespace weft
