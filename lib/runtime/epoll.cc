#include "epoll.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <vector>

#include "blocking_files.h"
#include "piece_reader.h"

namespace weft::detail {
namespace {

constexpr int events_at_once = 256;
/// What one connection or listener gets in a turn before the others have theirs.
constexpr int pieces_at_once = 16, connections_at_once = 64;

/// What is under way on a descriptor.
struct Slot {
  Operation* in = nullptr;   ///< an accept or a receive
  Operation* out = nullptr;  ///< a send or a connect that waits until there is room
  const msghdr* message = nullptr;
  const void* data = nullptr;  ///< of a send without `message`; the address of a connect
  std::size_t size = 0;
  bool connecting = false;
  bool ready = false;    ///< among those whose input is to be looked at
  bool hung_up = false;  ///< a piece that is not full does not mean that the rest makes another edge
};

/// Every operation is tried at once, or at the next wait; what finds no data or no room waits for the edge
/// that epoll reports. No operation completes before `wait`, as in the io_uring driver.
class Epoll final : public Driver {
 public:
  ~Epoll() override;
  Status open(const LoopOptions& options);

  DriverFacts facts() const noexcept override { return {.name = "epoll"}; }
  Instant now() noexcept override { return machine_time(); }
  void accept(Operation& operation, int listener) override;
  void receive(Operation& operation, int socket) override;
  void send(Operation& operation, int socket, const msghdr& message) override;
  void send(Operation& operation, int socket, const void* data, std::size_t size) override;
  void connect(Operation& operation, int socket, const sockaddr* address, socklen_t size) override;
  /// Files are always ready and block all the same: epoll has nothing to say about them.
  void file(Operation& operation, const FileRequest& request) override { files_.begin(operation, request); }
  void cancel(Operation& operation) override;
  void wait(Instant until) override;
  void wake() noexcept override;
  std::size_t in_flight() const noexcept override { return in_flight_ + files_.in_flight(); }
  std::uint64_t system_calls() const noexcept override { return system_calls_; }

 private:
  struct Done {
    Operation* operation;
    int result;
  };

  Slot& slot(int descriptor);
  bool watch(Operation& operation, int descriptor);
  void begin(Operation& operation, int descriptor) noexcept;
  void begin_in(Operation& operation, int descriptor);
  void begin_send(Operation& operation, int socket, const msghdr* message, const void* data,
                  std::size_t size);
  ssize_t send_now(int socket, const msghdr* message, const void* data, std::size_t size) noexcept;
  void look_at(int descriptor, bool hung_up);
  void come_in(int descriptor);
  void accept_some(int listener);
  void receive_some(int socket, bool hung_up);
  void go_out(int descriptor);
  void end(Operation& operation, int result);
  int wait_for_events(Instant until, epoll_event* events);

  int epoll_ = -1, wake_fd_ = -1;
  std::vector<Slot> slots_;  ///< by descriptor
  std::vector<int> ready_,
      ready_now_;                      ///< descriptors with input to be looked at, and those whose turn it is
  std::size_t ready_first_ = 0;        ///< of ready_now_, the first that has not had its turn
  std::vector<Done> done_, done_now_;  ///< to be completed by the next wait, and by this one
  PieceReader reader_{0};
  std::size_t received_ = 0;  ///< bytes in this turn
  std::size_t in_flight_ = 0;
  BlockingFiles files_;
  std::uint64_t system_calls_ = 0;
};

Status Epoll::open(const LoopOptions& options) {
  reader_ =
      PieceReader{options.receive_buffer_size - sizeof(Block)};  // blocks of a size that comes from the lists
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return from_errno(errno, "epoll_create1");
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd_ < 0) return from_errno(errno, "eventfd");
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = wake_fd_}};
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_fd_, &event) != 0) return from_errno(errno, "epoll_ctl");
  return {};
}

Epoll::~Epoll() {
  if (wake_fd_ >= 0) ::close(wake_fd_);
  if (epoll_ >= 0) ::close(epoll_);
}

Slot& Epoll::slot(int descriptor) {
  auto index = static_cast<std::size_t>(descriptor);
  if (index >= slots_.size()) slots_.resize(index + index / 2 + 16);
  return slots_[index];
}

