#include "client_connection.h"

#include <fmt/format.h>

#include <weft/codec/application_exception.h>
#include <weft/runtime/combine.h>

#include "envelope.h"

namespace weft::detail {
namespace {

Status broken_by_peer(Status status) {
  return Status{Code::internal, std::string(status.message())}
      .with(Fault::peer)
      .with(Reach::unknown)
      .with_context("the server broke the protocol");
}

Status wrong_reply(ApplicationException::Type type, std::string message) {
  return to_status({.message = std::move(message), .type = type});
}

}  // namespace

ClientConnection::ClientConnection(Socket socket, const ChannelOptions& options)
    : socket_(std::move(socket)), options_(options), frames_(options.frame_max) {
  options_.calls_in_flight_max = std::min<std::size_t>(options_.calls_in_flight_max, 65'536);
}

std::int32_t ClientConnection::take_slot(Exchange& exchange) {
  std::uint32_t index = first_free_;
  if (index == none) {
    index = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    first_free_ = slots_[index].next_free;
  }
  Slot& slot = slots_[index];
  slot.exchange = &exchange;
  slot.taken = true;
  slot.uses = (slot.uses + 1) & 0x7fff;
  ++in_flight_;
  return static_cast<std::int32_t>(std::uint32_t{slot.uses} << 16 | index);
}

ClientConnection::Slot* ClientConnection::slot_of(std::int32_t sequence) noexcept {
  auto bits = static_cast<std::uint32_t>(sequence);
  std::uint32_t index = bits & 0xffff;
  if (index >= slots_.size()) return nullptr;
  Slot& slot = slots_[index];
  return slot.taken && slot.uses == bits >> 16 ? &slot : nullptr;
}

void ClientConnection::free_slot(std::int32_t sequence) noexcept {
  std::uint32_t index = static_cast<std::uint32_t>(sequence) & 0xffff;
  slots_[index].taken = false;
  slots_[index].exchange = nullptr;
  slots_[index].next_free = first_free_;
  first_free_ = index;
  --in_flight_;
  signal();
}

Task<void> ClientConnection::read(std::shared_ptr<ClientConnection> self) {
  Status end = unavailable("the server closed the connection").with(Reach::unknown);
  for (;;) {
    auto piece = co_await attempt(self->socket_.receive());
    if (!piece) {
      end = std::move(piece).status().with(Reach::unknown);
      break;
    }
    if (piece->empty()) {
      if (self->frames_.in_frame())
        end = unavailable("the server closed the connection in a reply").with(Reach::unknown);
      break;
    }
    self->frames_.feed(*std::move(piece));
    Bytes frame;
    FrameReader::Found found;
    Status status;
    while ((found = self->frames_.next(frame)) == FrameReader::Found::frame && status.ok() &&
           self->is_usable())
      status = self->handle(std::move(frame));
    if (found == FrameReader::Found::error) status = broken_by_peer(self->frames_.status());
    if (!status.ok()) {
      end = std::move(status);
      break;
    }
  }
  self->close(std::move(end));
}

Status ClientConnection::handle(Bytes frame) {
  Reader reader{std::move(frame)};
  compact::MessageHeader header = compact::read_header(reader);
  if (!reader.ok()) return broken_by_peer(reader.status());
  Slot* slot = slot_of(header.sequence);
  // Never asked for: what this stream says cannot be matched to calls any more.
  if (!slot)
    return wrong_reply(ApplicationException::bad_sequence_id,
                       fmt::format("a reply with the sequence id {}, which no call has", header.sequence));
  Exchange* exchange = slot->exchange;
  free_slot(header.sequence);
  if (!exchange) return {};  // given up before
  exchange->timer_.disarm();
  if (header.name != exchange->call_.method().name) {
    std::string message =
        fmt::format("a reply for '{}' to a call of '{}'", header.name, exchange->call_.method().name);
    exchange->finish(wrong_reply(ApplicationException::wrong_method_name, message));
    return wrong_reply(ApplicationException::wrong_method_name, std::move(message));
  }
  if (header.type == compact::MessageType::reply) {
    exchange->reply_.payload = Chain{reader.rest()};
    exchange->finish();
  } else if (header.type == compact::MessageType::exception) {
    ApplicationException exception;
    Status decoded = compact::decode_exception(Chain{reader.rest()}, exception);
    exchange->finish(decoded.ok() ? to_status(std::move(exception)) : undecodable_result(decoded));
  } else {
    exchange->finish(wrong_reply(ApplicationException::invalid_message_type,
                                 "an answer that is neither reply nor exception"));
  }
  return {};
}

void ClientConnection::close(Status reason) noexcept {
  if (!end_.ok()) return;
  end_ = std::move(reason);
  socket_.close();
  for (Slot& slot : slots_)
    if (Exchange* exchange = std::exchange(slot.exchange, nullptr)) {
      exchange->timer_.disarm();
      exchange->finish(Status{end_});
    }
  signal();
}

ClientConnection::Exchange::Exchange(ClientConnection& connection, const Call& call,
                                     Instant deadline) noexcept
    : connection_(connection), call_(call), deadline_(deadline), timer_(*this) {}

void ClientConnection::Exchange::start() noexcept {
  if (!connection_.is_usable()) return finish(Status{connection_.end()}.with(Reach::never_sent));
  std::string_view name = call_.method().name;
  std::size_t size = message_size(name, 0x7fffffff, call_.payload.size());
  if (size > connection_.options_.frame_max)
    return finish(invalid_argument(fmt::format("the request has {} bytes, more than frame_max", size))
                      .with(Reach::never_sent));
  sequence_ = connection_.take_slot(*this);
  write_message(connection_.socket_, compact::MessageType::call, name, sequence_, call_.payload);
  if (!deadline_.is_never()) timer_.arm(deadline_);
}

void ClientConnection::Exchange::give_up(Status status) noexcept {
  timer_.disarm();
  if (Slot* slot = connection_.slot_of(sequence_)) slot->exchange = nullptr;
  finish(std::move(status).with(Reach::unknown));
}

void ClientConnection::Exchange::cancel() noexcept { give_up(Status{cancel_reason()}); }

void ClientConnection::Exchange::Deadline::passed(Timer& timer) noexcept {
  static_cast<Deadline&>(timer).exchange.give_up(deadline_exceeded());
}

Task<void> ClientConnection::send_oneway(Call call) {
  auto self = shared_from_this();
  std::size_t size = message_size(call.method().name, 0, call.payload.size());
  if (size > options_.frame_max)
    co_await invalid_argument(fmt::format("the request has {} bytes, more than frame_max", size))
        .with(Reach::never_sent);
  if (!is_usable()) co_await Status{end_}.with(Reach::never_sent);
  write_message(socket_, compact::MessageType::oneway, call.method().name, 0, call.payload);
  auto flushed = co_await attempt(socket_.flush());
  co_await std::move(flushed).status().with(Reach::unknown);
}

}  // namespace weft::detail
