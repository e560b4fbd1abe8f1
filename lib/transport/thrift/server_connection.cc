#include "server_connection.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include <fmt/format.h>

#include <weft/codec/application_exception.h>
#include <weft/middleware/current_call.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/log.h>
#include <weft/runtime/sleep.h>

#include "../server_core.h"
#include "envelope.h"

namespace weft::detail {
namespace {

/// Unfinished frames up to this size are not worth waiting for.
constexpr std::size_t small_frame = 16 * 1024;
/// Methods with replies up to this size are still served when there is no room for larger ones.
constexpr std::size_t small_reply = 16 * 1024;
/// How long peers may make no progress while others need the memory that they hold: while it is crowded, and
/// while no call can start.
constexpr Duration crowded_patience = std::chrono::seconds(1), full_patience = std::chrono::milliseconds(200);

}  // namespace

/// A request of which the header has been read.
struct ServerConnection::Request {
  Reader reader;  ///< holds what the header's name is a part of
  compact::MessageHeader header;
  Router::Route* route = nullptr;  ///< none: nobody serves it
};

/// A call from its request to its reply.
class ServerConnection::ServedCall final : CurrentCall {
 public:
  ServedCall(ServerConnection& connection, Router::Route& route, std::int32_t sequence, bool answered)
      : name(route.served->method.name),
        route(&route),
        sequence(sequence),
        answered(answered),
        connection_(connection),
        strand_(&connection.calls_, &over, &connection) {
    strand_.context.carry(static_cast<CurrentCall*>(this));
  }
  /// One that is refused already.
  ServedCall(ServerConnection& connection, const compact::MessageHeader& header, ApplicationException why)
      : sequence(header.sequence),
        refusal(std::move(why)),
        done(true),
        connection_(connection),
        strand_(&connection.calls_, &over, &connection),
        unknown_name_(header.name) {
    name = unknown_name_;
  }
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

  /// This may be gone when it returns.
  void start(Task<Reply> task) {
    task_ = std::move(task);
    strand_.call = this;
    strand_.start(*task_.promise());
  }

  std::string_view name;
  Router::Route* route = nullptr;  ///< none: refused
  std::int32_t sequence;
  Result<Reply> result = Reply{};
  std::optional<ApplicationException> refusal{};
  bool answered = true;  ///< somebody waits for a reply
  bool done = false;
  ServedCall* next = nullptr;

 private:
  struct CallStrand : Strand {
    using Strand::Strand;
    ServedCall* call = nullptr;
  };
  static void over(Strand& strand) noexcept {
    ServedCall& call = *static_cast<CallStrand&>(strand).call;
    call.result = outcome(call.task_);
    call.task_ = Task<Reply>{};
    call.done = true;
    static_cast<ServerConnection*>(strand.owner)->ended(call);
  }

  const Method& method() const noexcept override { return route->served->method; }
  const Metadata& metadata() const noexcept override {
    static const Metadata none;
    return none;
  }
  Address peer() const override {
    return connection_.socket_.is_open() ? connection_.socket_.peer_address() : Address{};
  }
  std::shared_ptr<const PeerIdentity> peer_identity() const override {
    return connection_.socket_.peer_identity();
  }
  // Framed Thrift has no place for these.
  Metadata& reply_metadata() noexcept override { return unsent(); }
  Metadata& trailers() noexcept override { return unsent(); }
  Metadata& unsent() {
    if (!unsent_) unsent_ = std::make_unique<Metadata>();
    return *unsent_;
  }

