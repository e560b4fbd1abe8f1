#include "byte_stream.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include <weft/runtime/scope.h>

namespace weft::detail {
namespace {
constexpr std::size_t slices_at_once = 256;  // of one sendmsg; the kernel takes 1024
/// Bytes that go through a filter at once: a turn of the loop belongs to all connections, and what waits
/// before the filter may be memory that others share.
constexpr std::size_t filtered_at_once = 128 << 10;

/// Lets go of the first `count` bytes of slices.
void drop_front(std::vector<Bytes>& slices, std::size_t& first, std::size_t count) {
  while (count || (first < slices.size() && slices[first].empty())) {
    Bytes& slice = slices[first];
    std::size_t part = std::min(count, slice.size());
    count -= part;
    if (part == slice.size()) {
      slice = Bytes{};
      ++first;
    } else {
      slice.remove_prefix(part);
    }
  }
}
}  // namespace

std::uint8_t* SendQueue::reserve(std::size_t size) {
  if (used_ + size > tail_.capacity()) {
    seal();
    std::size_t capacity = std::clamp(tail_.capacity() * 2, first_block, block_max);
    tail_ = Buffer{std::max(capacity, size)};
    used_ = sealed_ = 0;
  }
  return tail_.data() + used_;
}

void SendQueue::append(const Bytes& bytes) {
  if (bytes.size() < link_from) {
    std::uint8_t* room = reserve(bytes.size());
    std::memcpy(room, bytes.data(), bytes.size());
    used_ += bytes.size();
    return;
  }
  seal();
  // Frames that came together and go back or on together are one piece again.
  if (slices_.empty() || !slices_.back().join(bytes)) slices_.push_back(bytes);
}

void SendQueue::seal() {
  if (used_ == sealed_) return;
  // The rest of the block stays writable behind what is shared now.
  slices_.push_back(tail_.share(sealed_, used_ - sealed_));
  sealed_ = used_;
}

void SendQueue::take(std::vector<Bytes>& slices) {
  if (slices_.empty() && sealed_ == 0) {
    slices.push_back(tail_.freeze(used_));
  } else {
    seal();
    for (Bytes& slice : slices_) slices.push_back(std::move(slice));
    slices_.clear();
    tail_ = Buffer{};
  }
  used_ = sealed_ = 0;
}

ByteStream::ByteStream(int descriptor, const SocketOptions& options)
    : descriptor_(descriptor),
      receive_ahead_max_(options.receive_ahead_max),
      receive_(&received, this),
      send_(&was_sent, this) {
  flushing_.run = &turn_ended;
  flushing_.stream = this;
  if (options.zero_copy_from > 0) zero_copy_ = std::make_unique<ZeroCopy>(*this, options.zero_copy_from);
}

Bytes ByteStream::take_input() noexcept {
  if (inbox_first_ == inbox_.size()) return {};
  Bytes bytes = std::move(inbox_[inbox_first_++]);
  inbox_bytes_ -= bytes.size();
  if (inbox_first_ == inbox_.size()) {
    inbox_.clear();
    inbox_first_ = 0;
  }
  if (paused_ && !unwanted_ && inbox_bytes_ <= receive_ahead_max_ / 2 && !receive_.in_flight) {
    paused_ = false;
    receive_more();
  }
  return bytes;
}

void ByteStream::await_input(Socket::Receive& reader) noexcept {
  reader_ = &reader;
  unwanted_ = false;
  if (!receive_.in_flight) {
    paused_ = false;
    receive_more();
  }
}

void ByteStream::pause() noexcept {
  unwanted_ = true;
  if (!receive_.in_flight || paused_) return;
  paused_ = true;
  Loop::current()->driver().cancel(receive_);
}

void ByteStream::receive_more() {
  if (!ended_ && !closing_) Loop::current()->driver().receive(receive_, descriptor_);
}

void ByteStream::received(Operation& operation, Completion completion) noexcept {
  auto& stream = *static_cast<ByteStream*>(operation.owner);
  if (completion.more) {
    if (stream.closing_) return;
    stream.pass_in(std::move(completion.data));
    if (stream.inbox_bytes_ > stream.receive_ahead_max_ && !stream.paused_) {
      stream.paused_ = true;
      Loop::current()->driver().cancel(operation);
    }
  } else {
    if (stream.closing_) return stream.free_if_over();
    if (completion.result == -ECANCELED && stream.paused_) {
      if (!stream.unwanted_ && stream.inbox_bytes_ <= stream.receive_ahead_max_ / 2) {
        // The reader was faster than the cancellation.
        stream.paused_ = false;
        stream.receive_more();
      }
      return;
    }
    stream.end_of_input(completion.result < 0 ? from_errno(-completion.result, "receive") : Status{});
  }
  stream.serve_reader();
}

void ByteStream::pass_in(Bytes bytes) {
  if (!filter_) {
    inbox_bytes_ += bytes.size();
    inbox_.push_back(std::move(bytes));
    return;
  }
  if (ended_) return;  // what comes behind the end
  std::size_t before = inbox_.size();
  Status status = filter_->receive(std::move(bytes), inbox_);
  for (; before < inbox_.size(); ++before) inbox_bytes_ += inbox_[before].size();
  if (!status.ok() || filter_->has_ended()) {
    ended_ = true;
    receive_status_ = std::move(status);
  }
  // It may have something to say, and take what was written before it could.
  if (has_to_send() && !is_sending()) Loop::current()->at_turn_end(flushing_);
}

void ByteStream::end_of_input(Status status) {
  if (std::exchange(ended_, true)) return;
  receive_status_ = filter_ ? filter_->cut_off(std::move(status)) : std::move(status);
}

void ByteStream::unread(Bytes piece) {
  if (piece.empty()) return;
  inbox_bytes_ += piece.size();
  if (inbox_first_ > 0)
    inbox_[--inbox_first_] = std::move(piece);
  else
    inbox_.insert(inbox_.begin(), std::move(piece));
}

void ByteStream::attach(std::unique_ptr<ByteFilter> filter) {
  assert(!filter_ && written_ == 0 && !reader_ && "a filter comes before the first byte");
  filter_ = std::move(filter);
  std::vector<Bytes> received = std::exchange(inbox_, {});
  std::size_t first = std::exchange(inbox_first_, 0);
  inbox_bytes_ = 0;
  bool was_over = std::exchange(ended_, false);
  for (; first < received.size(); ++first) pass_in(std::move(received[first]));
  if (was_over) end_of_input(std::exchange(receive_status_, {}));
  if (filter_->has_output()) Loop::current()->at_turn_end(flushing_);
  if (receive_.in_flight) return;
  paused_ = false;
  receive_more();
}

/// Gives the reader its piece at once: when its task goes on, this may be gone.
void ByteStream::serve_reader() noexcept {
  Socket::Receive* reader = std::exchange(reader_, nullptr);
  if (!reader) return;
  if (!has_piece() && !ended_) {  // what came was for the filter alone
    reader_ = reader;
    return;
  }
  Status status;
  if (!has_piece()) status = receive_status_;
  reader->piece_ = take_input();
  reader->stream_ = nullptr;
  reader->finish(std::move(status));
}

void ByteStream::commit(std::size_t size) noexcept {
  if (size == 0) return;
  queue_.commit(size);
  written_ += size;
  if (!is_sending()) Loop::current()->at_turn_end(flushing_);
}

void ByteStream::append(const Bytes& bytes) {
  if (bytes.empty() || !send_status_.ok()) return;
  written_ += bytes.size();
  queue_.append(bytes);
  if (!is_sending()) Loop::current()->at_turn_end(flushing_);
}

void ByteStream::turn_ended(TurnEnd& work) noexcept {
  auto& stream = *static_cast<Flushing&>(work).stream;
  if (stream.closing_) return stream.free_if_over();
  stream.send_queued();
}

void ByteStream::send_queued() {
  if (is_sending()) return;
  if (!send_status_.ok()) return drop_queued();
  sending_.clear();
  sending_first_ = 0;
  if (filter_ ? filter_queued() : take_queued()) submit_send();
}

bool ByteStream::has_to_send() const noexcept {
  return !queue_.empty() || plain_first_ < plain_.size() || (filter_ && filter_->has_output());
}

bool ByteStream::take_queued() {
  if (queue_.empty()) {
    if (shutdown_wanted_) sockets().shutdown(descriptor_, SHUT_WR);
    shutdown_wanted_ = false;
    return false;
  }
  queue_.take(sending_);
  return true;
}

bool ByteStream::filter_queued() {
  if (!queue_.empty()) queue_.take(plain_);
  if (shutdown_wanted_ && plain_first_ == plain_.size()) filter_->finish();
  auto taken = filter_->send(std::span{plain_}.subspan(plain_first_), filtered_at_once, sending_);
  if (!taken) {
    send_failed(std::move(taken).status());
    return false;
  }
  drop_front(plain_, plain_first_, *taken);
  if (plain_first_ == plain_.size()) {
    plain_.clear();
    plain_first_ = 0;
  }
  batch_begin_ = sent_;
  batch_plain_ = *taken;
  batch_bytes_ = batch_sent_ = 0;
  for (const Bytes& slice : sending_) batch_bytes_ += slice.size();
  if (batch_bytes_ > 0) return true;
  if (shutdown_wanted_ && plain_.empty()) {
    sockets().shutdown(descriptor_, SHUT_WR);
    shutdown_wanted_ = false;
  }
  return false;
}

void ByteStream::drop_queued() {
  std::vector<Bytes> dropped;
  queue_.take(dropped);
  plain_.clear();
  plain_first_ = 0;
}

void ByteStream::submit_send() {
  std::size_t count = std::min(sending_.size() - sending_first_, slices_at_once);
  if (zero_copy_ && zero_copy_->send(descriptor_, &sending_[sending_first_], count)) return;
  submit_copied(count);
}

void ByteStream::send_refused() noexcept {
  if (closing_) return sent_part(0);
  submit_copied(std::min(sending_.size() - sending_first_, slices_at_once));
}

void ByteStream::submit_copied(std::size_t count) {
  Driver& driver = Loop::current()->driver();
  if (count == 1) {
    const Bytes& only = sending_[sending_first_];
    return driver.send(send_, descriptor_, only.data(), only.size());
  }
  vector_.resize(count);
  for (std::size_t index = 0; index < count; ++index) {
    const Bytes& slice = sending_[sending_first_ + index];
    vector_[index] = {const_cast<std::uint8_t*>(slice.data()), slice.size()};
  }
  message_.msg_iov = vector_.data();
  message_.msg_iovlen = count;
  driver.send(send_, descriptor_, message_);
}

void ByteStream::was_sent(Operation& operation, Completion completion) noexcept {
  static_cast<ByteStream*>(operation.owner)->sent_part(completion.result);
}

void ByteStream::sent_part(int result) noexcept {
  if (closing_) {
    sending_.clear();
    return free_if_over();
  }
  if (result < 0) return send_failed(from_errno(-result, "send"));
  auto bytes = static_cast<std::size_t>(result);
  if (filter_) {
    batch_sent_ += bytes;
    sent_ = batch_begin_ + batch_plain_ * batch_sent_ / batch_bytes_;
  } else {
    sent_ += bytes;
  }
  drop_front(sending_, sending_first_, bytes);
  if (sending_first_ < sending_.size()) return submit_send();
  sending_.clear();
  wake_flushes();
  if (has_to_send() || shutdown_wanted_) Loop::current()->at_turn_end(flushing_);
}

void ByteStream::send_failed(Status status) noexcept {
  send_status_ = std::move(status);
  sending_.clear();
  drop_queued();
  sent_ = written_;
  sockets().shutdown(descriptor_, SHUT_RDWR);  // so that the reader learns of it too
  wake_flushes();
}

void ByteStream::await_sent(Socket::Flush& flush) noexcept {
  flush.next_ = flushes_;
  flushes_ = &flush;
}

void ByteStream::forget_flush(Socket::Flush& flush) noexcept {
  for (Socket::Flush** link = &flushes_; *link; link = &(*link)->next_)
    if (*link == &flush) {
      *link = flush.next_;
      return;
    }
}

void ByteStream::wake_flushes() noexcept {
  Socket::Flush** link = &flushes_;
  while (Socket::Flush* flush = *link) {
    if (send_status_.ok() && sent_ < flush->target_) {
      link = &flush->next_;
      continue;
    }
    *link = flush->next_;
    flush->finish(Status{send_status_});
  }
}

void ByteStream::shutdown_write() noexcept {
  shutdown_wanted_ = true;
  if (!is_sending()) Loop::current()->at_turn_end(flushing_);
}

int ByteStream::release() noexcept {
  assert(!receive_.in_flight && !send_.in_flight && !flushing_.queued && !filter_ &&
         "the socket was used already");
  int descriptor = descriptor_;
  delete this;
  return descriptor;
}

/// The peer is told why this ends, where that takes no waiting.
void ByteStream::say_goodbye() noexcept {
  if (!filter_ || is_sending() || !send_status_.ok()) return;
  // With something still unsent it is no end that the peer should take for one.
  if (queue_.empty() && plain_.empty()) filter_->finish();
  if (!filter_->has_output()) return;
  std::vector<Bytes> words;
  if (!filter_->send({}, 0, words)) return;
  for (const Bytes& slice : words)
    if (!sockets().send_now(descriptor_, slice.data(), slice.size())) return;
}

void ByteStream::close() noexcept {
  say_goodbye();
  closing_ = true;
  Driver& driver = Loop::current()->driver();
  if (reader_) std::exchange(reader_, nullptr)->finish(cancelled("the socket was closed"));
  send_status_ = cancelled("the socket was closed");
  wake_flushes();
  inbox_.clear();
  // Closing a descriptor does not end its operations: they are cancelled, and the last completion closes it.
  driver.cancel(receive_);
  driver.cancel(send_);
  if (zero_copy_ && zero_copy_->pending() > 0) {
    // What the kernel has taken still reaches the peer, if that goes on taking it.
    zero_copy_->cancel();
    sockets().shutdown(descriptor_, SHUT_WR);
    if (!Loop::current()->background().spawn(ZeroCopy::linger(this))) sockets().reset(descriptor_);
    return;
  }
  free_if_over();
}

void ByteStream::free_if_over() noexcept {
  if (!closing_ || receive_.in_flight || is_sending() || flushing_.queued) return;
  if (zero_copy_ && (zero_copy_->pending() > 0 || zero_copy_->is_lingering())) return;
  sockets().close(descriptor_);
  delete this;
}

}  // namespace weft::detail
