// Uring: the io_uring driver. uring.cc has all but what is received, which is in uring_receive.cc.
#pragma once

#include <vector>

#include <liburing.h>

#include "blocking_files.h"
#include "driver.h"
#include "piece_reader.h"
#include "receive_pool.h"
#include "uring_files.h"

namespace weft::detail {

class Uring final : public Driver {
 public:
  ~Uring() override;
  Status open(const LoopOptions& options);

  DriverFacts facts() const noexcept override {
    return {.name = "io_uring",
            .setup_flags = ring_.flags,
            .registered_ring = registered_ring_,
            .multishot_receive = multishot_receive_,
            .ring_messages = wake_ != LoopWake::eventfd && takes_messages_,
            .zero_copy_send = has_sent_zero_copy_};
  }
  Instant now() noexcept override { return machine_time(); }
  void accept(Operation& operation, int listener) override;
  void receive(Operation& operation, int socket) override;
  void send(Operation& operation, int socket, const msghdr& message) override;
  void send(Operation& operation, int socket, const void* data, std::size_t size) override;
  void send_zero_copy(Operation& operation, int socket, const msghdr& message) override;
  bool can_zero_copy() const noexcept override { return can_zero_copy_; }
  void connect(Operation& operation, int socket, const sockaddr* address, socklen_t size) override;
  void file(Operation& operation, const FileRequest& request) override;
  void cancel(Operation& operation) override;
  void wait(Instant until) override;
  void wake() noexcept override;
  void wake_other(Driver& other) noexcept override;
  int ring_descriptor() const noexcept override { return takes_messages_ ? ring_.ring_fd : -1; }
  void submit() noexcept override;
  std::size_t in_flight() const noexcept override { return in_flight_ + files_.in_flight(); }
  std::uint64_t system_calls() const noexcept override { return system_calls_; }
  MemoryCounters::Receive receive_counters() const noexcept override {
    return {pool_->count(), pool_->out(), copied_, starved_};
  }
  std::uint64_t zero_copies() const noexcept override { return zero_copies_; }

 private:
  io_uring_sqe* next_submission();
  io_uring_sqe* begin(Operation& operation);
  void arm_accept(Operation& operation);
  void arm_receive(Operation& operation);
  void arm_wake();
  void give_back_buffers();
  void serve_starving();
  void complete(const io_uring_cqe& completion);
  void completed_receive(Operation& operation, const io_uring_cqe& completion);
  void completed_poll(Operation& operation, const io_uring_cqe& completion);
  void ask_to_end(Operation& operation);
  void choose_way(Operation& operation, std::size_t size);
  void mark_ready(Operation& operation);
  void forget_ready(Operation& operation);
  void fetch_ready();
  void fetch(Operation& operation);
  bool send_now(Operation& operation, int socket, const msghdr* message, const void* data, std::size_t size);
  void end(Operation& operation, int result);
  static void wake_failed(const Uring* other) noexcept;
  /// Set in what else is an address.
  static constexpr std::uint64_t failed_wake = 1;
  static constexpr int buffer_group = 0;
  /// Bytes. The kernel receives for all connections before the first task runs, and sends for all after the
  /// last. That saves system calls; but what is large has left the cache before it is looked at, and again
  /// before it is sent. So streams of large pieces are polled, and pieces fetched and sent by system calls of
  /// their own: from this size on one is cheaper than the cache misses.
  static constexpr std::size_t large_piece = 16 << 10;

  io_uring ring_{};
  bool open_ = false;
  io_uring_buf_ring* buffer_ring_ = nullptr;
  ReceivePool* pool_ = nullptr;
  Operation* starving_ = nullptr;  ///< receives that found no free buffer, in the order in which they did
  Operation** starving_last_ = &starving_;
  struct Sent {
    Operation* operation;
    int result;
  };
  PieceReader reader_{0};
  Operation* ready_ = nullptr;  ///< polled receives that may have data, in the order in which they did
  Operation** ready_last_ = &ready_;
  std::size_t fetched_ = 0;  ///< bytes in this turn
  std::vector<Sent> sent_,
      telling_;  ///< sent by system calls of their own: to be told by the next wait, and by this
  int wake_fd_ = -1;
  std::uint64_t wake_value_ = 0;
  bool waking_ = false;  ///< the read of wake_fd_ is armed
  bool takes_messages_ = false;
  LoopWake wake_;
  bool multishot_receive_ = true;
  bool registered_ring_ = false;
  std::size_t in_flight_ = 0;
  UringFiles file_operations_;
  BlockingFiles files_;  ///< what this kernel's ring does not do
  bool can_zero_copy_ = false, has_sent_zero_copy_ = false;
  std::uint64_t system_calls_ = 0, zero_copies_ = 0, copied_ = 0, starved_ = 0;
};

}  // namespace weft::detail
