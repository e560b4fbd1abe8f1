#include "uring.h"

#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <sys/eventfd.h>
#include <unistd.h>
#include <vector>

#include "uring_driver.h"
#include "uring_setup.h"

namespace weft::detail {
namespace {

constexpr unsigned completions_at_once = 128;

/// The rings of the process. Whether one that could not be reached by a message still exists is looked up
/// here.
std::mutex rings_mutex;
std::vector<Uring*> rings;

}  // namespace

Status Uring::open(const LoopOptions& options) {
  if (Status status = set_up_ring(ring_, options); !status.ok()) return status;
  open_ = true;
  // Saves a descriptor lookup a call; older kernels refuse, which is fine.
  registered_ring_ = io_uring_register_ring_fd(&ring_) == 1;
  io_uring_ring_dontfork(&ring_);

  std::uint32_t count =
      std::bit_ceil(std::min<std::uint32_t>(std::max<std::uint32_t>(options.receive_buffers, 2), 32768));
  reader_ = PieceReader{options.receive_buffer_size - sizeof(Block)};
  pool_ = ReceivePool::create(count, options.receive_buffer_size, this);
  void* ring_memory = nullptr;
  if (!pool_ || posix_memalign(&ring_memory, 4096, count * sizeof(io_uring_buf)))
    return resource_exhausted("no memory for the receive buffers");
  buffer_ring_ = static_cast<io_uring_buf_ring*>(ring_memory);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffer_ring_);
  registration.ring_entries = count;
  registration.bgid = buffer_group;
  if (int result = io_uring_register_buf_ring(&ring_, &registration, 0)) return ring_refused(-result);
  io_uring_buf_ring_init(buffer_ring_);
  for (std::uint32_t index = 0; index < count; ++index)
    io_uring_buf_ring_add(buffer_ring_, pool_->slot(index).memory, pool_->buffer_size(),
                          static_cast<unsigned short>(index), io_uring_buf_ring_mask(count),
                          static_cast<int>(index));
  io_uring_buf_ring_advance(buffer_ring_, static_cast<int>(count));

  wake_fd_ = eventfd(0, EFD_CLOEXEC);
  if (wake_fd_ < 0) return from_errno(errno, "eventfd");
  wake_ = options.wake;
  if (io_uring_probe* probe = io_uring_get_probe_ring(&ring_)) {
    can_zero_copy_ = io_uring_opcode_supported(probe, IORING_OP_SENDMSG_ZC);
    takes_messages_ =
        (ring_.features & IORING_FEAT_CQE_SKIP) && io_uring_opcode_supported(probe, IORING_OP_MSG_RING);
    io_uring_free_probe(probe);
  }
  std::lock_guard lock{rings_mutex};
  rings.push_back(this);
  return {};
}

