#include <vector>

#include <fmt/format.h>

#include <weft/middleware/backoff.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/resolve.h>
#include <weft/runtime/sleep.h>
#include <weft/transport/channel.h>
#include <weft/transport/connect.h>

#include "link.h"
#include "target.h"
#include "thrift/client_connection.h"
#include "tls/tls.h"
#ifdef WEFT_GRPC
#include "grpc/client_connection.h"
#endif

namespace weft {

using detail::ClientConnection;

namespace {

#ifndef WEFT_GRPC
Task<Reply> without_grpc() {
  co_return unimplemented("this Weft was built without gRPC: libnghttp2 or zlib was not found")
      .with(Reach::never_sent);
}
#endif

/// What a channel has for each protocol that its calls want: a connection, or when to try for one again.
struct Line {
  std::shared_ptr<detail::TlsClient> tls;  ///< null: none, or not needed yet
  std::string address;
  bool over_tls = false;
  std::shared_ptr<detail::Link> link;
  Event attempted;  ///< an attempt to connect has ended
  bool connecting = false;
  Status failure;  ///< of the last attempt
  Instant retry_at{};
  std::uint32_t failures = 0;  ///< attempts since the last success
};

}  // namespace

/// Shared by the channel, its calls and the tasks that connect.
class Channel::State : public std::enable_shared_from_this<State> {
 public:
  State(std::string target, ChannelOptions options)
      : target(std::move(target)), options_(std::move(options)) {}

  /// A connection that can take calls.
  Task<std::shared_ptr<detail::Link>> connected(Protocol protocol, bool wait_for_ready);
  static Task<Reply> call(std::shared_ptr<State> self, Call call);
#ifdef WEFT_GRPC
  static Task<Reply> call_grpc(std::shared_ptr<State> self, Call call);
#endif
  void close() noexcept;

  const std::string target;

 private:
  static Task<void> connect(std::shared_ptr<State> self, Protocol protocol);
  static Task<Socket> open(std::shared_ptr<State> self, Protocol protocol);
  void opened(Line& line, Protocol protocol, Socket socket);
  void failed(Line& line, Protocol protocol, const Status& why);
  void look_at(Line& line, Protocol protocol);
  static Task<std::shared_ptr<ClientConnection>> ready(std::shared_ptr<State> self);
  bool has_room(ClientConnection& connection) const noexcept;
  static Task<void> room(std::shared_ptr<ClientConnection> connection, std::size_t send_buffered_max);
  Line& line(Protocol protocol) noexcept { return protocol == Protocol::thrift ? thrift_ : grpc_; }