  ServerConnection& connection_;
  Task<Reply> task_;
  std::unique_ptr<Metadata> unsent_;
  CallStrand strand_;
  std::string unknown_name_;
};

ServerConnection::ServerConnection(ServerCore& core, Socket socket)
    : core_(core),
      socket_(std::move(socket)),
      frames_(core.options().frame_max),
      calls_(nullptr),
      active_tick_(core.tick()),
      receive_tick_(core.tick()),
      progress_tick_(core.tick()) {
  core_.enter(*this);
}

ServerConnection::~ServerConnection() {
  core_.leave(*this);
  core_.receiving.settle(this);
  core_.receiving.give_back(receiving_);
  core_.sending.give_back(sending_);
}

Task<void> ServerConnection::run(Bytes first) {
  auto ended = co_await attempt(read(std::move(first)));
  receiving_now_ = false;
  core_.receiving.settle(this);
  if (!ended && ended.status().code() == Code::invalid_argument) {
    core_.refused(Refusal::protocol_error);
    log(LogLevel::info,
        fmt::format("closing {}: {}", socket_.peer_address().to_string(), ended.status().message()));
  }
  // The peer broke off: nobody reads the answers.
  if (!ended && ended.status().code() == Code::unavailable) calls_.cancel(cancelled("the caller is gone"));
  co_await shield(finish());
}

Task<void> ServerConnection::read(Bytes piece) {
  while (!piece.empty()) {
    active_tick_ = core_.tick();
    frames_.feed(std::move(piece));
    Bytes frame;
    FrameReader::Found found;
    while ((found = frames_.next(frame)) == FrameReader::Found::frame) {
      Request request = open(std::move(frame));
      if (!request.reader.ok()) co_await invalid_argument(std::string(request.reader.status().message()));
      if (must_wait()) [[unlikely]]
        co_await wait_for_room(request.route);
      dispatch(request);
      reading_frame_ = false;  // what follows is another frame, with its own time
    }
    if (found == FrameReader::Found::error) co_await Status{frames_.status()};
    account();
    if (!reading_frame_ && frames_.in_frame()) frame_tick_ = core_.tick();
    reading_frame_ = frames_.in_frame();
    // Unfinished frames of all connections together take a bounded amount. Beyond it the large ones go on one
    // after the other; small ones always do.
    while (core_.receiving.used() > core_.receiving.max() && receiving_ > small_frame && !aborted_ &&
           !core_.receiving.may_exceed(this)) {
      socket_.pause();
      co_await core_.receiving.turn();
    }
    if (!reading_frame_) core_.receiving.settle(this);
    receive_tick_ = core_.tick();
    receiving_now_ = true;
    piece = co_await socket_.receive();
    receiving_now_ = false;
  }
}

bool ServerConnection::must_wait() const noexcept {
  const ServerOptions& options = core_.options();
  return in_flight_ >= options.calls_in_flight_max || buffered() > options.send_buffered_max ||
         core_.sending.used() > core_.sending.max() || aborted_;
}

bool ServerConnection::core_is_full_for(const Router::Route* route) const noexcept {
  // A core full of replies that nobody takes starts calls only for peers that take theirs; far beyond the
  // limit only calls whose replies should be small, and then none. The sweep disconnects those that stall.
  const Budget& budget = core_.sending;
  bool small = !route || route->reply_size <= small_reply;
  // The last large reply that was let through must not stop the small ones, however large it is.
  std::size_t most = small ? 3 * budget.max() + core_.options().frame_max : 2 * budget.max();
  return (budget.used() > budget.max() && buffered() > 0) || budget.used() > most;
}

Task<void> ServerConnection::wait_for_room(const Router::Route* route) {
  const ServerOptions& options = core_.options();
  socket_.pause();
  while (in_flight_ >= options.calls_in_flight_max) co_await changed_.wait();
  while (buffered() > options.send_buffered_max) {
    account();
    if (held_ > 0)
      co_await changed_.wait();
    else
      co_await socket_.drain_below(options.send_buffered_max / 2);
  }
  account();
  while (!aborted_ && core_is_full_for(route)) {
    co_await core_.sending.shrunk();
    // The memory is free only when the kernel has let go of it too.
    co_await sleep(std::chrono::milliseconds(1));
    account();
  }
  if (aborted_) co_await cancelled("the connection was closed");
}

void ServerConnection::account() noexcept {
  core_.receiving.change(std::exchange(receiving_, frames_.buffered()), frames_.buffered());
  core_.sending.change(std::exchange(sending_, buffered()), buffered());
}

ServerConnection::Request ServerConnection::open(Bytes frame) {
  Request request{Reader{std::move(frame)}, {}};
  request.header = compact::read_header(request.reader);
  if (!request.reader.ok()) return request;
  // Most peers call one method many times.
  if (!last_route_ || last_route_->served->method.name != request.header.name) {
    request.route = core_.router().find(request.header.name);
    if (request.route) last_route_ = request.route;
  } else {
    request.route = last_route_;
  }
  return request;
}

void ServerConnection::dispatch(const Request& request) {
  const compact::MessageHeader& header = request.header;
  bool oneway = header.type == compact::MessageType::oneway;
  if (header.type != compact::MessageType::call && !oneway) {
    // The frame was whole, so the connection can go on.
    refuse(header, {.message = "a message that is neither call nor oneway",
                    .type = ApplicationException::invalid_message_type});
  } else if (request.route) {
    serve(*request.route, header, request.reader.rest());
  } else if (!oneway) {
    refuse(header, {.message = fmt::format("unknown method '{}'", header.name),
                    .type = ApplicationException::unknown_method});
  }
}

void ServerConnection::serve(Router::Route& route, const compact::MessageHeader& header, Bytes payload) {
  // A oneway method is never answered, even when an older client sends it as a call; a call sent as oneway is
  // run and not answered.
  bool answered = header.type == compact::MessageType::call && !route.served->method.oneway;
  auto* served = new ServedCall(*this, route, header.sequence, answered);
  ++in_flight_;
  if (answered) enqueue(*served);
  Call call{route.served->method, Chain{std::move(payload)}};
  served->start(core_.stack() ? core_.stack()->call(std::move(call))
                              : route.served->serve(*route.service, std::move(call)));
}

void ServerConnection::refuse(const compact::MessageHeader& header, ApplicationException why) {
  ++in_flight_;
  enqueue(*new ServedCall(*this, header, std::move(why)));
  reply_in_order();
}

void ServerConnection::enqueue(ServedCall& call) noexcept {
  *last_ = &call;
  last_ = &call.next;
}

void ServerConnection::ended(ServedCall& call) {
  if (!call.answered) {
    --in_flight_;
    delete &call;
  } else if (&call == first_) {
    reply_in_order();
  } else if (call.result) {
    held_ += call.result->payload.size();
  }
  changed_.set();
  changed_.reset();
}

void ServerConnection::reply_in_order() {
  // Framed Thrift has no way to say that replies come in another order than their requests, and Apache's
  // clients rely on it: a reply waits for those before it.
  for (bool waited = false; first_ && first_->done; waited = true) {
    ServedCall* ready = first_;
    first_ = ready->next;
    if (!first_) last_ = &first_;
    if (waited && ready->result) held_ -= ready->result->payload.size();
    --in_flight_;
    reply(*ready);
    delete ready;
  }
}

void ServerConnection::reply(ServedCall& call) {
  if (aborted_) return;
  Status failure = call.result.status();
  if (failure.ok() && !call.refusal) {
    std::size_t size = message_size(call.name, call.sequence, call.result->payload.size());
    call.route->reply_size = std::max(size, call.route->reply_size - call.route->reply_size / 64);
    if (size <= core_.options().frame_max)
      return write_message(socket_, compact::MessageType::reply, call.name, call.sequence,
                           call.result->payload);
    failure = internal(fmt::format("the reply has {} bytes, more than frame_max", size));
  }
  write_message(socket_, compact::MessageType::exception, call.name, call.sequence,
                compact::encode_exception(call.refusal ? *call.refusal : from_status(failure)));
}

Task<void> ServerConnection::finish() {
  while (in_flight_ > 0) co_await changed_.wait();
  if (aborted_) co_return;
  auto flushed = co_await attempt(socket_.flush());
  if (!flushed) co_return;
  // Closing while the peer still sends would reset the connection and could take the last replies with it.
  socket_.shutdown_write();
  std::ignore = co_await attempt(within(std::chrono::milliseconds(200), discard()));
}

Task<void> ServerConnection::discard() {
  for (;;) {
    Bytes piece = co_await socket_.receive();
    if (piece.empty()) co_return;
  }
}

void ServerConnection::abort() noexcept {
  if (aborted_) return;
  aborted_ = true;
  calls_.cancel(cancelled("the server closed the connection"));
  socket_.close();
  core_.receiving.settle(this);
  // Given back before the memory is, which follows at once: whoever waits for it, this connection too, must
  // wake.
  core_.receiving.give_back(std::exchange(receiving_, 0));
  core_.sending.give_back(std::exchange(sending_, 0));
}

void ServerConnection::sweep(bool crowded) noexcept {
  if (aborted_) return;
  const ServerOptions& options = core_.options();
  std::uint32_t tick = core_.tick();
  account();
  if (!crowded || socket_.unsent() == 0) {
    progress_tick_ = tick;
  } else if (std::uint64_t taken = socket_.acknowledged(); taken != acknowledged_) {
    acknowledged_ = taken;
    progress_tick_ = tick;
  }
  if (in_flight_ > 0) active_tick_ = tick;
  bool full = core_.sending.used() > 2 * core_.sending.max();
  bool stalled = tick - progress_tick_ > core_.ticks(full ? full_patience : crowded_patience);
  // Who began a large frame keeps others from finishing theirs.
  bool holds = reading_frame_ && receiving_now_ && receiving_ > small_frame &&
               core_.receiving.used() > core_.receiving.max() &&
               tick - receive_tick_ > core_.ticks(crowded_patience);
  bool slow = reading_frame_ && tick - frame_tick_ > core_.ticks(options.frame_timeout);
  bool idle =
      options.idle_timeout > Duration::zero() && tick - active_tick_ > core_.ticks(options.idle_timeout);
  if (!stalled && !holds && !slow && !idle) return;
  if (stalled || holds || slow)
    core_.refused(stalled ? Refusal::send_memory : holds ? Refusal::receive_memory : Refusal::frame_timeout);
  abort();
}

}  // namespace weft::detail
