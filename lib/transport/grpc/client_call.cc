#include "client_call.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <weft/runtime/combine.h>

#include "client_connection.h"
#include "codes.h"
#include "fields.h"
#include "send.h"
#include "timeout.h"

namespace weft::detail::grpc {
namespace {

Status refused_here(Status status) { return std::move(status).with(Reach::never_sent); }

}  // namespace

ClientCall::ClientCall(std::shared_ptr<ClientConnection> connection, const Call& call, Instant deadline)
    : connection_(std::move(connection)),
      method_(call.method()),
      compress_(call.compress),
      deadline_(deadline),
      response_(connection_->options().http2.header_list_max),
      reader_(connection_->options().message_max),
      timer_(*this),
      strand_(nullptr, &sending_over, this) {
  strand_.call = this;
  connection_->began(*this);
}

ClientCall::~ClientCall() {
  if (!begun_) connection_->give_slot_back();
  connection_->ended(*this);
}

void ClientCall::signal() noexcept {
  changed_.set();
  changed_.reset();
}

// What is sent

Status ClientCall::begin(Call call) {
  const GrpcChannelOptions& options = connection_->options();
  encoding_ = options.compression;
  if (compress_ && encoding_ == Compression::none) encoding_ = Compression::gzip;
  FieldList fields;
  fields.add({.name = ":method", .value = "POST", .literal = true});
  fields.add({.name = ":scheme", .value = connection_->scheme(), .literal = true});
  fields.add({.name = ":path", .value = connection_->path(method_)});
  fields.add({.name = ":authority", .value = connection_->authority()});
  if (!deadline_.is_never()) fields.add_text("grpc-timeout", format_timeout(deadline_ - now()));
  fields.add({.name = "te", .value = "trailers", .literal = true});
  fields.add({.name = "content-type", .value = "application/grpc", .literal = true});
  if (encoding_ != Compression::none)
    fields.add({.name = "grpc-encoding", .value = name(encoding_), .literal = true});
  fields.add({.name = "grpc-accept-encoding", .value = accepted_encodings, .literal = true});
  fields.add({.name = "user-agent", .value = connection_->user_agent()});
  if (call.attempt > 0) fields.add_text("grpc-previous-rpc-attempts", fmt::format("{}", call.attempt));
  for (const Metadata::Entry& entry : call.metadata)
    if (!fields.add(entry) && !is_reserved(entry.first))
      return refused_here(invalid_argument(fmt::format("'{}' cannot be sent as metadata", entry.first)));
  http2::Session& session = connection_->session();
  if (fields.list_size() > session.peer_header_list_max())
    return refused_here(resource_exhausted("the request has more bytes of headers than the server takes"));
  if (!call.messages && call.payload.size() > options.request_message_max)
    return refused_here(resource_exhausted("the request has more bytes than request_message_max"));
  if (!session.request(*this, fields)) {
    connection_->is_used_up();
    return refused_here(unavailable("the connection has no stream left"));
  }
  open_ = begun_ = true;
  ++holds_;  // the stream's
  if (!deadline_.is_never()) timer_.arm(deadline_);
  if (!method_.streams_requests) {
    Status sent = send(call.payload);
    session.finish(*this);
    return sent;
  }
  if (!call.messages) {
    session.finish(*this);
    return {};
  }
  sending_ = true;
  ++holds_;  // the strand's
  connection_->sending_began();
  strand_.context.set_deadline(deadline_);
  sending_task_ = send_all(Hold{this}, std::move(call.messages));
  strand_.start(*sending_task_.promise());
  return {};
}

Status ClientCall::send(const Chain& message) {
  const GrpcChannelOptions& options = connection_->options();
  std::size_t size = message.size();
  if (size > options.request_message_max)
    return resource_exhausted("a request has more bytes than request_message_max").with(Fault::caller);
  bool compressed =
      encoding_ != Compression::none && (compress_ ? *compress_ : size >= options.compress_from);
  send_message(connection_->session(), *this, message, compressed ? encoding_ : Compression::none);
  return {};
}

Task<void> ClientCall::send_all(Hold call, std::shared_ptr<weft::Stream<Chain>> requests) {
  for (;;) {
    std::optional<Chain> request = co_await requests->next();
    if (!request || call->finished_) break;
    co_await call->send(*request);
    while (call->out().size() > call->connection_->options().send_ahead_max && !call->finished_)
      co_await call->room_.wait();
  }
  if (call->open_ && !call->finished_) call->connection_->session().finish(*call.get());
}

void ClientCall::sending_over(Strand& strand) noexcept {
  ClientCall& call = *static_cast<Sending&>(strand).call;
  Status status = outcome(call.sending_task_).status();
  call.sending_task_ = Task<void>{};
  call.sending_ = false;
  if (!status.ok()) call.give_up(std::move(status));
  call.signal();
  call.connection_->sending_ended();
  call.release();
}

void ClientCall::out_shrunk() {
  if (out().size() > connection_->options().send_ahead_max / 2) return;
  room_.set();
  room_.reset();
}

// What arrives

void ClientCall::field(std::string_view name, std::string_view value) {
  if (!finished_) response_.field(name, value);
}

void ClientCall::fields_end(bool end_stream) {
  if (finished_) return;
  switch (response_.block(end_stream)) {
    case Response::Block::interim:
      return;
    case Response::Block::headers:
      return signal();
    case Response::Block::over:
      break;
  }
  Status status = response_.status();
  bool empty = inbox_.empty() && !method_.streams_replies;
  if (status.ok() && reader_.in_message())
    status = internal("the reply ends inside a message").with(Fault::peer).with(Reach::answered);
  else if (status.ok() && empty)
    status = unimplemented("the server sent no message").with(Fault::peer).with(Reach::answered);
  finish(std::move(status));
  // What is still to be sent is of no use to it; or it goes on where nobody listens.
  if (!end_stream)
    connection_->session().reset(*this, http2::ErrorCode::cancel);
  else if (sending_ || out().size() > 0)
    connection_->session().reset(*this, http2::ErrorCode::no_error);
}

void ClientCall::data(Bytes piece) {
  if (finished_) return;
  owed_ += piece.size();
  reader_.feed(std::move(piece));
  Message message;
  MessageReader::Found found;
  while ((found = reader_.next(message)) == MessageReader::Found::message) {
    if (!method_.streams_replies && !inbox_.empty())
      return give_up(unimplemented("the server sent two messages").with(Fault::peer).with(Reach::answered));
    unread_ += message.payload.size() + prefix_size;
    inbox_.push_back(std::move(message));
    signal();
  }
  if (found == MessageReader::Found::error) return give_up(Status{reader_.status()}.with(Reach::answered));
  if (reader_.in_message() && (wanted_ || !method_.streams_replies)) open_window();
}

void ClientCall::open_window() {
  if (!open_ || finished_) return;
  http2::Session& session = connection_->session();
  std::size_t usual = session.stream_window();
  std::size_t window = usual - std::min(usual, unread_);
  // A message of which a part is here must come whole, where somebody waits for it.
  if (reader_.size() > 0 && (wanted_ || !method_.streams_replies))
    window += reader_.size() - reader_.gathered();
  else
    window -= std::min(window, reader_.gathered() + (reader_.in_message() ? prefix_size : 0));
  if (session.open_window(*this, window)) owed_ = 0;
}

void ClientCall::ended() {
  if (!finished_) finish(response_.cut_off());
}

void ClientCall::closed(http2::ErrorCode code) {
  open_ = false;
  if (!finished_) {
    // A server may see the deadline pass before this side does.
    bool late = code == http2::ErrorCode::cancel && deadline_ <= now();
    finish(late ? deadline_exceeded() : status_of_reset(code));
  }
  connection_->give_slot_back();
  release();
}

void ClientCall::lost(const Status& reason) {
  if (open_) {
    open_ = false;
    finish(Status{reason});
    connection_->give_slot_back();
    release();
  } else {
    finish(Status{reason});
  }
}

void ClientCall::finish(Status status) {
  if (finished_) return;
  finished_ = true;
  status_ = std::move(status);
  timer_.disarm();
  if (sending_) strand_.context.cancel(cancelled("the call has ended"));
  signal();
}

void ClientCall::give_up(Status reason, http2::ErrorCode code) {
  if (finished_) return;
  if (open_) connection_->session().reset(*this, code);
  finish(std::move(reason));
}

void ClientCall::DeadlineTimer::passed(Timer& timer) noexcept {
  static_cast<DeadlineTimer&>(timer).call.give_up(deadline_exceeded().with(Reach::unknown));
}

Result<Bytes> ClientCall::open(const Message& message) {
  if (!message.compressed) return message.payload;
  std::optional<Compression> encoding = response_.encoding();
  if (!encoding || *encoding == Compression::none)
    return internal("a compressed message in an encoding that is not known").with(Fault::peer);
  return decompress(*encoding, message.payload, connection_->options().message_max);
}

// Who waits for it

Task<Reply> ClientCall::reply(Hold call) {
  while (!call->finished_ && !(call->method_.streams_replies && call->response_.has_headers())) {
    auto waited = co_await attempt(call->changed_.wait());
    if (!waited) call->give_up(std::move(waited).status().with(Reach::unknown));
  }
  Reply reply;
  reply.metadata = std::exchange(call->response_.metadata(), {});
  if (call->method_.streams_replies && (call->response_.has_headers() || call->status_.ok())) {
    reply.trailers = std::make_shared<Metadata>();
    reply.messages = replies(Reader{std::move(call)}, reply.trailers);
    co_return reply;
  }
  // What makes the requests may use what belongs to the caller.
  while (call->sending_) co_await shield(call->changed_.wait());
  if (!call->status_.ok()) co_return Status{call->status_};
  if (!call->response_.trailers().empty())
    reply.trailers = std::make_shared<Metadata>(std::move(call->response_.trailers()));
  reply.compressed = call->inbox_.front().compressed;
  Result<Bytes> payload = call->open(call->inbox_.front());
  if (!payload) co_return std::move(payload).status().with(Reach::answered);
  reply.payload = Chain{*std::move(payload)};
  co_return reply;
}

ClientCall::Reader::~Reader() {
  if (call.get()) call->give_up(cancelled("the stream of replies was dropped"));
}

weft::Stream<Chain> ClientCall::replies(Reader reader, std::shared_ptr<Metadata> trailers) {
  Hold& call = reader.call;
  for (;;) {
    while (call->inbox_first_ == call->inbox_.size() && !call->finished_) {
      call->wanted_ = true;
      if (call->reader_.in_message()) call->open_window();
      auto waited = co_await attempt(call->changed_.wait());
      call->wanted_ = false;
      if (!waited) call->give_up(std::move(waited).status().with(Reach::unknown));
    }
    if (call->inbox_first_ == call->inbox_.size()) break;
    Message message = std::move(call->inbox_[call->inbox_first_++]);
    if (call->inbox_first_ == call->inbox_.size()) {
      call->inbox_.clear();
      call->inbox_first_ = 0;
    }
    call->unread_ -= message.payload.size() + prefix_size;
    // Looked at only when it may matter.
    if (call->owed_ > call->connection_->options().http2.stream_window / 4) call->open_window();
    Result<Bytes> opened = call->open(message);
    message.payload = Bytes{};
    if (!opened) {
      call->inbox_.clear();
      call->inbox_first_ = 0;
      call->give_up(opened.status());
      call->status_ = std::move(opened).status().with(Reach::answered);
      break;
    }
    Chain payload{*std::move(opened)};
    co_yield std::move(payload);
  }
  while (call->sending_) co_await shield(call->changed_.wait());
  *trailers = std::exchange(call->response_.trailers(), {});
  co_await Status{call->status_};
}

}  // namespace weft::detail::grpc
