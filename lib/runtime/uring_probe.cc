#include "uring_probe.h"

#include <cerrno>
#include <cstdlib>
#include <memory>
#include <sys/socket.h>
#include <unistd.h>

#include <liburing.h>

namespace weft::detail {
namespace {

// Newer than the headers of liburing 2.3.
constexpr unsigned feature_bundles = 1u << 14, feature_min_timeout = 1u << 15;
constexpr unsigned register_napi = 27;
constexpr std::uint16_t incremental = 2;  // IOU_PBUF_RING_INC, in what used to be padding

bool sets_up(unsigned flags) noexcept {
  io_uring_params params{};
  params.flags = flags;
  int ring = io_uring_setup(2, &params);
  if (ring >= 0) ::close(ring);
  return ring >= 0;
}

/// A ring with a few buffers of which none is ever filled.
class ProbeRing {
 public:
  ProbeRing() noexcept {
    works_ = io_uring_queue_init_params(8, &ring_, &params_) == 0;
    void* memory = nullptr;
    if (posix_memalign(&memory, 4096, 4096) == 0) buffers_ = static_cast<io_uring_buf_ring*>(memory);
  }
  ProbeRing(const ProbeRing&) = delete;
  ProbeRing& operator=(const ProbeRing&) = delete;
  ~ProbeRing() {
    if (works_) io_uring_queue_exit(&ring_);
    std::free(buffers_);
  }

  bool works() const noexcept { return works_; }
  bool has_feature(unsigned bit) const noexcept { return params_.features & bit; }
  io_uring& ring() noexcept { return ring_; }

  bool has_buffer_ring(std::uint16_t group, std::uint16_t flags) noexcept {
    if (!buffers_) return false;
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(buffers_);
    registration.ring_entries = buffer_count;
    registration.bgid = group;
    registration.pad = flags;
    return io_uring_register_buf_ring(&ring_, &registration, 0) == 0;
  }
  void fill_buffers() noexcept {
    io_uring_buf_ring_init(buffers_);
    for (int index = 0; index < buffer_count; ++index)
      io_uring_buf_ring_add(buffers_, bytes_[index], sizeof bytes_[index], static_cast<unsigned short>(index),
                            io_uring_buf_ring_mask(buffer_count), index);
    io_uring_buf_ring_advance(buffers_, buffer_count);
  }

  io_uring_sqe* next() noexcept { return io_uring_get_sqe(&ring_); }
  /// Whether the kernel takes what was prepared: it waits then, while an unknown flag is refused at once.
  bool is_taken() noexcept {
    if (io_uring_submit(&ring_) < 0) return false;
    io_uring_cqe* completion = nullptr;
    if (io_uring_peek_cqe(&ring_, &completion) != 0) return true;
    bool refused = completion->res == -EINVAL;
    io_uring_cqe_seen(&ring_, completion);
    return !refused;
  }

 private:
  static constexpr int buffer_count = 2;
  io_uring ring_{};
  io_uring_params params_{};
  io_uring_buf_ring* buffers_ = nullptr;
  char bytes_[buffer_count][64];
  bool works_ = false;
};

bool accepts_many(ProbeRing& probe) noexcept {
  int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr address{};
  address.sa_family = AF_UNIX;  // and no more: the kernel finds a name that is no file
  bool taken = false;
  if (::bind(listener, &address, sizeof address.sa_family) == 0 && ::listen(listener, 1) == 0) {
    io_uring_prep_multishot_accept(probe.next(), listener, nullptr, nullptr, SOCK_CLOEXEC);
    taken = probe.is_taken();
  }
  if (listener >= 0) ::close(listener);
  return taken;
}

bool receives_many(ProbeRing& probe, std::uint16_t group) noexcept {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  io_uring_sqe* submission = probe.next();
  io_uring_prep_recv_multishot(submission, ends[0], nullptr, 0, 0);
  submission->flags |= IOSQE_BUFFER_SELECT;
  submission->buf_group = group;
  bool taken = probe.is_taken();
  for (int end : ends) ::close(end);
  return taken;
}

}  // namespace

UringProbe probe_uring() noexcept {
  UringProbe found;
  ProbeRing probe;
  if (!probe.works()) return found;
  found.works = true;
  found.single_issuer = sets_up(IORING_SETUP_SINGLE_ISSUER);
  found.deferred_task_work = sets_up(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
  found.cooperative_task_work = sets_up(IORING_SETUP_COOP_TASKRUN);
  found.bundles = probe.has_feature(feature_bundles);
  found.min_wait = probe.has_feature(feature_min_timeout);
  if (io_uring_probe* operations = io_uring_get_probe_ring(&probe.ring())) {
    found.zero_copy_send = io_uring_opcode_supported(operations, IORING_OP_SENDMSG_ZC);
    found.ring_messages = io_uring_opcode_supported(operations, IORING_OP_MSG_RING);
    io_uring_free_probe(operations);
  }
  struct {
    std::uint32_t time = 0;
    std::uint8_t kind[4] = {};
    std::uint64_t reserved = 0;
  } napi;
  found.napi = io_uring_register(static_cast<unsigned>(probe.ring().ring_fd), register_napi, &napi, 1) == 0;
  constexpr std::uint16_t plain = 1, consumed_in_parts = 2;
  found.incremental_buffers = probe.has_buffer_ring(consumed_in_parts, incremental);
  if (found.incremental_buffers) io_uring_unregister_buf_ring(&probe.ring(), consumed_in_parts);
  found.buffer_rings = probe.has_buffer_ring(plain, 0);
  if (found.buffer_rings) {
    probe.fill_buffers();
    found.multishot_receive = receives_many(probe, plain);
  }
  found.multishot_accept = accepts_many(probe);
  found.registered_ring = io_uring_register_ring_fd(&probe.ring()) == 1;
  return found;
}

}  // namespace weft::detail
