#include "server_connection.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/log.h>
#include <weft/runtime/random.h>

#include "../server_core.h"
#include "server_call.h"

namespace weft::detail::grpc {
namespace {

/// How long peers may make no progress while others need the memory that they hold.
constexpr Duration crowded_patience = std::chrono::seconds(1), full_patience = std::chrono::milliseconds(200);
/// Held bytes of requests up to this are not worth waiting for.
constexpr std::size_t small_holding = 16 * 1024;
/// Between the two GOAWAYs, if the peer does not acknowledge the PING that follows the first.
constexpr Duration leave_patience = std::chrono::milliseconds(400);
/// For a peer to close a connection that it was told to leave, when no call is left.
constexpr Duration close_patience = std::chrono::seconds(1);
/// Of `send_buffered_core_max`: beyond it only calls whose replies should be small start.
constexpr std::size_t full(std::size_t max) noexcept { return max + max / 2; }
constexpr std::uint64_t leaving_ping = 0x776566746c656176, asking_ping = 0x77656674616c6976;

}  // namespace

ServerConnection::ServerConnection(ServerCore& core, Socket socket)
    : core_(core),
      socket_(std::move(socket)),
      session_(http2::Side::server, socket_, *this, core.options().grpc.http2),
      calls_(nullptr),
      work_([](void* owner) noexcept { static_cast<ServerConnection*>(owner)->send(); }, this),
      began_tick_(core.tick()),
      heard_tick_(core.tick()),
      active_tick_(core.tick()),
      progress_tick_(core.tick()) {
  core_.enter(*this);
  if (Duration age = options().connection_age_max; age > Duration::zero()) {
    double jitter = thread_random().between(0.9, 1.1);
    age_max_ticks_ = core.ticks(std::chrono::duration_cast<Duration>(age * jitter));
  }
}

ServerConnection::~ServerConnection() {
  core_.leave(*this);
  core_.receiving.settle(this);
  core_.receiving.give_back(counted_receiving_);
  core_.sending.give_back(counted_sending_);
}

Service* ServerConnection::stack() const noexcept { return core_.stack(); }
const GrpcServerOptions& ServerConnection::options() const noexcept { return core_.options().grpc; }
std::uint32_t ServerConnection::tick() const noexcept { return core_.tick(); }

Router::Route* ServerConnection::route(std::string_view path) {
  // Most peers call one method many times.
  if (last_route_ && path == last_path_) return last_route_;
  Router::Route* found = core_.router().find_path(path);
  if (found) {
    last_route_ = found;
    last_path_ = path;
  }
  return found;
}

// The connection's life

Task<void> ServerConnection::run(Bytes first) {
  Scope tasks{{.keep_going = true}};
  tasks_ = &tasks;
  Join reading{1};
  // Neither reading nor writing ends when the server is stopped: calls in flight need both.
  Strand strand{nullptr, [](Strand& s) noexcept { static_cast<Join*>(s.owner)->arrive(); }, &reading};
  Task<void> read_task = read(std::move(first));
  strand.start(*read_task.promise());
  auto stopped = co_await attempt(over_.wait());
  if (!stopped) {
    leave({});
    co_await shield(over_.wait());
  }
  if (const std::string& why = session_.reason(); !why.empty() && !aborted_) {
    if (!refused_) core_.refused(Refusal::protocol_error);
    log(LogLevel::info, fmt::format("closing {}: {}", socket_.peer_address().to_string(), why));
  }
  strand.context.cancel(cancelled("the connection is closing"));
  co_await reading;
  co_await shield(finish());
  tasks.cancel();
  co_await tasks.join();
  tasks_ = nullptr;
}

Task<void> ServerConnection::read(Bytes piece) {
  const ServerOptions& limits = core_.options();
  while (!piece.empty()) {
    heard_tick_ = core_.tick();
    asked_ = false;
    bool more = session_.receive(piece);
    for (ServerCall* call : keepers_) call->leave_piece();
    keepers_.clear();
    piece = Bytes{};  // lets go of the received memory
    account();
    if (!more || aborted_) break;
    // A peer that takes nothing is read no further.
    while (socket_.unsent() > 2 * limits.send_buffered_max && !aborted_) {
      socket_.pause();
      co_await socket_.drain_below(limits.send_buffered_max);
    }
    // What all connections hold of unread requests is bounded; beyond it they go on one after the other.
    while (core_.receiving.used() > core_.receiving.max() && unfinished() > small_holding && !aborted_ &&
           !core_.receiving.may_exceed(this)) {
      socket_.pause();
      co_await core_.receiving.turn();
      offered_tick_ = core_.tick();
    }
    settle();
    receiving_now_ = true;
    auto received = co_await attempt(socket_.receive());
    receiving_now_ = false;
    if (received) piece = *std::move(received);
    if (piece.empty()) lost_ = true;
  }
  core_.receiving.settle(this);
  over_.set();
}

void ServerConnection::send() {
  if (aborted_ || closed_) return;
  bool blocked = session_.send(core_.options().send_buffered_max);
  if (blocked && !writing_ && tasks_) {
    writing_ = true;
    if (!tasks_->spawn(write_on())) writing_ = false;
  }
  if (session_.is_over()) over_.set();
  if (!unstarted_.empty()) start_waiting();
  account();
}

/// As the socket takes more.
Task<void> ServerConnection::write_on() {
  for (bool blocked = true; blocked && !aborted_ && !closed_;) {
    auto drained = co_await attempt(socket_.drain_below(core_.options().send_buffered_max / 2));
    if (!drained || aborted_ || closed_) break;
    blocked = session_.send(core_.options().send_buffered_max);
    account();
  }
  writing_ = false;
}

Task<void> ServerConnection::finish() {
  calls_.cancel(cancelled(lost_ ? "the caller is gone" : "the connection is closing"));
  send();
  closed_ = true;
  while (call_count_ > 0 && calls_list_) {
    // Those without a handler go here, the others when it has ended.
    for (ServerCall *call = calls_list_, *following; call; call = following) {
      following = call->next;
      if (call->is_open()) call->abandon();
    }
    if (call_count_ > 0) co_await changed_.wait();
  }
  if (aborted_ || lost_) co_return;
  auto flushed = co_await attempt(within(close_patience, socket_.flush()));
  if (!flushed) co_return;
  // Closing while the peer still sends would reset the connection and could take the last frames with it.
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
  over_.set();
}

void ServerConnection::refused(Refusal why) {
  refused_ = true;
  core_.refused(why);
}

Inflating& ServerConnection::inflating() noexcept { return core_.inflating; }

void ServerConnection::refused_call(Refusal why) noexcept { core_.refused(why); }

// Leaving, in two steps: the first GOAWAY says that there will be another, so that calls which are on their
// way when it is sent are still served.

void ServerConnection::leave(std::string_view why) {
  if (leaving_ != Leaving::no) return;
  leaving_ = Leaving::announced;
  left_tick_ = core_.tick();
  leaving_why_ = why;
  session_.announce_goaway();
  session_.ping(leaving_ping);
}

void ServerConnection::ping_acknowledged(std::uint64_t opaque) {
  if (opaque == leaving_ping && leaving_ == Leaving::announced) leave_now();
}

void ServerConnection::leave_now() {
  leaving_ = Leaving::said;
  left_tick_ = core_.tick();
  session_.goaway(http2::ErrorCode::no_error, leaving_why_);
}

// Calls

http2::Stream* ServerConnection::opened(std::int32_t) {
  // A call whose stream was reset counts until its handler has ended.
  if (call_count_ >= options().http2.streams_max) {
    core_.refused(Refusal::streams_max);
    return nullptr;
  }
  if (aborted_) return nullptr;
  active_tick_ = core_.tick();
  return new ServerCall(*this);
}

void ServerConnection::began(ServerCall& call) noexcept {
  call.next = calls_list_;
  if (calls_list_) calls_list_->previous = &call.next;
  call.previous = &calls_list_;
  calls_list_ = &call;
  ++call_count_;
}

void ServerConnection::ended(ServerCall& call) noexcept {
  *call.previous = call.next;
  if (call.next) call.next->previous = call.previous;
  std::erase(unstarted_, &call);
  if (!keepers_.empty()) std::erase(keepers_, &call);
  --call_count_;
  active_tick_ = core_.tick();
  if (!tasks_) return;
  changed_.set();
  changed_.reset();
}

bool ServerConnection::has_room(const ServerCall& call) const noexcept {
  return buffered() <= core_.options().send_buffered_max && core_has_room(call);
}

bool ServerConnection::core_has_room(const ServerCall& call) const noexcept {
  std::size_t max = core_.sending.max();
  return core_.sending.used() - counted_sending_ + replies() <= (call.replies_little() ? 2 * max : full(max));
}
Event::Wait ServerConnection::core_shrinks() noexcept {
  account();
  return core_.sending.shrunk();
}

bool ServerConnection::may_start(ServerCall& call) {
  // Replies that the peer has not taken hold memory: it gets no further ones before it has.
  if (has_room(call)) return true;
  unstarted_.push_back(&call);
  if (!starting_ && tasks_) {
    starting_ = true;
    if (!tasks_->spawn(start_later())) starting_ = false;
  }
  return false;
}

/// As other connections of the core take their replies.
Task<void> ServerConnection::start_later() {
  while (!unstarted_.empty() && !aborted_ && !closed_) {
    co_await core_.sending.shrunk();
    start_waiting();
  }
  starting_ = false;
}

void ServerConnection::start_waiting() {
  for (std::size_t index = 0; index < unstarted_.size() && !aborted_;) {
    ServerCall* call = unstarted_[index];
    if (!has_room(*call)) {
      ++index;
      continue;
    }
    unstarted_.erase(unstarted_.begin() + static_cast<std::ptrdiff_t>(index));
    call->may_start();
    account();
  }
}

bool ServerConnection::may_receive(ServerCall& call, std::size_t held, std::size_t size) {
  account();
  std::size_t more = size - std::min(held, size);
  bool fits = receiving_ + more <= options().receive_buffered_max;
  bool fits_core = core_.receiving.used() + more <= core_.receiving.max();
  // One of them may all the same: otherwise they could all wait for each other.
  if (!fits && !exceeding_) exceeding_ = &call;
  fits |= exceeding_ == &call;
  if (!fits_core && fits && !core_exceeding_ && core_.receiving.may_exceed(this)) core_exceeding_ = &call;
  if (fits && (fits_core || core_exceeding_ == &call)) {
    offered_tick_ = core_.tick();
    return true;
  }
  if (std::ranges::find(starved_, &call) == starved_.end()) starved_.push_back(&call);
  if (!fits_core) {
    core_.receiving.lacks(core_.tick());
    if (!offering_ && tasks_) {
      offering_ = true;
      if (!tasks_->spawn(offer_memory_later())) offering_ = false;
    }
  }
  return false;
}

/// As other connections of the core need less.
Task<void> ServerConnection::offer_memory_later() {
  while (!starved_.empty() && !aborted_ && !closed_) {
    co_await core_.receiving.turn();
    offer_memory();
    if (core_exceeding_) co_await settled_.wait();
  }
  offering_ = false;
}

bool ServerConnection::is_overfull() const noexcept {
  return core_.receiving.used() - counted_receiving_ + receiving_ >
         core_.receiving.max() + options().receive_buffered_max;
}

void ServerConnection::received(ServerCall& call) {
  std::erase(starved_, &call);
  if (exceeding_ == &call) exceeding_ = nullptr;
  if (core_exceeding_ == &call) {
    // Now it is another connection's turn to exceed the core's budget, in the order in which they began to
    // wait.
    core_exceeding_ = nullptr;
    core_.receiving.settle(this);
    settled_.set();
    settled_.reset();
  }
  offer_memory();
}

/// In order; who gets none waits on.
void ServerConnection::offer_memory() {
  if (starved_.empty()) return;
  std::vector<ServerCall*> waiting = std::exchange(starved_, {});
  for (ServerCall* next : waiting) next->window_opens();
}

/// What messages hold that can't go on before there is memory for the rest of them.
std::size_t ServerConnection::starved() const noexcept {
  std::size_t bytes = 0;
  for (const ServerCall* call : starved_) bytes += call->held();
  return bytes;
}

void ServerConnection::end_slow_calls() {
  std::uint32_t patience = core_.ticks(core_.options().frame_timeout);
  for (ServerCall *call = calls_list_, *following; call; call = following) {
    following = call->next;
    if (call->is_slow(core_.tick(), patience)) call->give_up_memory();
  }
}

/// Lets another connection be the one that may exceed the core's budget, if this one need not.
void ServerConnection::settle() noexcept {
  bool needs_little = unfinished() <= small_holding || core_.receiving.used() <= core_.receiving.max();
  if (needs_little && !core_exceeding_) core_.receiving.settle(this);
}

void ServerConnection::handed_large(std::size_t bytes) {
  if (closed_ || aborted_)
    large_ -= bytes;
  else
    handed_.push_back({socket_.sent() + socket_.unsent(), bytes});
}

// Once each tick

void ServerConnection::account() noexcept {
  if (aborted_) {
    core_.receiving.give_back(std::exchange(counted_receiving_, 0));
    core_.sending.give_back(std::exchange(counted_sending_, 0));
    return;
  }
  core_.receiving.change(std::exchange(counted_receiving_, receiving_), receiving_);
  for (; !handed_.empty() && handed_.front().end <= socket_.sent(); handed_.pop_front())
    large_ -= handed_.front().bytes;
  std::size_t sending = replies();
  core_.sending.change(std::exchange(counted_sending_, sending), sending);
}

/// False: the peer does not answer.
bool ServerConnection::keep_alive() noexcept {
  if (options().keepalive_time <= Duration::zero()) return true;
  std::uint32_t tick = core_.tick();
  if (asked_) return tick - asked_tick_ <= core_.ticks(options().keepalive_timeout);
  if (tick - heard_tick_ > core_.ticks(options().keepalive_time)) {
    asked_ = true;
    asked_tick_ = tick;
    session_.ping(asking_ping);
  }
  return true;
}

void ServerConnection::sweep(bool crowded) noexcept {
  if (aborted_) return account();
  account();
  settle();
  std::uint32_t tick = core_.tick();
  auto since = [&](std::uint32_t then, Duration duration) { return tick - then > core_.ticks(duration); };
  // Peers that make no progress must go while others need the memory.
  if (!crowded || buffered() == 0) {
    progress_tick_ = tick;
  } else if (std::uint64_t taken = socket_.acknowledged(); taken != acknowledged_) {
    acknowledged_ = taken;
    progress_tick_ = tick;
  }
  bool is_full = core_.sending.used() > full(core_.sending.max());
  bool stalled = since(progress_tick_, is_full ? full_patience : crowded_patience);
  bool short_of_memory = core_.receiving.used() > core_.receiving.max() || core_.receiving.is_short(tick);
  bool holds = short_of_memory && receiving_now_ &&
               since(std::max(heard_tick_, offered_tick_), crowded_patience) &&
               unfinished() > small_holding + starved();
  bool silent = !greeted_ && since(began_tick_, options().http2.handshake_timeout);
  bool left = leaving_ == Leaving::said && call_count_ == 0 &&
              since(std::max(left_tick_, active_tick_), close_patience);
  bool overdue = leaving_ == Leaving::said && options().connection_age_grace > Duration::zero() &&
                 !leaving_why_.empty() && since(left_tick_, options().connection_age_grace);
  bool dead = !keep_alive();
  if (stalled || holds || silent || dead)
    core_.refused(stalled  ? Refusal::send_memory
                  : holds  ? Refusal::receive_memory
                  : silent ? Refusal::handshake_timeout
                           : Refusal::keepalive_timeout);
  if (stalled || holds || silent || dead || overdue) return abort();
  if (left) return over_.set();
  if (!unstarted_.empty()) start_waiting();
  if (short_of_memory && unfinished() > small_holding) end_slow_calls();
  offer_memory();
  if (leaving_ == Leaving::announced && since(left_tick_, leave_patience)) leave_now();
  if (leaving_ != Leaving::no) return;
  Duration idle = core_.options().idle_timeout;
  if (call_count_ == 0 && idle > Duration::zero() && since(active_tick_, idle)) leave("max_idle");
  if (age_max_ticks_ > 0 && tick - began_tick_ > age_max_ticks_) leave("max_age");
}

}  // namespace weft::detail::grpc
