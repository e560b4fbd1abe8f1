#include <cerrno>
#include <cstring>
#include <deque>

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
  Acceptor(int descriptor, std::size_t ahead_max, bool owns_name)
      : descriptor_(descriptor),
        ahead_max_(ahead_max),
        owns_name_(owns_name),
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
    Sockets& sockets = detail::sockets();
    for (int connection : connections_) sockets.close(connection);
    connections_.clear();
    retry_.disarm();
    // From here on peers are refused, not left waiting for an accept that never comes.
    if (owns_name_) sockets.remove(sockets.local_address(descriptor_));
    sockets.shutdown(descriptor_, SHUT_RDWR);
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
      if (completion.result >= 0) sockets().close(completion.result);
      if (!completion.more) self.free_if_over();
      return;
    }
    if (completion.result >= 0) {
      self.connections_.push_back(completion.result);
      if (self.connections_.size() >= self.ahead_max_) Loop::current()->driver().cancel(operation);
      if (Listener::Accept* taker = std::exchange(self.taker_, nullptr)) {
        // At once: when its task goes on, this may be gone.
        taker->connection_ = self.take();
        taker->acceptor_ = nullptr;
        taker->finish(Status{});
      }
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
    sockets().close(descriptor_);
    delete this;
  }

  int descriptor_;
  std::size_t ahead_max_;
  bool owns_name_;  ///< the one that frees a Unix address
  bool closing_ = false;
  Operation accept_;
  Retry retry_;
  std::deque<int> connections_;
  Listener::Accept* taker_ = nullptr;
};

}  // namespace detail

Result<Listener> Listener::open(const Address& address, const ListenOptions& options) {
  auto descriptor = detail::sockets().listen(address, options);
  if (!descriptor) return std::move(descriptor).status();
  return Listener{new detail::Acceptor(*descriptor, options.accept_ahead_max, true)};
}

Result<Listener> Listener::share() const {
  int descriptor = detail::sockets().duplicate(acceptor_->descriptor());
  if (descriptor < 0) return from_errno(-descriptor, "dup");
  return Listener{new detail::Acceptor(descriptor, acceptor_->ahead_max(), false)};
}

bool Listener::Accept::await_ready() noexcept { return acceptor_ && acceptor_->has_connection(); }
Socket Listener::Accept::await_resume() {
  return Socket::adopt(acceptor_ ? acceptor_->take() : connection_, options_);
}
void Listener::Accept::start() noexcept {
  if (!acceptor_) return finish(failed_precondition("the listener is closed"));
  acceptor_->await(*this);
}
void Listener::Accept::cancel() noexcept {
  acceptor_->forget_taker();
  finish_cancelled();
}

Address Listener::address() const { return detail::sockets().local_address(acceptor_->descriptor()); }

void Listener::close() noexcept {
  if (acceptor_) std::exchange(acceptor_, nullptr)->close();
}

}  // namespace weft
