// Event, Semaphore, Mutex: waiting for other tasks of the same loop. None of them is for two threads.
// Cancelling a wait takes it out of the queue and loses nothing; waiters are served in order. No allocation.
#pragma once

#include <cassert>
#include <cstddef>

#include <weft/runtime/cancel.h>

namespace weft {

namespace detail {

/// A wait in an intrusive queue.
class QueuedWait : public Suspension {
 protected:
  friend class WaitQueue;
  using Suspension::finish;
  QueuedWait() noexcept = default;
  explicit QueuedWait(Shielded shielded) noexcept : Suspension(shielded), shielded_(true) {}
  QueuedWait(QueuedWait&& other) noexcept : Suspension(std::move(other)) {}
  ~QueuedWait() = default;

  void cancel() noexcept override;

  bool shielded_ = false;
  QueuedWait* next_ = nullptr;
  QueuedWait** previous_ = nullptr;
  class WaitQueue* queue_ = nullptr;
};

class WaitQueue {
 public:
  WaitQueue() noexcept = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;
  ~WaitQueue() { assert(empty() && "destroyed while a task waits for it"); }

  bool empty() const noexcept { return !first_; }
  void push(QueuedWait& wait) noexcept;
  void remove(QueuedWait& wait) noexcept;
  /// Ends the first wait; false when there is none.
  bool wake_one(Status status = {}) noexcept;
  void wake_all(const Status& status = {}) noexcept;
  QueuedWait* first() const noexcept { return first_; }

 private:
  QueuedWait* first_ = nullptr;
  QueuedWait** last_ = &first_;
};

}  // namespace detail

/// Set once, it lets everybody through until it is reset.
class Event {
 public:
  class Wait final : public detail::QueuedWait {
   public:
    explicit Wait(Event& event) noexcept : event_(event) {}
    bool await_ready() const noexcept { return event_.set_; }
    void await_resume() const noexcept {}

   private:
    void start() noexcept override { event_.waiting_.push(*this); }
    Event& event_;
  };

  Wait wait() noexcept { return Wait{*this}; }
  void set() noexcept {
    set_ = true;
    waiting_.wake_all();
  }
  void reset() noexcept { set_ = false; }
  bool is_set() const noexcept { return set_; }

 private:
  bool set_ = false;
  detail::WaitQueue waiting_;
};

/// A number of permits.
class Semaphore {
 public:
  explicit Semaphore(std::size_t permits) noexcept : free_(permits) {}

  /// Given back when it dies.
  class [[nodiscard]] Permit {
   public:
    Permit() noexcept = default;
    explicit Permit(Semaphore& semaphore) noexcept : semaphore_(&semaphore) {}
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(semaphore_, other.semaphore_);
      return *this;
    }
    ~Permit() {
      if (semaphore_) semaphore_->release();
    }

   private:
    Semaphore* semaphore_ = nullptr;
  };

  class Acquire final : public detail::QueuedWait {
   public:
    explicit Acquire(Semaphore& semaphore) noexcept : semaphore_(semaphore) {}
    bool await_ready() noexcept { return semaphore_.take_free(); }
    Permit await_resume() noexcept { return Permit{semaphore_}; }

   private:
    void start() noexcept override { semaphore_.waiting_.push(*this); }
    Semaphore& semaphore_;
  };

  /// `auto permit = co_await semaphore.acquire();`
  Acquire acquire() noexcept { return Acquire{*this}; }
  std::size_t free() const noexcept { return free_; }

 private:
  bool take_free() noexcept {
    if (free_ == 0 || !waiting_.empty()) return false;
    --free_;
    return true;
  }
  void release() noexcept {
    // Handed straight to the first in line, so that nobody can overtake it.
    if (!waiting_.wake_one()) ++free_;
  }

  std::size_t free_;
  detail::WaitQueue waiting_;
};

/// `auto lock = co_await mutex.lock();`
class Mutex {
 public:
  using Lock = Semaphore::Permit;
  Semaphore::Acquire lock() noexcept { return semaphore_.acquire(); }
  bool is_locked() const noexcept { return semaphore_.free() == 0; }

 private:
  Semaphore semaphore_{1};
};

}  // namespace weft