void Epoll::begin(Operation& operation, int descriptor) noexcept {
  operation.descriptor = descriptor;
  operation.in_flight = true;
  operation.cancelled = false;
  ++in_flight_;
}

/// Before an operation waits on the descriptor. False: it has failed.
bool Epoll::watch(Operation& operation, int descriptor) {
  const Slot& state = slot(descriptor);
  if (state.in || state.out) return true;
  // Nobody says when a descriptor was closed and its number used again. So the first operation registers
  // anew; that also reports again what is already there.
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.fd = descriptor}};
  ++system_calls_;
  if (epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event) == 0) return true;
  if (errno == ENOENT) {
    ++system_calls_;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0) return true;
  }
  done_.push_back({&operation, -errno});
  return false;
}

void Epoll::look_at(int descriptor, bool hung_up) {
  Slot& state = slot(descriptor);
  state.hung_up |= hung_up;
  if (state.ready) return;
  state.ready = true;
  ready_.push_back(descriptor);
}

void Epoll::begin_in(Operation& operation, int descriptor) {
  begin(operation, descriptor);
  if (!watch(operation, descriptor)) return;
  slot(descriptor).in = &operation;
  look_at(descriptor, true);
}

void Epoll::accept(Operation& operation, int listener) {
  // Somebody else may take the connection that was reported; accept must then not block.
  ::fcntl(listener, F_SETFL, ::fcntl(listener, F_GETFL) | O_NONBLOCK);
  begin_in(operation, listener);
}

void Epoll::receive(Operation& operation, int socket) {
  operation.receiving = true;
  begin_in(operation, socket);
}

ssize_t Epoll::send_now(int socket, const msghdr* message, const void* data, std::size_t size) noexcept {
  ++system_calls_;
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  ssize_t sent = message ? ::sendmsg(socket, message, flags) : ::send(socket, data, size, flags);
  return sent < 0 ? -errno : sent;
}

void Epoll::begin_send(Operation& operation, int socket, const msghdr* message, const void* data,
                       std::size_t size) {
  begin(operation, socket);
  ssize_t sent = send_now(socket, message, data, size);
  if (sent != -EAGAIN) return done_.push_back({&operation, static_cast<int>(sent)});
  if (!watch(operation, socket)) return;
  Slot& state = slot(socket);
  state.out = &operation;
  state.message = message;
  state.data = data;
  state.size = size;
  state.connecting = false;
}

void Epoll::send(Operation& operation, int socket, const msghdr& message) {
  begin_send(operation, socket, &message, nullptr, 0);
}

void Epoll::send(Operation& operation, int socket, const void* data, std::size_t size) {
  begin_send(operation, socket, nullptr, data, size);
}

void Epoll::connect(Operation& operation, int socket, const sockaddr* address, socklen_t size) {
  begin(operation, socket);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
  ++system_calls_;
  int error = ::connect(socket, address, size) == 0 ? 0 : errno;
  if (error != EINPROGRESS) return done_.push_back({&operation, -error});
  if (!watch(operation, socket)) return;
  Slot& state = slot(socket);
  state.out = &operation;
  state.message = nullptr;
  state.data = address;
  state.size = size;
  state.connecting = true;
}

void Epoll::cancel(Operation& operation) {
  if (!operation.in_flight || operation.cancelled) return;
  if (operation.job) return BlockingFiles::cancel(operation);
  operation.cancelled = true;
  Slot& state = slot(operation.descriptor);
  // In neither place: it has its result already.
  if (state.in == &operation)
    state.in = nullptr;
  else if (state.out == &operation)
    state.out = nullptr;
  else
    return;
  done_.push_back({&operation, -ECANCELED});
}

void Epoll::end(Operation& operation, int result) {
  operation.in_flight = false;
  --in_flight_;
  operation.complete(operation, Completion{result, false, {}});
}

// A completion may start and cancel other operations, and so move the slots: they are looked up anew after
// each.

void Epoll::come_in(int descriptor) {
  Slot& state = slot(descriptor);
  bool hung_up = std::exchange(state.hung_up, false);
  state.ready = false;
  Operation* operation = state.in;
  if (!operation) return;
  if (operation->receiving)
    receive_some(descriptor, hung_up);
  else
    accept_some(descriptor);
}