Uring::~Uring() {
  {
    std::lock_guard lock{rings_mutex};
    std::erase(rings, this);
  }
  if (open_) io_uring_queue_exit(&ring_);
  if (pool_) pool_->close();
  std::free(buffer_ring_);
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

io_uring_sqe* Uring::next_submission() {
  io_uring_sqe* submission = io_uring_get_sqe(&ring_);
  while (!submission) {
    ++system_calls_;
    io_uring_submit(&ring_);
    submission = io_uring_get_sqe(&ring_);
  }
  return submission;
}

io_uring_sqe* Uring::begin(Operation& operation) {
  if (!operation.in_flight) {
    operation.in_flight = true;
    operation.cancelled = false;
    ++in_flight_;
  }
  return next_submission();
}

void Uring::accept(Operation& operation, int listener) {
  operation.descriptor = listener;
  arm_accept(operation);
}

void Uring::arm_accept(Operation& operation) {
  io_uring_sqe* submission = begin(operation);
  io_uring_prep_multishot_accept(submission, operation.descriptor, nullptr, nullptr, SOCK_CLOEXEC);
  io_uring_sqe_set_data(submission, &operation);
}

/// Large data, at once. False: it is not large, or there is no room for any of it.
bool Uring::send_now(Operation& operation, int socket, const msghdr* message, const void* data,
                     std::size_t size) {
  if (message)
    for (std::size_t index = 0; index < message->msg_iovlen; ++index) size += message->msg_iov[index].iov_len;
  if (size < large_piece) return false;
  ++system_calls_;
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  ssize_t sent = message ? ::sendmsg(socket, message, flags) : ::send(socket, data, size, flags);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  operation.in_flight = true;
  operation.cancelled = false;
  ++in_flight_;
  sent_.push_back({&operation, sent < 0 ? -errno : static_cast<int>(sent)});
  return true;
}

void Uring::send(Operation& operation, int socket, const msghdr& message) {
  if (send_now(operation, socket, &message, nullptr, 0)) return;
  io_uring_sqe* submission = begin(operation);
  io_uring_prep_sendmsg(submission, socket, &message, MSG_WAITALL | MSG_NOSIGNAL);
  io_uring_sqe_set_data(submission, &operation);
}

void Uring::send(Operation& operation, int socket, const void* data, std::size_t size) {
  if (send_now(operation, socket, nullptr, data, size)) return;
  io_uring_sqe* submission = begin(operation);
  io_uring_prep_send(submission, socket, data, size, MSG_WAITALL | MSG_NOSIGNAL);
  io_uring_sqe_set_data(submission, &operation);
}

void Uring::send_zero_copy(Operation& operation, int socket, const msghdr& message) {
  has_sent_zero_copy_ = true;
  ++zero_copies_;
  io_uring_sqe* submission = begin(operation);
  io_uring_prep_sendmsg_zc(submission, socket, &message, MSG_WAITALL | MSG_NOSIGNAL);
  io_uring_sqe_set_data(submission, &operation);
}

void Uring::connect(Operation& operation, int socket, const sockaddr* address, socklen_t size) {
  io_uring_sqe* submission = begin(operation);
  io_uring_prep_connect(submission, socket, address, size);
  io_uring_sqe_set_data(submission, &operation);
}

void Uring::file(Operation& operation, const FileRequest& request) {
  if (!file_operations_.has(ring_, request.kind)) return files_.begin(operation, request);
  io_uring_sqe* submission = begin(operation);
  UringFiles::prepare(*submission, request);
  io_uring_sqe_set_data(submission, &operation);
}

void Uring::cancel(Operation& operation) {
  if (!operation.in_flight || operation.cancelled) return;
  if (operation.job) return BlockingFiles::cancel(operation);
  operation.cancelled = true;
  // One that waits for a buffer is not in the kernel; `serve_starving` ends it.
  for (Operation* starving = starving_; starving; starving = starving->next)
    if (starving == &operation) return;
  ask_to_end(operation);
}

/// The kernel's part; its last completion still comes.
void Uring::ask_to_end(Operation& operation) {
  io_uring_sqe* submission = next_submission();
  io_uring_prep_cancel(submission, &operation, 0);
  io_uring_sqe_set_data(submission, nullptr);
}

void Uring::arm_wake() {
  io_uring_sqe* submission = next_submission();
  io_uring_prep_read(submission, wake_fd_, &wake_value_, sizeof wake_value_, 0);
  io_uring_sqe_set_data(submission, &wake_value_);
  waking_ = true;
}

void Uring::wake() noexcept {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(wake_fd_, &one, sizeof one);
}

void Uring::wake_other(Driver& other) noexcept {
  int descriptor = wake_ == LoopWake::eventfd || !takes_messages_ ? -1 : other.ring_descriptor();
  if (descriptor < 0) return other.wake();
  io_uring_sqe* submission = next_submission();
  // The other ring sees a completion that means nothing. By then it may be gone, and its descriptor stand for
  // another ring: no harm. This one hears of it only if it failed.
  io_uring_prep_msg_ring(submission, descriptor, 0, 0, 0);
  submission->flags |= IOSQE_CQE_SKIP_SUCCESS;
  submission->user_data = reinterpret_cast<std::uintptr_t>(static_cast<Uring*>(&other)) | failed_wake;
  if (wake_ == LoopWake::ring) submit();
}

/// Such as for want of memory.
void Uring::wake_failed(const Uring* other) noexcept {
  std::lock_guard lock{rings_mutex};
  for (Uring* ring : rings)
    if (ring == other) ring->wake();
}

void Uring::submit() noexcept {
  if (!io_uring_sq_ready(&ring_)) return;
  ++system_calls_;
  io_uring_submit(&ring_);
}

void Uring::wait(Instant until) {
  give_back_buffers();
  if (starving_) {
    pool_->set_starving(true);
    give_back_buffers();  // what came back before the flag was seen
    serve_starving();
    if (!starving_) pool_->set_starving(false);
  }
  if (!waking_) arm_wake();
  if (ready_ || !sent_.empty()) until = {};  // there is something to do: only look
  sent_.swap(telling_);
  ++system_calls_;
  if (until.is_never()) {
    io_uring_submit_and_wait(&ring_, 1);
  } else {
    Duration left = until - now();
    if (left <= Duration::zero()) {
      io_uring_submit_and_get_events(&ring_);
    } else {
      auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
      __kernel_timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
      io_uring_cqe* first = nullptr;
      io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
    }
  }
  // Copied out first: completing one may submit others, and the kernel gets its room back early.
  io_uring_cqe* ready[completions_at_once];
  io_uring_cqe copies[completions_at_once];
  while (unsigned count = io_uring_peek_batch_cqe(&ring_, ready, completions_at_once)) {
    for (unsigned index = 0; index < count; ++index)
      std::memcpy(&copies[index], ready[index], sizeof(io_uring_cqe));
    io_uring_cq_advance(&ring_, count);
    for (unsigned index = 0; index < count; ++index) complete(copies[index]);
    if (count < completions_at_once) break;
  }
  for (Sent sent : telling_) end(*sent.operation, sent.result);
  telling_.clear();
  fetch_ready();
}

void Uring::complete(const io_uring_cqe& completion) {
  // The answer to a cancellation: the cancelled operation has its own. Or another ring's wake-up.
  if (completion.user_data == 0) return;
  if (completion.user_data & failed_wake)
    return wake_failed(reinterpret_cast<const Uring*>(completion.user_data & ~failed_wake));
  if (completion.user_data == reinterpret_cast<std::uintptr_t>(&wake_value_)) {
    waking_ = false;
    return;
  }
  auto& operation = *reinterpret_cast<Operation*>(completion.user_data);
  if (operation.polled) return completed_poll(operation, completion);
  if (operation.receiving) return completed_receive(operation, completion);
  if (completion.flags & IORING_CQE_F_MORE)
    operation.complete(operation, Completion{completion.res, true, {}});
  else
    end(operation, completion.res);
}

void Uring::end(Operation& operation, int result) {
  forget_ready(operation);
  operation.in_flight = false;
  --in_flight_;
  operation.complete(operation, Completion{result, false, {}});
}

Result<std::unique_ptr<Driver>> make_uring(const LoopOptions& options) {
  auto uring = std::make_unique<Uring>();
  if (Status status = uring->open(options); !status.ok()) return status;
  return std::unique_ptr<Driver>(std::move(uring));
}

}  // namespace weft::detail
