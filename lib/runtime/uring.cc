#include "uring.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <liburing.h>

#include <weft/runtime/log.h>

#include "blocking_files.h"
#include "piece_reader.h"
#include "receive_pool.h"
#include "uring_files.h"

namespace weft::detail {
namespace {

constexpr int buffer_group = 0;
constexpr unsigned completions_at_once = 128;

// The kernel receives for all connections before the first task runs, and sends for all after the last. That
// saves system calls; but what is large has left the cache before it is looked at, and again before it is
// sent. So streams of large pieces are polled, and pieces fetched and sent by system calls of their own.
constexpr std::size_t large_piece =
    16 << 10;  // bytes; from here on a system call is cheaper than the cache misses
constexpr std::size_t small_piece = 4 << 10;  // below this it is not,
constexpr unsigned small_pieces_max = 16;     // and after so many of them the stream goes back to the kernel
constexpr int pieces_at_once = 16;            // of one connection in a turn

/// Why the kernel refused, and what to do about it.
Status refused(int error) {
  std::string cure;
  if (error == EPERM || error == ENOSYS || error == EACCES) {
    int disabled = 0;
    if (std::FILE* file = std::fopen("/proc/sys/kernel/io_uring_disabled", "r")) {
      if (std::fscanf(file, "%d", &disabled) != 1) disabled = 0;
      std::fclose(file);
    }
    if (disabled)
      cure = fmt::format("kernel.io_uring_disabled is {}: `sysctl -w kernel.io_uring_disabled=0` allows it",
                         disabled);
    else if (error == ENOSYS)
      cure = "the kernel was built without it, or a seccomp profile hides it";
    else
      cure =
          "a seccomp profile (the default of Docker and others) forbids io_uring_setup, io_uring_enter and "
          "io_uring_register: allow them";
  } else if (error == ENOMEM) {
    cure = "raise RLIMIT_MEMLOCK or the memory limit of the container";
  } else if (error == EINVAL) {
    cure = "Linux 5.19 or newer is needed, 6.1 or newer recommended";
  } else if (error == EMFILE || error == ENFILE) {
    cure = "raise RLIMIT_NOFILE";
  } else {
    cure = "no known cause";
  }
  return {Code::unavailable, fmt::format("io_uring is not available: {} ({})", std::strerror(error), cure)};
}

class Uring;
/// The rings of the process. Whether one that could not be reached by a message still exists is looked up
/// here.
std::mutex rings_mutex;
std::vector<Uring*> rings;

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

Status Uring::open(const LoopOptions& options) {
  // The ladder: what networking is recommended to use, then what older kernels know.
  constexpr unsigned ladder[] = {
      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CLAMP |
          IORING_SETUP_CQSIZE,
      IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
      IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
  };
  int error = EINVAL;
  for (unsigned flags : ladder) {
    io_uring_params params{};
    params.flags = flags;
    // Multishot operations complete many times for one submission: the default of twice the submissions
    // overflows.
    params.cq_entries = options.ring_entries * 8;
    error = -io_uring_queue_init_params(options.ring_entries, &ring_, &params);
    if (error == 0) {
      if (flags != ladder[0])
        log(LogLevel::info, "io_uring: this kernel lacks deferred task work; going on without");
      break;
    }
    if (error != EINVAL) break;
  }
  if (error) return refused(error);
  open_ = true;
  registered_ring_ = io_uring_register_ring_fd(&ring_) ==
                     1;  // saves a descriptor lookup a call; older kernels refuse, which is fine
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
  if (int result = io_uring_register_buf_ring(&ring_, &registration, 0)) return refused(-result);
  io_uring_buf_ring_init(buffer_ring_);
  for (std::uint32_t index = 0; index < count; ++index)
    io_uring_buf_ring_add(buffer_ring_, pool_->slot(index).memory, pool_->buffer_size(),
                          static_cast<unsigned short>(index), io_uring_buf_ring_mask(count),
                          static_cast<int>(index));
  io_uring_buf_ring_advance(buffer_ring_, static_cast<int>(count));

  if (io_uring_probe* probe = io_uring_get_probe_ring(&ring_)) {
    can_zero_copy_ = io_uring_opcode_supported(probe, IORING_OP_SENDMSG_ZC);
    io_uring_free_probe(probe);
  }

  wake_fd_ = eventfd(0, EFD_CLOEXEC);
  if (wake_fd_ < 0) return from_errno(errno, "eventfd");
  wake_ = options.wake;
  if (io_uring_probe* probe = io_uring_get_probe_ring(&ring_)) {
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

void Uring::receive(Operation& operation, int socket) {
  operation.descriptor = socket;
  operation.receiving = true;
  operation.ended = false;
  arm_receive(operation);
}

void Uring::arm_receive(Operation& operation) {
  io_uring_sqe* submission = begin(operation);
  operation.polled = operation.wants_poll;
  operation.changing = false;
  if (operation.polled) {
    io_uring_prep_poll_multishot(submission, operation.descriptor, POLLIN | POLLRDHUP);
    io_uring_sqe_set_data(submission, &operation);
    return;
  }
  forget_ready(operation);  // from now on the kernel fetches
  if (multishot_receive_)
    io_uring_prep_recv_multishot(submission, operation.descriptor, nullptr, 0, 0);
  else
    io_uring_prep_recv(submission, operation.descriptor, nullptr, pool_->buffer_size(), 0);
  submission->flags |= IOSQE_BUFFER_SELECT;
  submission->buf_group = buffer_group;
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

void Uring::give_back_buffers() {
  int count = 0;
  int mask = io_uring_buf_ring_mask(pool_->count());
  for (auto* slot = pool_->take_returned(); slot;) {
    auto* next = slot->next;
    io_uring_buf_ring_add(buffer_ring_, slot->memory, pool_->buffer_size(), slot->index, mask, count++);
    slot = next;
  }
  if (count) io_uring_buf_ring_advance(buffer_ring_, count);
}

void Uring::serve_starving() {
  // A receive without a buffer fails at once even when there is no data: re-arming it before a buffer is back
  // spins.
  bool can_receive = pool_->out() < pool_->count();
  Operation** link = &starving_;
  while (Operation* operation = *link) {
    if (operation->cancelled) {
      *link = operation->next;
      end(*operation, -ECANCELED);
    } else if (can_receive) {
      *link = operation->next;
      arm_receive(*operation);
    } else {
      link = &operation->next;
    }
  }
  starving_last_ = link;
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

void Uring::completed_receive(Operation& operation, const io_uring_cqe& completion) {
  bool more = completion.flags & IORING_CQE_F_MORE;
  if (completion.res > 0) {
    std::uint32_t index = completion.flags >> IORING_CQE_BUFFER_SHIFT;
    auto size = static_cast<std::size_t>(completion.res);
    Bytes data = pool_->filled(index, size);
    // Connections that do not get to read what came, and services that keep it, must not stop all others from
    // receiving: when buffers get scarce they go back at once.
    if (pool_->is_scarce()) {
      data = data.copy();
      ++copied_;
    }
    operation.complete(operation, Completion{completion.res, true, std::move(data)});
    choose_way(operation, size);
    if (more) return;
    // Ended with data: by an overflow of the completion queue, or because it was a single shot.
    if (operation.cancelled) return end(operation, -ECANCELED);
    return arm_receive(operation);
  }
  if (more) return;
  if (!operation.cancelled && ((completion.res == -ECANCELED && operation.changing) ||
                               (completion.res == -ENOBUFS && operation.wants_poll)))
    return arm_receive(operation);
  if (completion.res == -ENOBUFS && !operation.cancelled) {
    ++starved_;
    operation.next = nullptr;
    *starving_last_ = &operation;
    starving_last_ = &operation.next;
    return;
  }
  if (completion.res == -EINVAL && multishot_receive_ && !operation.cancelled) {
    multishot_receive_ = false;  // before Linux 6.0
    return arm_receive(operation);
  }
  // Out of buffers is no failure of a connection, also when it was just being asked to pause.
  end(operation, completion.res == -ENOBUFS ? -ECANCELED : completion.res);
}

void Uring::completed_poll(Operation& operation, const io_uring_cqe& completion) {
  if (completion.res >= 0 && !operation.ended) mark_ready(operation);
  operation.hung_up |= completion.res > 0 && (completion.res & (POLLRDHUP | POLLHUP | POLLERR));
  if (completion.flags & IORING_CQE_F_MORE) return;
  if (operation.ended) return end(operation, operation.result);
  if (operation.cancelled) return end(operation, -ECANCELED);
  // It ended to change its way, or by an overflow of the completion queue.
  if (completion.res >= 0 || completion.res == -ECANCELED) return arm_receive(operation);
  end(operation, completion.res);
}

/// After a piece of that size.
void Uring::choose_way(Operation& operation, std::size_t size) {
  operation.small_pieces = size < small_piece ? operation.small_pieces + 1 : 0;
  if (size >= large_piece && multishot_receive_)
    operation.wants_poll = true;
  else if (operation.small_pieces >= small_pieces_max)
    operation.wants_poll = false;
  if (operation.wants_poll == operation.polled || operation.cancelled || operation.changing) return;
  operation.changing = true;
  ask_to_end(operation);
}

void Uring::mark_ready(Operation& operation) {
  if (operation.ready) return;
  operation.ready = true;
  operation.next = nullptr;
  *ready_last_ = &operation;
  ready_last_ = &operation.next;
}

void Uring::forget_ready(Operation& operation) {
  if (!operation.ready) return;
  operation.ready = false;
  Operation** link = &ready_;
  while (*link != &operation) link = &(*link)->next;
  *link = operation.next;
  if (!*link) ready_last_ = link;
}

void Uring::fetch_ready() {
  fetched_ = 0;
  while (ready_ && fetched_ < received_in_turn_max) {
    Operation& operation = *ready_;
    forget_ready(operation);
    fetch(operation);
  }
}

void Uring::fetch(Operation& operation) {
  for (int count = 0; count < pieces_at_once; ++count) {
    if (operation.cancelled || operation.ended) return;
    Bytes data;
    bool filled = false;
    ++system_calls_;
    ssize_t got = reader_.receive(operation.descriptor, data, filled);
    if (got == -EAGAIN) return;
    if (got == -EINTR) continue;
    if (got <= 0) {
      operation.ended = true;
      operation.result = static_cast<int>(got);
      return ask_to_end(operation);  // the poll
    }
    auto size = static_cast<std::size_t>(got);
    fetched_ += size;
    operation.complete(operation, Completion{static_cast<int>(got), true, std::move(data)});
    choose_way(operation, size);
    if (!filled && !operation.hung_up) return;  // what comes now is told anew
    if (fetched_ >= received_in_turn_max) break;
  }
  mark_ready(operation);
}

void Uring::end(Operation& operation, int result) {
  forget_ready(operation);
  operation.in_flight = false;
  --in_flight_;
  operation.complete(operation, Completion{result, false, {}});
}

}  // namespace

Result<std::unique_ptr<Driver>> make_uring(const LoopOptions& options) {
  auto uring = std::make_unique<Uring>();
  if (Status status = uring->open(options); !status.ok()) return status;
  return std::unique_ptr<Driver>(std::move(uring));
}

}  // namespace weft::detail