void Epoll::accept_some(int listener) {
  for (int count = 0; count < connections_at_once; ++count) {
    Operation* operation = slot(listener).in;
    if (!operation || operation->receiving) return;
    ++system_calls_;
    int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0) {
      operation->complete(*operation, Completion{connection, true, {}});
    } else if (errno == EAGAIN) {
      return;
    } else if (errno != EINTR) {
      int error = errno;
      slot(listener).in = nullptr;
      return end(*operation, -error);
    }
  }
  look_at(listener, true);
}

void Epoll::receive_some(int socket, bool hung_up) {
  for (int count = 0; count < pieces_at_once; ++count) {
    Operation* operation = slot(socket).in;
    if (!operation || !operation->receiving) return;
    ++system_calls_;
    Bytes data;
    bool filled = false;
    ssize_t got = reader_.receive(socket, data, filled);
    if (got > 0) {
      received_ += static_cast<std::size_t>(got);
      operation->complete(*operation, Completion{static_cast<int>(got), true, std::move(data)});
      if (!filled && !hung_up) return;  // what comes now makes another edge
      if (received_ >= received_in_turn_max) break;
    } else if (got == -EAGAIN) {
      return;
    } else if (got != -EINTR) {
      slot(socket).in = nullptr;
      return end(*operation, static_cast<int>(got));
    }
  }
  look_at(socket, true);
}

void Epoll::go_out(int descriptor) {
  Slot& state = slot(descriptor);
  Operation* operation = state.out;
  if (!operation) return;
  ssize_t result;
  if (state.connecting) {
    // Once more: unlike SO_ERROR it also tells that the connection is still on its way.
    ++system_calls_;
    int error = ::connect(descriptor, static_cast<const sockaddr*>(state.data),
                          static_cast<socklen_t>(state.size)) == 0
                    ? 0
                    : errno;
    if (error == EALREADY || error == EINPROGRESS) return;
    result = error == EISCONN ? 0 : -error;
  } else {
    result = send_now(descriptor, state.message, state.data, state.size);
    if (result == -EAGAIN) return;
  }
  state.out = nullptr;
  end(*operation, static_cast<int>(result));
}

int Epoll::wait_for_events(Instant until, epoll_event* events) {
  ++system_calls_;
  if (!done_.empty() || !ready_.empty() || ready_first_ < ready_now_.size())
    return epoll_wait(epoll_, events, events_at_once, 0);
  if (until.is_never()) return epoll_wait(epoll_, events, events_at_once, -1);
  Duration left = std::max(until - now(), Duration::zero());
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
  int count = epoll_pwait2(epoll_, events, events_at_once, &timeout, nullptr);
  if (count >= 0 || errno != ENOSYS) return count;
  // Before Linux 5.11, or hidden by a profile: whole milliseconds, rounded up so as not to spin.
  auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return epoll_wait(epoll_, events, events_at_once,
                    static_cast<int>(std::min<long long>(milliseconds, 60'000)));
}

void Epoll::wait(Instant until) {
  epoll_event events[events_at_once];
  int count = wait_for_events(until, events);
  // Taken before more of them are made, so that each turn ends.
  done_.swap(done_now_);
  for (Done done : done_now_) end(*done.operation, done.result);
  done_now_.clear();
  for (int index = 0; index < count; ++index) {
    int descriptor = events[index].data.fd;
    if (descriptor == wake_fd_) continue;  // each write of it makes an edge; nobody needs the number
    std::uint32_t what = events[index].events;
    if (what & (EPOLLOUT | EPOLLERR | EPOLLHUP)) go_out(descriptor);
    if (what & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP))
      look_at(descriptor, what & (EPOLLRDHUP | EPOLLERR | EPOLLHUP));
  }
  if (ready_first_ == ready_now_.size()) {
    ready_now_.clear();
    ready_first_ = 0;
    ready_.swap(ready_now_);
  }
  received_ = 0;
  while (ready_first_ < ready_now_.size() && received_ < received_in_turn_max)
    come_in(ready_now_[ready_first_++]);
}

void Epoll::wake() noexcept {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(wake_fd_, &one, sizeof one);
}

}  // namespace

Result<std::unique_ptr<Driver>> make_epoll(const LoopOptions& options) {
  auto epoll = std::make_unique<Epoll>();
  if (Status status = epoll->open(options); !status.ok()) return status;
  return std::unique_ptr<Driver>(std::move(epoll));
}

}  // namespace weft::detail