  ChannelOptions options_;
  Line thrift_, grpc_;
  std::vector<std::weak_ptr<detail::Link>> left_;  ///< that still finish calls
  bool closed_ = false;
};

Task<Socket> Channel::State::open(std::shared_ptr<State> self, Protocol protocol) {
  Line& line = self->line(protocol);
  auto where = co_await detail::Target::parse(self->target);
  line.address = where.address;
  line.over_tls = where.tls || self->options_.tls.enabled;
  if (line.over_tls && !line.tls) {
    std::vector<std::string> offered;
    if (protocol == Protocol::grpc) offered.push_back("h2");
    line.tls = co_await detail::TlsClient::open(self->options_.tls, where.address, std::move(offered));
  }
  SocketOptions options = self->options_.socket;
  // With keepalive, what was sent must be acknowledged as soon as a PING must be.
  if (const GrpcChannelOptions& grpc = self->options_.grpc;
      protocol == Protocol::grpc && grpc.keepalive_time > Duration::zero())
    options.user_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(grpc.keepalive_timeout);
  Socket socket = co_await connect_socket(where.address, options);
  if (line.over_tls) co_await line.tls->connect(&socket);
  co_return socket;
}

Task<void> Channel::State::connect(std::shared_ptr<State> self, Protocol protocol) {
  Line& line = self->line(protocol);
  const ChannelOptions& options = self->options_;
  bool grpc = protocol == Protocol::grpc;
  Duration limit = grpc ? options.grpc.connect_timeout : options.connect_timeout;
  auto socket = co_await attempt(within(limit, open(self, protocol)));
  line.connecting = false;
  if (!socket) {
    self->failed(line, protocol, socket.status());
  } else if (!self->closed_) {
    line.failure = {};
    if (line.link) self->left_.push_back(line.link);
    std::erase_if(self->left_, [](const auto& link) { return link.expired(); });
    self->opened(line, protocol, *std::move(socket));
  }
  line.attempted.set();
  line.attempted.reset();
}

void Channel::State::opened(Line& line, Protocol protocol, Socket socket) {
  Scope& background = Loop::current()->background();
  if (protocol == Protocol::thrift) {
    line.failures = 0;
    auto connection = std::make_shared<ClientConnection>(std::move(socket), options_);
    line.link = connection;
    background.spawn(ClientConnection::read(std::move(connection)));
    return;
  }
#ifdef WEFT_GRPC
  auto connection = std::make_shared<detail::grpc::ClientConnection>(std::move(socket), options_,
                                                                     line.address, line.over_tls);
  line.link = connection;
  background.spawn(detail::grpc::ClientConnection::read(std::move(connection)));
#endif
}

void Channel::State::failed(Line& line, Protocol protocol, const Status& why) {
  bool grpc = protocol == Protocol::grpc;
  Backoff backoff{.initial = grpc ? options_.grpc.reconnect_backoff : options_.reconnect_backoff,
                  .multiplier = 1.6,
                  .max = grpc ? options_.grpc.reconnect_backoff_max : options_.reconnect_backoff_max};
  line.retry_at = now() + backoff.delay(++line.failures);
  // Whatever it was, running out of time included: the peer could not be reached, and saw nothing. Only what
  // no peer can change keeps its code: wrong options, and what was not built.
  const bool is_ours = why.code() == Code::invalid_argument || why.code() == Code::unimplemented;
  line.failure = Status{is_ours ? why.code() : Code::unavailable,
                        fmt::format("no connection to {}: {}", target, why.message())}
                     .with(Reach::never_sent);
}

/// What has become of the connection since somebody looked.
void Channel::State::look_at([[maybe_unused]] Line& line, [[maybe_unused]] Protocol protocol) {
#ifdef WEFT_GRPC
  if (protocol != Protocol::grpc || !line.link) return;
  auto& connection = static_cast<detail::grpc::ClientConnection&>(*line.link);
  if (connection.is_proven()) line.failures = 0;
  if (connection.is_usable()) return;
  if (connection.was_told_to_calm()) options_.grpc.keepalive_time *= 2;
  // One that ended before the server had said anything is no better than none.
  if (!connection.is_proven()) failed(line, protocol, connection.end());
  left_.push_back(std::exchange(line.link, nullptr));
#endif
}

Task<std::shared_ptr<detail::Link>> Channel::State::connected(Protocol protocol, bool wait_for_ready) {
  auto self = shared_from_this();
  Line& line = this->line(protocol);
  for (;;) {
    look_at(line, protocol);
    if (line.link && line.link->is_usable()) co_return line.link;
    if (closed_) co_return cancelled("the channel was closed").with(Reach::never_sent);
    if (!line.connecting) {
      if (!line.failure.ok() && now() < line.retry_at) {
        if (!wait_for_ready) co_return Status{line.failure};
        auto slept = co_await attempt(sleep_until(line.retry_at));
        if (!slept) co_return std::move(slept).status().with(Reach::never_sent);
        continue;
      }
      line.failure = {};
      line.connecting = true;
      // Not in the caller's strand: an impatient caller must not end the attempt that others wait for.
      if (!Loop::current()->background().spawn(connect(self, protocol))) {
        line.connecting = false;
        co_return cancelled("the loop is ending").with(Reach::never_sent);
      }
    }
    if (line.connecting) {
      auto waited = co_await attempt(line.attempted.wait());
      if (!waited) co_return std::move(waited).status().with(Reach::never_sent);
    }
    if (!line.failure.ok() && !wait_for_ready) co_return Status{line.failure};
  }
}

/// Until the connection can take one call more, or is gone.
Task<void> Channel::State::room(std::shared_ptr<ClientConnection> connection, std::size_t send_buffered_max) {
  while (connection->is_usable() && !connection->has_room()) co_await connection->changed();
  if (connection->is_usable()) co_await connection->socket().drain_below(send_buffered_max);
}

/// A connection with room for one call more.
Task<std::shared_ptr<ClientConnection>> Channel::State::ready(std::shared_ptr<State> self) {
  for (;;) {
    auto link = co_await self->connected(Protocol::thrift, false);
    auto connection = std::static_pointer_cast<ClientConnection>(link);
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
  auto connection = std::static_pointer_cast<ClientConnection>(self->thrift_.link);
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

#ifdef WEFT_GRPC
namespace {

using GrpcConnection = detail::grpc::ClientConnection;

/// Waits for a slot on a connection: it may go meanwhile, and then it is another's turn.
Task<void> slot_of(std::shared_ptr<GrpcConnection> connection) {
  GrpcConnection::Slot slot = connection->slot();
  co_await slot;
}

}  // namespace

Task<Reply> Channel::State::call_grpc(std::shared_ptr<State> self, Call call) {
  const Method& method = call.method();
  Instant deadline = current_deadline();
  bool streams = method.streams_requests || method.streams_replies;
  if (deadline.is_never() && !streams && self->options_.call_timeout > Duration::zero())
    deadline = now() + self->options_.call_timeout;
  if (deadline <= now()) co_return deadline_exceeded().with(Reach::never_sent);
  bool wait_for_ready = call.wait_for_ready || self->options_.grpc.wait_for_ready;
  for (bool again = false;;) {
    auto connection = std::static_pointer_cast<GrpcConnection>(self->grpc_.link);
    if (!connection || !connection->take_slot()) {
      Duration left = deadline.is_never() ? Duration::max() : deadline - now();
      auto link = co_await attempt(within(left, self->connected(Protocol::grpc, wait_for_ready)));
      if (!link) co_return std::move(link).status().with(Reach::never_sent);
      connection = std::static_pointer_cast<GrpcConnection>(*std::move(link));
      if (!connection->take_slot()) {
        left = deadline.is_never() ? Duration::max() : deadline - now();
        auto waited = co_await attempt(within(left, slot_of(connection)));
        // Nothing of it has left this process, so it may try as often as there is time.
        if (!waited && waited.status().code() == Code::unavailable) continue;
        if (!waited) co_return std::move(waited).status().with(Reach::never_sent);
      }
    }
    auto reply = co_await attempt(GrpcConnection::call(connection, call, deadline));
    if (reply) co_return *std::move(reply);
    Status status = std::move(reply).status();
    // The server says that it has not looked at the call: it is sent once more, unless its requests, which
    // are there only once, have begun to flow.
    bool unseen = status.code() == Code::unavailable && status.reach() == Reach::never_sent;
    if (!unseen || again || call.messages || now() >= deadline) co_return status;
    again = true;
  }
}
#endif

void Channel::State::close() noexcept {
  closed_ = true;
  Status reason = cancelled("the channel was closed").with(Reach::unknown);
  for (auto& left : left_)
    if (auto link = left.lock()) link->close(Status{reason});
  for (Line* line : {&thrift_, &grpc_}) {
    if (line->link) line->link->close(Status{reason});
    line->attempted.set();
  }
}

Channel::Channel(std::string target, ChannelOptions options)
    : state_(std::make_shared<State>(std::move(target), std::move(options))) {}

Channel::~Channel() { state_->close(); }

const std::string& Channel::target() const noexcept { return state_->target; }

Task<Reply> Channel::call(Call call) {
  if (call.method().protocol == Protocol::thrift) return State::call(state_, std::move(call));
#ifdef WEFT_GRPC
  return State::call_grpc(state_, std::move(call));
#else
  return without_grpc();
#endif
}

Task<void> Channel::connect(Protocol protocol) {
  auto state = state_;
#ifndef WEFT_GRPC
  if (protocol == Protocol::grpc) co_await without_grpc();
#endif
  co_await state->connected(protocol, false);
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

Task<ServicePtr> detail::connect_service(std::string target, ChannelOptions options, Protocol protocol) {
  co_await check_target(target);
  auto channel = std::make_shared<Channel>(std::move(target), std::move(options));
  co_await channel->connect(protocol);
  co_return ServicePtr{std::move(channel)};
}

}  // namespace weft
