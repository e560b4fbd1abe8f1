// Stream<T>: a coroutine that yields many values, one when it is asked for one.
//
//   Stream<Tick> ticks(Duration every) {
//     for (int n = 0;; ++n) {
//       co_yield Tick{n};
//       co_await sleep(every);
//     }
//   }
//   Stream<Tick> stream = ticks(1s);
//   while (auto tick = co_await stream.next()) ...
//
// It runs only while somebody waits for its next value, in that one's strand: what reads slowly is produced
// slowly, and a deadline around `next` limits the work for that value. A failure, also one by cancellation,
// ends the stream and is what `next` fails with. Dropping a stream between two values destroys what its
// coroutine holds; tasks of a scope that it opened must not run then. A stream has one reader at a time.
// Cost: a frame for the stream, and one from the core's lists for each value.
#pragma once

#include <cassert>
#include <exception>
#include <optional>
#include <utility>

#include <weft/runtime/task.h>

namespace weft {

template <class T>
class [[nodiscard("a stream does nothing until it is asked for a value")]] Stream {
 public:
  using value_type = T;

  struct promise_type : detail::TaskPromise {
    std::optional<T> value;
    bool over = false;  ///< it will yield no more

    Stream get_return_object() noexcept {
      handle = std::coroutine_handle<promise_type>::from_promise(*this);
      return Stream{this};
    }
    /// Done for now: whoever asked goes on.
    struct Yielded {
      promise_type& promise;
      bool await_ready() const noexcept { return false; }
      void await_suspend(std::coroutine_handle<>) const noexcept {
        promise.progress = detail::Progress::done;
      }
      void await_resume() const noexcept {}
    };
    template <class U = T>
      requires std::constructible_from<T, U&&>
    Yielded yield_value(U&& next) {
      value.emplace(std::forward<U>(next));
      return {*this};
    }
    void return_void() noexcept { over = true; }
    void unhandled_exception() noexcept {
      over = true;
      status = detail::from_exception(std::current_exception());
    }
  };

  /// One that is over.
  Stream() noexcept = default;
  Stream(Stream&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Stream& operator=(Stream&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~Stream() {
    if (!promise_) return;
    if (promise_->started && promise_->progress != detail::Progress::done)
      detail::task_dropped_while_waiting(*promise_);
    promise_->handle.destroy();
  }

  /// The next value, or nothing once the stream is over. After a failure it is over.
  Task<std::optional<T>> next() {
    std::optional<T> value;
    if (is_over()) co_return value;
    co_await Pull{promise_};
    if (Status failure = std::exchange(promise_->status, {}); !failure.ok()) {
      promise_->over = true;
      co_await std::move(failure);
    }
    promise_->value.swap(value);
    co_return value;
  }
  /// Whether it is known that nothing more will come.
  bool is_over() const noexcept { return !promise_ || promise_->over; }

 private:
  explicit Stream(promise_type* promise) noexcept : promise_(promise) {}

  struct Pull {
    promise_type* promise;

    Pull into_awaiter() && noexcept { return *this; }
    bool await_ready() const noexcept { return false; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> self) noexcept {
      assert(promise->progress == detail::Progress::done || !promise->started);  // one reader at a time
      promise->progress = detail::Progress::running;
      return self.promise().await_child(*promise, true);
    }
    void await_resume() const noexcept {}
  };

  promise_type* promise_ = nullptr;
};

}  // namespace weft
