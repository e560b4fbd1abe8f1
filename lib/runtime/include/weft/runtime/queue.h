// Queue<T>: a bounded queue between tasks of one loop. `push` waits while it is full, `pop` while it is
// empty; after `close`, pops drain what is left and then get nothing, and pushes fail. Cancelling a wait
// loses no element.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include <weft/runtime/sync.h>
#include <weft/runtime/task.h>

namespace weft {

template <class T>
class Queue {
 public:
  /// `capacity`: elements, at least 1.
  explicit Queue(std::size_t capacity) noexcept : capacity_(capacity ? capacity : 1) {}

  /// Fails with `cancelled` once the queue is closed.
  Task<void> push(T element) {
    while (!closed_ && elements_.size() >= capacity_) co_await room_.wait();
    if (closed_) co_await cancelled("the queue is closed");
    elements_.push_back(std::move(element));
    signal();
  }
  /// False when it is full or closed; the element is then untouched.
  bool try_push(T& element) {
    if (closed_ || elements_.size() >= capacity_) return false;
    elements_.push_back(std::move(element));
    signal();
    return true;
  }
  /// Nothing once the queue is closed and empty.
  Task<std::optional<T>> pop() {
    while (elements_.empty() && !closed_) co_await filled_.wait();
    if (elements_.empty()) co_return std::optional<T>{};
    std::optional<T> element{std::move(elements_.front())};
    elements_.pop_front();
    signal();
    co_return element;
  }
  void close() noexcept {
    closed_ = true;
    signal();
  }
  std::size_t size() const noexcept { return elements_.size(); }
  bool is_closed() const noexcept { return closed_; }

 private:
  void signal() noexcept {
    if (closed_ || !elements_.empty())
      filled_.set();
    else
      filled_.reset();
    if (closed_ || elements_.size() < capacity_)
      room_.set();
    else
      room_.reset();
  }

  std::size_t capacity_;
  bool closed_ = false;
  std::deque<T> elements_;
  Event filled_, room_;
};

}  // namespace weft
