#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include <weft/runtime/log.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/socket.h>

#include "driver.h"

namespace weft {
namespace detail {

/// What a Listener stands for; outlives it until the kernel's last completion.
class Acceptor final {
 public:
  Acceptor(int descriptor, std::size_t ahead_max, std::string path)
      : descriptor_(descriptor),
        ahead_max_(ahead_max),
        path_(std::move(path)),
        accept_(&accepted, this),
        retry_(*this) {}

  bool has_connection() const noexcept { return !connections_.empty(); }
  int take() noexcept {
    int connection = connections_.front();
    connections_.pop_front();
    return connection;
  }
  void await(Listener::Accept& taker) noexcept {
    taker_ = &taker;
    if (!accept_.in_flight && !retry_.armed()) Loop::current()->driver().accept(accept_, descriptor_);
  }
  void forget_taker() noexcept { taker_ = nullptr; }
  int descriptor() const noexcept { return descriptor_; }
  std::size_t ahead_max() const noexcept { return ahead_max_; }

  void close() noexcept {
    closing_ = true;
    if (taker_) std::exchange(taker_, nullptr)->finish(cancelled("the listener was closed"));
    for (int connection : connections_) ::close(connection);
    connections_.clear();
    retry_.disarm();
    // From here on peers are refused, not left waiting for an accept that never comes.
    ::shutdown(descriptor_, SHUT_RDWR);
    if (!path_.empty()) ::unlink(path_.c_str());
    if (accept_.in_flight) Loop::current()->driver().cancel(accept_);
    free_if_over();
  }

 private:
  struct Retry : Timer {
    explicit Retry(Acceptor& acceptor) noexcept : Timer(&again), acceptor(acceptor) {}
    static void again(Timer& timer) noexcept {
      auto& acceptor = static_cast<Retry&>(timer).acceptor;
      if (acceptor.taker_) Loop::current()->driver().accept(acceptor.accept_, acceptor.descriptor_);
    }
    Acceptor& acceptor;
  };

  static void accepted(Operation& operation, Completion completion) noexcept {
    auto& self = *static_cast<Acceptor*>(operation.owner);
    if (self.closing_) {
      if (completion.result >= 0) ::close(completion.result);
      if (!completion.more) self.free_if_over();
      return;
    }
    if (completion.result >= 0) {
      self.connections_.push_back(completion.result);
      if (self.connections_.size() >= self.ahead_max_) Loop::current()->driver().cancel(operation);
      if (self.taker_) std::exchange(self.taker_, nullptr)->finish(Status{});
    }
    if (completion.more || !self.taker_) return;
    if (completion.result >= 0 || completion.result == -ECONNABORTED || completion.result == -ECANCELED)
      return Loop::current()->driver().accept(self.accept_, self.descriptor_);
    // Out of descriptors, most likely. Trying again at once would spin until somebody closes one.
    log(LogLevel::warning,
        fmt::format("accept: {}; trying again in 100 ms", std::strerror(-completion.result)));
    self.retry_.arm(Loop::current()->now() + std::chrono::milliseconds(100));
  }

  void free_if_over() noexcept {
    if (accept_.in_flight) return;
    ::close(descriptor_);
    delete this;
  }

  int descriptor_;
  std::size_t ahead_max_;
  std::string path_;  ///< of a Unix socket's file
  bool closing_ = false;
  Operation accept_;
  Retry retry_;
  std::deque<int> connections_;
  Listener::Accept* taker_ = nullptr;
};

}  // namespace detail

namespace {

/// A socket's file whose server is gone is in the way of the next one; that of a living server must not be
/// taken away.
Status clear_the_way(const Address& address, const char* path) {
  struct stat status;
  if (::stat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) return {};
  int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool alive = ::connect(probe, address.data(), address.size()) == 0 || errno == EAGAIN;
  ::close(probe);
  if (alive) return from_errno(EADDRINUSE, fmt::format("listen on {}", address.to_string()));
  ::unlink(path);
  return {};
}

/// With SO_REUSEPORT a second server would start on the port of the first and take half of its connections. A
/// socket without that option finds out.
Status check_unused(const Address& address) {
  int probe = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  int error = ::bind(probe, address.data(), address.size()) == 0 ? 0 : errno;
  ::close(probe);
  return error ? from_errno(error, fmt::format("listen on {}", address.to_string())) : Status{};
}

}  // namespace

Result<Listener> Listener::open(const Address& address, const ListenOptions& options) {
  std::string path;
  if (address.is_unix()) {
    auto& un = reinterpret_cast<const sockaddr_un&>(*address.data());
    if (un.sun_path[0] != '\0') path = un.sun_path;
    if (Status status = path.empty() ? Status{} : clear_the_way(address, path.c_str()); !status.ok())
      return status;
  } else if (options.reuse_port && options.first) {
    if (Status status = check_unused(address); !status.ok()) return status;
  }
  int descriptor = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return from_errno(errno, "socket");
  int one = 1;
  if (!address.is_unix()) {
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (options.reuse_port) setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  }
  if (::bind(descriptor, address.data(), address.size()) != 0 || ::listen(descriptor, options.backlog) != 0) {
    Status status = from_errno(errno, fmt::format("listen on {}", address.to_string()));
    ::close(descriptor);
    return status;
  }
  return Listener{new detail::Acceptor(descriptor, options.accept_ahead_max, std::move(path))};
}

Result<Listener> Listener::share() const {
  int descriptor = ::fcntl(acceptor_->descriptor(), F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) return from_errno(errno, "dup");
  return Listener{new detail::Acceptor(descriptor, acceptor_->ahead_max(), {})};
}

bool Listener::Accept::await_ready() noexcept { return acceptor_ && acceptor_->has_connection(); }
Socket Listener::Accept::await_resume() { return Socket::adopt(acceptor_->take(), options_); }
void Listener::Accept::start() noexcept {
  if (!acceptor_) return finish(failed_precondition("the listener is closed"));
  acceptor_->await(*this);
}
void Listener::Accept::cancel() noexcept {
  acceptor_->forget_taker();
  finish_cancelled();
}

Address Listener::address() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  getsockname(acceptor_->descriptor(), reinterpret_cast<sockaddr*>(&storage), &size);
  return Address::from(reinterpret_cast<sockaddr*>(&storage), size);
}

void Listener::close() noexcept {
  if (acceptor_) std::exchange(acceptor_, nullptr)->close();
}

}  // namespace weft
