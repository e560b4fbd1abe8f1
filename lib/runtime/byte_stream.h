// ByteStream: what a Socket stands for. It outlives its Socket until the kernel's last completion.
#pragma once

#include <memory>
#include <sys/uio.h>
#include <vector>

#include <weft/runtime/byte_filter.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/socket.h>

#include "driver.h"
#include "zero_copy.h"

namespace weft::detail {

/// Bytes to be sent: small writes gather in one block, large ones are linked in as they are.
class SendQueue {
 public:
  std::uint8_t* reserve(std::size_t size);
  void commit(std::size_t size) noexcept { used_ += size; }
  void append(const Bytes& bytes);
  bool empty() const noexcept { return slices_.empty() && used_ == sealed_; }
  /// Moves everything into `slices`.
  void take(std::vector<Bytes>& slices);

 private:
  static constexpr std::size_t first_block = 2048 - sizeof(Block), block_max = 65536 - sizeof(Block);
  static constexpr std::size_t link_from = 4096;  ///< from here on a reference is cheaper than a copy
  void seal();

  std::vector<Bytes> slices_;
  Buffer tail_;
  std::size_t used_ = 0;    ///< of the tail
  std::size_t sealed_ = 0;  ///< of the tail, already in slices_
};

class ByteStream final {
 public:
  ByteStream(int descriptor, const SocketOptions& options);

  /// A piece, or the end of the stream. What came before a failure comes before it.
  bool has_input() const noexcept { return has_piece() || (ended_ && receive_status_.ok()); }
  bool has_piece() const noexcept { return inbox_first_ < inbox_.size(); }
  Bytes take_input() noexcept;
  void await_input(Socket::Receive& reader) noexcept;
  void forget_reader() noexcept { reader_ = nullptr; }
  void pause() noexcept;
  void unread(Bytes piece);
  void attach(std::unique_ptr<ByteFilter> filter);
  std::shared_ptr<const PeerIdentity> peer_identity() const noexcept {
    return filter_ ? filter_->peer_identity() : nullptr;
  }
  Status receive_status() const { return receive_status_; }

  std::uint8_t* reserve(std::size_t size) { return queue_.reserve(size); }
  void commit(std::size_t size) noexcept;
  void append(const Bytes& bytes);
  std::uint64_t written() const noexcept { return written_; }
  std::uint64_t sent() const noexcept { return sent_; }
  const Status& send_status() const noexcept { return send_status_; }
  void await_sent(Socket::Flush& flush) noexcept;
  void forget_flush(Socket::Flush& flush) noexcept;
  void shutdown_write() noexcept;
  void close() noexcept;
  int release() noexcept;

  int descriptor() const noexcept { return descriptor_; }

  // For ZeroCopy.
  ZeroCopy* zero_copy() noexcept { return zero_copy_.get(); }
  /// The result of the send under way: bytes or a negative errno.
  void sent_part(int result) noexcept;
  /// It was not done, and cannot be without a copy.
  void send_refused() noexcept;
  void free_if_over() noexcept;

 private:
  ~ByteStream() = default;
  static void received(Operation& operation, Completion completion) noexcept;
  static void was_sent(Operation& operation, Completion completion) noexcept;
  static void turn_ended(TurnEnd& work) noexcept;
  void pass_in(Bytes bytes);
  void end_of_input(Status status);
  void serve_reader() noexcept;
  void receive_more();
  void send_queued();
  bool has_to_send() const noexcept;
  bool take_queued();
  bool filter_queued();
  void drop_queued();
  void say_goodbye() noexcept;
  bool is_sending() const noexcept { return send_.in_flight || (zero_copy_ && zero_copy_->is_sending()); }
  void submit_send();
  void submit_copied(std::size_t count);
  void send_failed(Status status) noexcept;
  void wake_flushes() noexcept;

  struct Flushing : TurnEnd {
    ByteStream* stream;
  };

  int descriptor_;
  bool ended_ = false;    ///< nothing more will be received
  bool closing_ = false;  ///< its Socket is gone
  bool paused_ = false;   ///< receiving was stopped because too much lies unread, or it is not wanted
  bool unwanted_ = false;
  bool shutdown_wanted_ = false;
  std::size_t receive_ahead_max_;

  Operation receive_;
  std::vector<Bytes> inbox_;
  std::size_t inbox_first_ = 0, inbox_bytes_ = 0;
  Status receive_status_;
  Socket::Receive* reader_ = nullptr;

  Operation send_;
  std::unique_ptr<ZeroCopy> zero_copy_;  ///< null: everything is copied
  std::unique_ptr<ByteFilter> filter_;   ///< null: bytes go as they are
  std::vector<Bytes> plain_;             ///< taken from the queue, for the filter
  std::size_t plain_first_ = 0;          ///< slices before this one have gone through it
  Flushing flushing_;
  SendQueue queue_;
  std::vector<Bytes> sending_;
  std::size_t sending_first_ = 0;  ///< slices before this one have been sent
  std::vector<iovec> vector_;
  msghdr message_{};
  std::uint64_t written_ = 0, sent_ = 0;
  /// Of what is being sent through the filter: where `sent_` was before, the bytes as written, and as they
  /// leave; and how many of those have.
  std::uint64_t batch_begin_ = 0, batch_plain_ = 0, batch_bytes_ = 0, batch_sent_ = 0;
  Status send_status_;
  Socket::Flush* flushes_ = nullptr;
};

}  // namespace weft::detail
