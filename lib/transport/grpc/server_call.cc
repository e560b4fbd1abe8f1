#include "server_call.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include <weft/runtime/sleep.h>
#include <weft/transport/options.h>

#include "../server_core.h"
#include "codes.h"
#include "send.h"
#include "server_connection.h"
#include "text.h"
#include "timeout.h"

namespace weft::detail::grpc {
namespace {

using Then = http2::Session::Then;

/// Bytes of a failure's message that are sent: peers take only so many of headers.
constexpr std::size_t message_text_max = 2048;
/// Bytes of a message that waits, up to which it is copied, so that it does not keep the piece that it came
/// in.
constexpr std::size_t copied_max = 4096;
/// Bytes that are inflated before others have their turn: some milliseconds.
constexpr std::size_t inflated_at_once = 4 << 20;
/// Bytes of an unfinished request that are not worth refusing it for.
constexpr std::size_t small_request = 1024;
/// Bytes of a reply from which on it matters that the first byte's memory stays until the last one's goes.
constexpr std::size_t large_reply = 64 * 1024;
/// Replies up to this size still have room where there is none for larger ones.
constexpr std::size_t small_reply = 16 * 1024;

constexpr http2::Field status_200{.name = ":status", .value = "200", .literal = true};
constexpr http2::Field content_type{.name = "content-type", .value = "application/grpc", .literal = true};
constexpr http2::Field accept_encoding{
    .name = "grpc-accept-encoding", .value = accepted_encodings, .literal = true};
constexpr http2::Field usual_headers[] = {status_200, content_type, accept_encoding};
/// gRPC's own libraries say UNKNOWN for an exception that leaves a handler: INTERNAL is for failures of
/// theirs.
Status said_to_caller(Status status) {
  if (!status.get_if<Thrown>()) return status;
  return unknown(std::string(status.message()));
}

Status two_messages() { return unimplemented("two messages for a method that takes one"); }

constexpr http2::Field usual_trailers[] = {{.name = "grpc-status", .value = "0", .literal = true}};

}  // namespace

ServerCall::ServerCall(ServerConnection& connection)
    : connection_(connection),
      reader_(connection.options().message_max, connection.options().http2.stream_window),
      strand_(&connection.calls(), &handler_over, this),
      timer_(*this),
      compress_(connection.options().compression != Compression::none) {
  strand_.call = this;
  connection_.began(*this);
}

ServerCall::~ServerCall() {
  connection_.hold(-static_cast<std::ptrdiff_t>(held_));
  large_left(0);
  if (fields_done_) connection_.hold_headers(-std::ptrdiff_t{2} * list_size_);
  connection_.ended(*this);
}

void ServerCall::release() noexcept {
  if (--holds_ == 0) delete this;
}

/// What it holds, or may be sent: the memory is spoken for before it is taken.
void ServerCall::account() noexcept {
  std::size_t gathered = reader_.memory(), holds = inbox_.capacity() * sizeof(Message);
  holds += has_message_ ? std::max(unread_, promised_) : unread_ + std::max(gathered, promised_);
  connection_.hold(static_cast<std::ptrdiff_t>(holds) - static_cast<std::ptrdiff_t>(held_));
  held_ = holds;
}

void ServerCall::keep_promise() {
  if (promised_ == 0) return;
  promised_ = 0;
  connection_.received(*this);
}

/// Nobody will look at it any more.
void ServerCall::drop_request() noexcept {
  if (held_ == 0) return;
  reader_ = MessageReader{connection_.options().message_max};
  message_ = {};
  inbox_ = {};
  inbox_first_ = unread_ = promised_ = 0;
  starved_ = false;
  account();
}

void ServerCall::leave_piece() {
  auto leave = [](Message& message) {
    if (message.alone || message.payload.size() > copied_max) return;
    message.payload = message.payload.copy();
    message.alone = true;
  };
  if (has_message_) leave(message_);
  // One that somebody waits for is taken before the next piece comes.
  if (wanted_ && inbox_.size() - inbox_first_ == 1) return;
  for (std::size_t index = inbox_.size(); index > inbox_first_ && !inbox_[index - 1].alone; --index)
    leave(inbox_[index - 1]);
}

// What arrives

void ServerCall::field(std::string_view name, std::string_view value) {
  if (fields_done_) return;  // trailers of a request mean nothing
  list_size_ += static_cast<std::uint32_t>(name.size() + value.size() + 32);
  if (list_size_ > connection_.options().http2.header_list_max) too_large_ = true;
  if (too_large_) return;  // its fields are still decoded, so that the next ones can be
  if (name.front() == ':') {
    if (name == ":path")
      route_ = connection_.route(value);
    else if (name == ":method")
      post_ = value == "POST";
  } else if (name == "content-type") {
    grpc_ = is_grpc(value);
  } else if (name.starts_with("grpc-")) {
    if (name == "grpc-timeout") {
      auto timeout = parse_timeout(value);
      bad_timeout_ = !timeout;
      if (timeout) deadline_ = now() + *timeout;
    } else if (name == "grpc-encoding") {
      auto encoding = compression_of(value);
      unknown_encoding_ = !encoding;
      encoding_ = encoding.value_or(Compression::none);
    } else if (name == "grpc-accept-encoding") {
      accepts_ = accepts_of(value);
    }
  } else {
    add_field(metadata_, name, value);
  }
}

Status ServerCall::check_request() const {
  if (!route_) return unimplemented("nobody serves this method");
  if (bad_timeout_) return internal("a malformed grpc-timeout");
  if (!deadline_.is_never() && deadline_ <= now()) return deadline_exceeded();
  return {};
}

void ServerCall::fields_end(bool) {
  if (fields_done_) return;
  fields_done_ = true;
  connection_.hold_headers(std::ptrdiff_t{2} * list_size_);  // the handler has a copy of them
  if (list_size_ > small_request && connection_.is_overfull())
    return refuse(Refusal::receive_memory, "the server has no memory for this request now");
  if (!too_large_) {
    if (!post_) return refuse_http("405", "gRPC is called by POST\n");
    if (!grpc_) return refuse_http("415", {});
  } else {
    return refuse(Refusal::header_list_max, "the request has more bytes of headers than are allowed");
  }
  if (Status status = check_request(); !status.ok()) return fail(std::move(status));
  if (!deadline_.is_never()) timer_.arm(deadline_);
  if (method().streams_requests) start();
}

void ServerCall::data(Bytes piece) {
  if (finished_) return;
  owed_ += piece.size();
  reader_.feed(std::move(piece));
  Message message;
  MessageReader::Found found;
  while ((found = reader_.next(message)) == MessageReader::Found::message && !finished_)
    take(std::move(message));
  if (finished_) return;
  if (found == MessageReader::Found::error) {
    if (reader_.status().code() == Code::resource_exhausted) connection_.refused_call(Refusal::message_max);
    return fail(Status{reader_.status()});
  }
  if (has_message_ && reader_.in_message()) return fail(two_messages());
  // A message of which a part is here must come whole, where somebody waits for it.
  if (reader_.in_message() && waits_for_message()) open_window();
  account();
  if (held_ > small_request && promised_ == 0 && connection_.is_overfull())
    return refuse(Refusal::receive_memory, "the server has no memory for this request now");
  if (has_message_ || inbox_first_ < inbox_.size()) connection_.keeps_piece(*this);
}

void ServerCall::take(Message message) {
  starved_ = false;
  unread_ += message.payload.size();
  if (!method().streams_requests) {
    if (has_message_) return fail(two_messages());
    has_message_ = true;
    message_ = std::move(message);
    return;
  }
  keep_promise();
  inbox_.push_back(std::move(message));
  arrived_.set();
  arrived_.reset();
}

/// A stream's usual window is for what lies unread, and for as much of a message as fits into it. A larger
/// one gets a window of its own, once there is memory for all of it.
void ServerCall::open_window() {
  if (!open_ || finished_ || ended_) return;
  http2::Session& session = connection_.session();
  std::size_t usual = session.stream_window(), gathered = reader_.gathered();
  usual -= std::min(usual, unread_ + (inbox_.size() - inbox_first_) * sizeof(Message));
  std::size_t window = usual - std::min(usual, gathered + (reader_.in_message() ? prefix_size : 0));
  std::size_t rest = reader_.size() > 0 ? reader_.size() - gathered : 0;
  if (rest > window && waits_for_message()) {
    if (promised_ == 0) {
      bool promised = connection_.may_receive(*this, held_, reader_.size());
      if (promised || !starved_) memory_tick_ = connection_.tick();
      starved_ = !promised;
      if (promised) {
        promised_ = reader_.size();
        reader_.admit();
        account();
      }
    }
    if (promised_ > 0) window = rest + usual;
  }
  if (session.open_window(*this, window)) owed_ = 0;
}

void ServerCall::ended() {
  if (finished_) return;
  ended_ = true;
  promised_ = 0;
  connection_.received(*this);
  if (reader_.in_message()) return fail(internal("the request ends inside a message"));
  if (method().streams_requests) {
    arrived_.set();
    arrived_.reset();
  } else if (!has_message_) {
    fail(unimplemented("no message for a method that takes one"));
  } else {
    start();
  }
}

void ServerCall::closed(http2::ErrorCode) {
  open_ = false;
  finished_ = true;
  drop_request();
  large_left(0);
  timer_.disarm();
  connection_.received(*this);
  if (running_) strand_.context.cancel(cancelled("the caller has given up"));
  arrived_.set();
  arrived_.reset();
  release();
}

/// A few bytes may take milliseconds: those of a core go one after the other, with time for the others.
Task<Bytes> ServerCall::inflate(Message message) {
  if (unknown_encoding_) co_await unimplemented("a message in an encoding that is not supported");
  if (encoding_ == Compression::none) co_await internal("a compressed message without a grpc-encoding");
  if (!message.alone && message.payload.size() <= copied_max) message.payload = message.payload.copy();
  Inflating& inflating = connection_.inflating();
  auto turn = co_await inflating.line.lock();
  std::size_t max = connection_.options().message_max;
  Result<Bytes> inflated = decompress(encoding_, message.payload, max);
  message = {};
  if (inflated.status().code() == Code::resource_exhausted) connection_.refused_call(Refusal::message_max);
  inflating.bytes += inflated ? inflated->size() : max;
  if (inflating.bytes >= inflated_at_once) {
    inflating.bytes = 0;
    co_await sleep(Duration::zero());  // the loop looks at the kernel meanwhile
  }
  co_return co_await std::move(inflated);
}

weft::Stream<Chain> ServerCall::messages(Hold call) {
  for (;;) {
    while (call->inbox_first_ == call->inbox_.size()) {
      if (call->finished_) co_await cancelled("the call has ended");
      if (call->ended_) co_return;
      call->wanted_ = true;
      if (call->reader_.in_message()) call->open_window();
      co_await call->arrived_.wait();
      call->wanted_ = false;
    }
    Message message = std::move(call->inbox_[call->inbox_first_++]);
    if (call->inbox_first_ == call->inbox_.size()) {
      call->inbox_.clear();
      call->inbox_first_ = 0;
    }
    call->unread_ -= message.payload.size();
    call->account();
    // Looked at only when it may matter.
    if (call->owed_ > call->connection_.options().http2.stream_window / 4) call->open_window();
    call->received_compressed_ = message.compressed;
    if (message.compressed) {
      Task<Bytes> inflating = call->inflate(std::move(message));
      auto inflated = co_await attempt(std::move(inflating));
      if (!inflated) {
        call->fail(inflated.status());
        co_await std::move(inflated).status();
      }
      message.payload = *std::move(inflated);
    }
    Chain payload{std::move(message.payload)};
    co_yield std::move(payload);
  }
}

// The handler

void ServerCall::start() {
  if (finished_ || started_ || !connection_.may_start(*this)) return;
  Call call{method(), Chain{}};
  if (method().streams_requests) {
    call.messages = std::make_shared<weft::Stream<Chain>>(messages(Hold{this}));
  } else if (!message_.compressed) {
    call.payload = Chain{std::move(message_.payload)};
    message_ = {};
    unread_ = 0;
  }
  if (!metadata_.empty()) call.metadata = metadata_;
  started_ = running_ = true;
  account();
  ++holds_;
  strand_.context.carry(static_cast<CurrentCall*>(this));
  if (!deadline_.is_never()) strand_.context.set_deadline(deadline_);
  if (method().streams_replies) {
    replies_ = answer_stream(Hold{this}, std::move(call));
    strand_.start(*replies_.promise());
  } else {
    reply_ = serve(std::move(call));
    strand_.start(*reply_.promise());
  }
}

Task<Reply> ServerCall::serve(Call call) {
  if (message_.compressed) return inflate_and_serve(std::move(call));
  if (Service* stack = connection_.stack()) return stack->call(std::move(call));
  return route_->served->serve(*route_->service, std::move(call));
}

Task<Reply> ServerCall::inflate_and_serve(Call call) {
  received_compressed_ = true;
  Task<Bytes> inflating = inflate(std::exchange(message_, {}));
  Bytes payload = co_await std::move(inflating);
  unread_ = 0;
  account();
  call.payload = Chain{std::move(payload)};
  Task<Reply> served = serve(std::move(call));
  co_return co_await std::move(served);
}

Task<void> ServerCall::answer_stream(Hold call, Call request) {
  Task<Reply> served = call->serve(std::move(request));
  Reply reply = co_await std::move(served);
  call->add_reply(reply);
  for (;;) {
    std::optional<Chain> message = co_await reply.messages.next();
    if (!message) break;
    co_await call->send_message(*message);
    while (!call->connection_.core_has_room(*call.get())) co_await call->connection_.core_shrinks();
    while (call->out().size() > call->connection_.options().send_ahead_max) co_await call->room_.wait();
  }
  call->add_trailers(reply);
}

void ServerCall::handler_over(Strand& strand) noexcept {
  static_cast<HandlerStrand&>(strand).call->handled();
}

void ServerCall::handled() {
  running_ = false;
  if (replies_) {
    Status status = outcome(replies_).status();
    replies_ = Task<void>{};
    finish(said_to_caller(std::move(status)));
  } else {
    Result<Reply> reply = outcome(reply_);
    reply_ = Task<Reply>{};
    Status status = reply.status();
    if (status.ok() && !finished_) {
      add_reply(*reply);
      add_trailers(*reply);
      status = send_message(reply->payload);
    }
    finish(said_to_caller(std::move(status)));
  }
  release();
}

void ServerCall::DeadlineTimer::passed(Timer& timer) noexcept {
  static_cast<DeadlineTimer&>(timer).call.deadline_passed();
}

void ServerCall::deadline_passed() {
  if (!open_) return;
  if (!finished_ && out().size() == 0) return fail(deadline_exceeded());
  // What waits for the caller's window is of no use any more.
  finished_ = true;
  connection_.session().reset(*this, http2::ErrorCode::cancel);
  if (running_) strand_.context.cancel(deadline_exceeded());
}

// What is answered

void ServerCall::refuse_http(std::string_view status, std::string_view why) {
  finished_ = refused_ = true;
  const http2::Field fields[] = {{.name = ":status", .value = status}, content_type};
  connection_.session().respond(*this, fields, why.empty() ? Then::nothing : Then::body);
  if (why.empty()) return;
  connection_.session().append(*this, Bytes::of_static(why));
  connection_.session().finish(*this);
}

void ServerCall::add_reply(Reply& reply) {
  for (auto& [name, value] : reply.metadata) reply_metadata_.add(name, value);
}

void ServerCall::add_trailers(Reply& reply) {
  if (!reply.trailers) return;
  for (auto& [name, value] : *reply.trailers) reply_trailers_.add(name, value);
}

void ServerCall::send_headers(Then then) {
  if (headers_sent_ || finished_ || !open_) return;
  headers_sent_ = true;
  // Messages may be compressed one by one, but the encoding is said only once.
  if (compress_ || compress_said_) {
    Compression usual = connection_.options().compression;
    reply_encoding_ = accepts_.has(usual)                  ? usual
                      : accepts_.has(Compression::gzip)    ? Compression::gzip
                      : accepts_.has(Compression::deflate) ? Compression::deflate
                                                           : Compression::none;
  }
  if (reply_encoding_ == Compression::none && reply_metadata_.empty())
    return connection_.session().respond(*this, usual_headers, then);
  FieldList fields;
  for (const http2::Field& field : usual_headers) fields.add(field);
  if (reply_encoding_ != Compression::none)
    fields.add({.name = "grpc-encoding", .value = name(reply_encoding_), .literal = true});
  fields.add(reply_metadata_);
  connection_.session().respond(*this, fields, then);
}

Status ServerCall::send_message(const Chain& message) {
  if (finished_ || !open_) return cancelled("the call has ended");
  const GrpcServerOptions& options = connection_.options();
  std::size_t size = message.size();
  if (size > options.reply_message_max)
    return resource_exhausted("the reply has more bytes than reply_message_max");
  route_->reply_size = std::max(size, route_->reply_size - route_->reply_size / 64);
  send_headers(Then::body);
  bool compressed =
      compress_ && reply_encoding_ != Compression::none && (compress_said_ || size >= options.compress_from);
  grpc::send_message(connection_.session(), *this, message, compressed ? reply_encoding_ : Compression::none);
  if (size >= large_reply && !compressed) count_large(size);
  return {};
}

bool ServerCall::replies_little() const noexcept { return route_->reply_size <= small_reply; }

void ServerCall::count_large(std::size_t size) {
  large_ += size;
  last_large_ = size;
  connection_.made_large(size);
}

/// Of `large_`, all but `kept` bytes have been handed to the socket.
void ServerCall::large_left(std::size_t kept) {
  if (large_ <= kept) return;
  connection_.handed_large(large_ - kept);
  large_ = kept;
}

void ServerCall::finish(Status status) {
  if (finished_) return;
  if (!headers_sent_ && !reply_metadata_.empty()) {
    send_headers(Then::trailers);
    finished_ = true;
    drop_request();
    status_ = std::move(status);
    return send_status(false);
  }
  finished_ = true;
  drop_request();
  status_ = std::move(status);
  if (headers_sent_)
    connection_.session().finish(*this);
  else
    send_status(true);
}

void ServerCall::fail(Status status) {
  if (finished_) return;
  Status reason = status;
  finish(std::move(status));
  connection_.received(*this);
  if (running_) strand_.context.cancel(std::move(reason));
}

void ServerCall::refuse(Refusal why, std::string text) {
  connection_.refused_call(why);
  fail(resource_exhausted(std::move(text)));
}

void ServerCall::out_shrunk() {
  if (large_ > 0 && out().size() <= last_large_) large_left(out().size() > 0 ? last_large_ : 0);
  if (out().size() > connection_.options().send_ahead_max / 2) return;
  room_.set();
  room_.reset();
}

bool ServerCall::out_sent() {
  if (refused_) return false;
  send_status(false);
  return true;
}

/// The trailers; `alone`: with the headers that nothing has gone before.
void ServerCall::send_status(bool alone) {
  http2::Session& session = connection_.session();
  if (!alone && status_.ok() && reply_trailers_.empty()) return session.trailers(*this, usual_trailers);
  FieldList fields;
  if (alone)
    for (const http2::Field& field : usual_headers) fields.add(field);
  fields.add({.name = "grpc-status", .value = status_text(status_.code()), .literal = true});
  if (std::string_view message = status_.message().substr(0, message_text_max); !message.empty()) {
    if (is_plain(message))
      fields.add({.name = "grpc-message", .value = message});
    else
      fields.add_text("grpc-message", percent_encode(message));
  }
  if (const auto* trailers = status_.get_if<Trailers>()) fields.add(trailers->metadata);
  fields.add(reply_trailers_);
  if (alone)
    session.respond(*this, fields, Then::nothing);
  else
    session.trailers(*this, fields);
}

Address ServerCall::peer() const { return connection_.peer(); }
std::shared_ptr<const PeerIdentity> ServerCall::peer_identity() const { return connection_.peer_identity(); }

}  // namespace weft::detail::grpc
