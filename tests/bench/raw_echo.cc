// raw-echo PORT: the ceiling. Echoes 4-byte framed messages over io_uring with nothing else: no tasks, no
// protocol, no budgets. Multishot accept and receive, a buffer ring, all whole frames of a turn in one send
// per connection. On SIGTERM it prints what it did as one line of JSON.
#include <arpa/inet.h>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <vector>

#include <liburing.h>

namespace {

constexpr unsigned buffers = 128, buffer_size = 65536;

struct Connection {
  int descriptor;
  std::vector<char> filling, sending;  // received and not yet sent; in the kernel's hands
  bool in_send = false, queued = false, dead = false;
};

volatile std::sig_atomic_t stopping = 0;

enum class Kind : std::uint64_t { accept, receive, send };

struct Echo {
  io_uring ring{};
  io_uring_buf_ring* pool = nullptr;
  std::unique_ptr<char[]> memory{new char[std::size_t{buffers} * buffer_size]};
  std::vector<std::unique_ptr<Connection>> connections;
  std::vector<std::uint32_t> dirty;

  io_uring_sqe* submission(Kind kind, std::uint32_t index) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring);
    while (!sqe) {
      ++system_calls;
      io_uring_submit(&ring);
      sqe = io_uring_get_sqe(&ring);
    }
    // The flags must not be set before the prepare call, which clears the entry: callers prepare, then tag.
    pending = static_cast<std::uint64_t>(kind) << 32 | index;
    return sqe;
  }
  void tag(io_uring_sqe* sqe) const { io_uring_sqe_set_data64(sqe, pending); }

  void accept(int listener) {
    io_uring_sqe* sqe = submission(Kind::accept, 0);
    io_uring_prep_multishot_accept(sqe, listener, nullptr, nullptr, 0);
    tag(sqe);
  }
  void receive(std::uint32_t index) {
    io_uring_sqe* sqe = submission(Kind::receive, index);
    io_uring_prep_recv_multishot(sqe, connections[index]->descriptor, nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    tag(sqe);
  }
  void give_back(unsigned buffer, int offset) {
    io_uring_buf_ring_add(pool, memory.get() + std::size_t{buffer} * buffer_size, buffer_size,
                          static_cast<unsigned short>(buffer), io_uring_buf_ring_mask(buffers), offset);
  }
  void mark(std::uint32_t index) {
    Connection& connection = *connections[index];
    if (connection.queued) return;
    connection.queued = true;
    dirty.push_back(index);
  }

  /// Sends what is whole; the rest of the last frame stays.
  void flush(std::uint32_t index) {
    Connection& connection = *connections[index];
    connection.queued = false;
    if (connection.in_send || connection.dead) return;
    std::size_t whole = 0;
    while (connection.filling.size() - whole >= 4) {
      std::uint32_t length;
      std::memcpy(&length, connection.filling.data() + whole, 4);
      std::size_t frame = 4 + std::size_t{ntohl(length)};
      if (connection.filling.size() - whole < frame) break;
      whole += frame;
    }
    if (whole == 0) return;
    std::vector<char> rest(connection.filling.begin() + static_cast<std::ptrdiff_t>(whole),
                           connection.filling.end());
    connection.filling.resize(whole);
    std::swap(connection.sending, connection.filling);
    std::swap(connection.filling, rest);
    if (connection.filling.empty()) std::swap(connection.filling, rest), connection.filling.clear();
    io_uring_sqe* sqe = submission(Kind::send, index);
    io_uring_prep_send(sqe, connection.descriptor, connection.sending.data(), whole,
                       MSG_WAITALL | MSG_NOSIGNAL);
    tag(sqe);
    connection.in_send = true;
  }

  void complete(const io_uring_cqe& cqe, int listener, int& returned) {
    auto kind = static_cast<Kind>(cqe.user_data >> 32);
    auto index = static_cast<std::uint32_t>(cqe.user_data);
    if (kind == Kind::accept) {
      if (cqe.res >= 0) {
        int one = 1;
        ++system_calls;
        setsockopt(cqe.res, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connections.push_back(
            std::make_unique<Connection>(Connection{.descriptor = cqe.res, .filling = {}, .sending = {}}));
        receive(static_cast<std::uint32_t>(connections.size() - 1));
      }
      if (!(cqe.flags & IORING_CQE_F_MORE)) accept(listener);
      return;
    }
    Connection& connection = *connections[index];
    if (kind == Kind::send) {
      connection.in_send = false;
      if (!connection.filling.empty()) mark(index);
      return;
    }
    if (cqe.res > 0) {
      unsigned buffer = cqe.flags >> IORING_CQE_BUFFER_SHIFT;
      const char* data = memory.get() + std::size_t{buffer} * buffer_size;
      connection.filling.insert(connection.filling.end(), data, data + cqe.res);
      give_back(buffer, returned++);
      mark(index);
    } else if (cqe.res != -ENOBUFS && !connection.dead) {
      connection.dead = true;
      close(connection.descriptor);
    }
    if (!(cqe.flags & IORING_CQE_F_MORE) && !connection.dead) receive(index);
  }

  int run(int port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) || listen(listener, 1024))
      return std::perror("listen"), 1;
    io_uring_params params{};
    params.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE;
    params.cq_entries = 16384;
    if (io_uring_queue_init_params(2048, &ring, &params)) return std::fputs("io_uring refused\n", stderr), 1;
    io_uring_register_ring_fd(&ring);
    pool = static_cast<io_uring_buf_ring*>(std::aligned_alloc(4096, buffers * sizeof(io_uring_buf)));
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(pool);
    registration.ring_entries = buffers;
    if (io_uring_register_buf_ring(&ring, &registration, 0)) return std::fputs("no buffer ring\n", stderr), 1;
    io_uring_buf_ring_init(pool);
    for (unsigned buffer = 0; buffer < buffers; ++buffer) give_back(buffer, static_cast<int>(buffer));
    io_uring_buf_ring_advance(pool, buffers);
    accept(listener);
    std::vector<std::uint32_t> now;
    while (!stopping) {
      ++system_calls;
      int entered = io_uring_submit_and_wait(&ring, 1);
      if (entered < 0 && entered != -EINTR) return 0;
      unsigned head, seen = 0;
      int returned = 0;
      io_uring_cqe* cqe;
      io_uring_for_each_cqe(&ring, head, cqe) {
        complete(*cqe, listener, returned);
        ++seen;
      }
      io_uring_cq_advance(&ring, seen);
      if (returned) io_uring_buf_ring_advance(pool, returned);
      now.swap(dirty);
      for (std::uint32_t index : now) flush(index);
      now.clear();
    }
    std::printf("{\"system_calls\": %llu}\n", system_calls);
    return 0;
  }

  std::uint64_t pending = 0;
  unsigned long long system_calls = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: raw-echo PORT\n", stderr), 2;
  struct sigaction action{};
  action.sa_handler = [](int) { stopping = 1; };
  sigaction(SIGTERM, &action, nullptr);
  return Echo{}.run(std::atoi(argv[1]));
}
