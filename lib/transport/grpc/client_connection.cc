#include "client_connection.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/log.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/scope.h>

namespace weft::detail::grpc {
namespace {

constexpr std::uint64_t keepalive_ping = 0x77656674616c6976;
constexpr Duration keepalive_time_min = std::chrono::seconds(10);
constexpr Duration last_word_patience = std::chrono::milliseconds(100);

std::string authority_of(const ChannelOptions& options, std::string_view address) {
  if (!options.grpc.authority.empty()) return options.grpc.authority;
  return std::string(address.starts_with("unix:") ? "localhost" : address);
}

}  // namespace

ClientConnection::ClientConnection(Socket socket, const ChannelOptions& options, std::string_view address,
                                   bool over_tls)
    : options_(options),
      socket_(std::move(socket)),
      session_(http2::Side::client, socket_, *this, options_.grpc.http2),
      work_([](void* owner) noexcept { static_cast<ClientConnection*>(owner)->send(); }, this),
      authority_(authority_of(options, address)),
      user_agent_(options.grpc.user_agent.empty() ? "grpc-c++-weft/0.1"
                                                  : options.grpc.user_agent + " grpc-c++-weft/0.1"),
      keepalive_(*this),
      greeting_(*this),
      heard_(now()),
      over_tls_(over_tls) {
  if (options_.grpc.keepalive_time > Duration::zero()) {
    options_.grpc.keepalive_time = std::max(options_.grpc.keepalive_time, keepalive_time_min);
    keepalive_.arm(heard_ + options_.grpc.keepalive_time);
  }
  greeting_.arm(heard_ + options_.grpc.http2.handshake_timeout);
  work_.ask();
}

ClientConnection::~ClientConnection() = default;

Task<void> ClientConnection::read(std::shared_ptr<ClientConnection> self) {
  Status end = unavailable("the server closed the connection").with(Reach::unknown);
  for (;;) {
    auto piece = co_await attempt(self->socket_.receive());
    if (!piece) {
      end = std::move(piece).status().with(Reach::unknown);
      if (end.code() != Code::cancelled) end = unavailable(std::string(end.message())).with(Reach::unknown);
      break;
    }
    if (piece->empty()) break;
    self->heard_ = now();
    self->asked_ = false;
    bool more = self->session_.receive(*piece);
    *piece = Bytes{};  // lets go of the received memory
    if (!more) {
      self->session_.send(SIZE_MAX);
      self->end_calls(self->broken());
      std::ignore = co_await attempt(within(last_word_patience, self->socket_.flush()));
      break;
    }
    self->close_if_left();
  }
  self->close(std::move(end));
  // They are cancelled by now, and use the connection until they have ended.
  while (self->sending_ > 0) co_await shield(self->sending_over_.wait());
}

void ClientConnection::send() {
  if (!end_.ok()) return;
  bool blocked = session_.send(options_.send_buffered_max);
  if (session_.is_over()) {
    // The server has broken the protocol, and is told so.
    end_calls(broken());
    if (!Loop::current()->background().spawn(last_word(shared_from_this()))) socket_.close();
    return;
  }
  if (leaving_) return close_if_left();
  if (blocked && !writing_) {
    writing_ = true;
    if (!Loop::current()->background().spawn(write_on(shared_from_this()))) writing_ = false;
  }
}

/// As the socket takes more.
Task<void> ClientConnection::write_on(std::shared_ptr<ClientConnection> self) {
  for (bool blocked = true; blocked && self->end_.ok();) {
    auto drained = co_await attempt(self->socket_.drain_below(self->options_.send_buffered_max / 2));
    if (!drained || !self->end_.ok()) break;
    blocked = self->session_.send(self->options_.send_buffered_max);
  }
  self->writing_ = false;
}

Task<void> ClientConnection::last_word(std::shared_ptr<ClientConnection> self) {
  std::ignore = co_await attempt(within(last_word_patience, self->socket_.flush()));
  self->socket_.close();
}

Status ClientConnection::broken() const {
  const std::string& why = session_.reason();
  if (why.empty()) return unavailable("the server has ended the connection").with(Reach::unknown);
  return unavailable(fmt::format("the server broke the protocol: {}", why)).with(Reach::unknown);
}

void ClientConnection::close(Status reason) noexcept {
  end_calls(std::move(reason));
  socket_.close();
}

void ClientConnection::end_calls(Status reason) noexcept {
  if (!end_.ok()) return;
  end_ = std::move(reason);
  keepalive_.disarm();
  greeting_.disarm();
  auto self = shared_from_this();
  for (ClientCall *call = calls_, *following; call; call = following) {
    following = call->next;
    call->lost(end_);
  }
  waiting_.wake_all(Status{end_}.with(Reach::never_sent));
}

// Calls

bool ClientConnection::take_slot() noexcept {
  if (!is_usable() || !waiting_.empty() || slots_taken_ >= session_.peer_streams_max()) return false;
  ++slots_taken_;
  return true;
}

void ClientConnection::give_slot_back() noexcept {
  --slots_taken_;
  wake_waiting();
}

void ClientConnection::wake_waiting() noexcept {
  if (!is_usable()) return;
  while (!waiting_.empty() && slots_taken_ < session_.peer_streams_max()) {
    ++slots_taken_;
    waiting_.wake_one();
  }
}

void ClientConnection::began(ClientCall& call) noexcept {
  call.next = calls_;
  if (calls_) calls_->previous = &call.next;
  call.previous = &calls_;
  calls_ = &call;
  ++call_count_;
}

void ClientConnection::ended(ClientCall& call) noexcept {
  *call.previous = call.next;
  if (call.next) call.next->previous = call.previous;
  --call_count_;
  if (leaving_ && call_count_ == 0) work_.ask();
}

void ClientConnection::sending_ended() noexcept {
  --sending_;
  sending_over_.set();
  sending_over_.reset();
}

std::string_view ClientConnection::path(const Method& method) {
  // Most callers call one method many times.
  if (last_method_ != &method) {
    auto [found, added] = paths_.try_emplace(&method);
    if (added) found->second = fmt::format("/{}/{}", method.service, method.name);
    last_method_ = &method;
    last_path_ = found->second;
  }
  return last_path_;
}

Task<Reply> ClientConnection::call(std::shared_ptr<ClientConnection> self, Call call, Instant deadline) {
  ClientConnection& connection = *self;
  ClientCall::Hold made = ClientCall::make(std::move(self), call, deadline);
  // After a long silence the first call asks at once whether the server is there.
  if (connection.call_count_ == 1 && !connection.asked_) connection.keep_alive();
  Status begun = made->begin(std::move(call));
  if (!begun.ok()) {
    made->give_up(begun);
    co_return begun;
  }
  Task<Reply> reply = ClientCall::reply(std::move(made));
  co_return co_await std::move(reply);
}

// What the server says of the connection

void ClientConnection::settings_received() {
  proven_ = true;
  greeting_.disarm();
  wake_waiting();
}

void ClientConnection::goaway_received(std::int32_t, http2::ErrorCode code, std::string_view debug) {
  leaving_ = true;
  calm_ |= code == http2::ErrorCode::enhance_your_calm && debug == "too_many_pings";
  if (code != http2::ErrorCode::no_error)
    log(LogLevel::warning, fmt::format("{} ends the connection: {} {}", authority_, name(code), debug));
  waiting_.wake_all(
      unavailable("the server takes no further calls on this connection").with(Reach::never_sent));
}

/// After a GOAWAY the last call closes the connection.
void ClientConnection::close_if_left() noexcept {
  if (leaving_ && call_count_ == 0)
    close(unavailable("the server has ended the connection").with(Reach::never_sent));
}

void ClientConnection::keep_alive() noexcept {
  const GrpcChannelOptions& limits = options_.grpc;
  if (limits.keepalive_time <= Duration::zero() || !end_.ok()) return;
  Instant time = now();
  if (asked_) {
    if (time - heard_ >= limits.keepalive_time + limits.keepalive_timeout)
      return close(unavailable("the server does not answer PINGs").with(Reach::unknown));
    return keepalive_.arm(heard_ + limits.keepalive_time + limits.keepalive_timeout);
  }
  if (time - heard_ < limits.keepalive_time) return keepalive_.arm(heard_ + limits.keepalive_time);
  // Silent for long. Without calls that does not matter, until there is one.
  if (call_count_ == 0 && !limits.keepalive_without_calls) return;
  asked_ = true;
  session_.ping(keepalive_ping);
  keepalive_.arm(time + limits.keepalive_timeout);
}

}  // namespace weft::detail::grpc
