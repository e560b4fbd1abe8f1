// Task<T>: a coroutine that yields one T or fails with a Status.
//
// `co_await task` gives the T, or ends the awaiting coroutine with the same Status: failures travel up by
// themselves, noting each await they pass. `co_await attempt(task)` gives a Result<T> to look at instead.
// Nothing throws; an exception that leaves a task becomes `internal`. A task starts when it is awaited and
// runs on one thread, in its awaiter's context: it inherits cancellation and deadline. A task that was never
// awaited may be dropped; one that waits belongs to its awaiter and cannot be.
//
// Parameters of a coroutine go by value: a reference may be gone when it resumes. Cost: one frame from a
// per-thread free list, and no kernel or lock.
#pragma once

#include <cassert>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include <weft/runtime/cancel.h>
#include <weft/runtime/result.h>

namespace weft {

template <class T = void>
class Task;

namespace detail {

void* allocate_frame(std::size_t size);
void free_frame(void* memory, std::size_t size) noexcept;
/// Carried by the `internal` that is made of an exception.
struct Thrown {};
Status from_exception(std::exception_ptr exception);
[[noreturn]] void task_dropped_while_waiting(const Frame& frame) noexcept;

template <class T>
struct TaskAwaiter;
template <class T>
struct ResultAwaiter;
template <class A>
struct OperationAwaiter;

template <class T>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<Task<T>> = true;
/// A function that has nothing which could die before its tasks do: no lambda that captures, no functor with
/// members.
template <class F>
inline constexpr bool holds_nothing =
    std::is_pointer_v<F> || std::is_member_pointer_v<F> || std::is_empty_v<F>;

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

/// What tasks of every T share: how they start, end and await.
struct TaskPromise : Frame {
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct Finished {
    bool await_ready() const noexcept { return false; }
    // Only notes the end: whoever resumed this coroutine looks at it and goes on with the awaiter. No stack
    // grows.
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
  };
  Finished final_suspend() noexcept {
    progress = Progress::done;
    return {};
  }
  void unhandled_exception() noexcept { status = from_exception(std::current_exception()); }

  using Location = std::source_location;
  template <class U>
  TaskAwaiter<U> await_transform(Task<U>&& task, Location at = Location::current()) noexcept;
  template <class U>
  ResultAwaiter<U> await_transform(Result<U> result, Location at = Location::current()) noexcept;
  ResultAwaiter<void> await_transform(Status status, Location at = Location::current()) noexcept;
  template <Operation A>
  OperationAwaiter<A> await_transform(A&& operation, Location at = Location::current()) noexcept;
  template <class A>
    requires requires(A a) { std::move(a).into_awaiter(); }
  auto await_transform(A&& awaitable, Location at = Location::current()) noexcept {
    place = at;
    return std::move(awaitable).into_awaiter();
  }
};

template <class T>
struct Promise final : TaskPromise {
  std::optional<T> value;

  Task<T> get_return_object() noexcept;
  template <class U = T>
    requires(std::constructible_from<T, U &&> && !std::same_as<std::remove_cvref_t<U>, Status> &&
             !is_result<std::remove_cvref_t<U>>)
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  /// A Status, or what converts to one, as a declared exception does. Returning OK where a T is due is a bug.
  template <class S>
    requires(std::convertible_to<S &&, Status> &&
             (std::same_as<std::remove_cvref_t<S>, Status> || !std::constructible_from<T, S &&>))
  void return_value(S&& failure) {
    status = std::forward<S>(failure);
    assert(!status.ok());
  }
  void return_value(Result<T> result) {
    if (result.ok())
      value.emplace(*std::move(result));
    else
      status = std::move(result).status();
  }
  T take() { return *std::move(value); }
};

template <>
struct Promise<void> final : TaskPromise {
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

template <class T>
class [[nodiscard("a task does nothing until it is awaited")]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using value_type = T;

  Task() noexcept = default;
  Task(Task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~Task() {
    if (!promise_) return;
    if (promise_->started && promise_->progress != detail::Progress::done)
      detail::task_dropped_while_waiting(*promise_);
    promise_->handle.destroy();
  }

  explicit operator bool() const noexcept { return promise_ != nullptr; }
  /// For combinators; it still belongs to this Task.
  promise_type* promise() const noexcept { return promise_; }

 private:
  template <class>
  friend struct detail::Promise;
  explicit Task(promise_type* promise) noexcept : promise_(promise) {}

  promise_type* promise_ = nullptr;
};

namespace detail {

template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  handle = std::coroutine_handle<Promise>::from_promise(*this);
  return Task<T>{this};
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  handle = std::coroutine_handle<Promise>::from_promise(*this);
  return Task<void>{this};
}

template <class T>
struct TaskAwaiter {
  Task<T> task;

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> self) noexcept {
    return self.promise().await_child(*task.promise(), false);
  }
  T await_resume() { return task.promise()->take(); }
};

template <class T>
struct AttemptTask {
  Task<T> task;

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> self) noexcept {
    return self.promise().await_child(*task.promise(), true);
  }
  Result<T> await_resume() {
    auto& promise = *task.promise();
    if (!promise.status.ok()) return std::move(promise.status);
    if constexpr (std::is_void_v<T>)
      return {};
    else
      return promise.take();
  }
};

template <class T>
struct ResultAwaiter {
  Result<T> result;

  bool await_ready() const noexcept { return result.ok(); }
  template <class P>
  void await_suspend(std::coroutine_handle<P> self) noexcept {
    self.promise().fail(std::move(result).status());
  }
  T await_resume() {
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }
};

template <class A>
struct OperationAwaiter {
  A operation;  // an lvalue is awaited where it lies

  bool await_ready() noexcept { return operation.await_ready(); }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> self) noexcept {
    return operation.begin(self.promise(), false);
  }
  decltype(auto) await_resume() { return operation.await_resume(); }
};

template <class A>
struct AttemptAwaiter {
  A operation;

  using Value = std::remove_cvref_t<decltype(std::declval<A&>().await_resume())>;
  bool await_ready() noexcept { return operation.await_ready(); }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> self) noexcept {
    return operation.begin(self.promise(), true);
  }
  Result<Value> await_resume() {
    if (Status status = operation.take_status(); !status.ok()) return status;
    if constexpr (std::is_void_v<Value>) {
      operation.await_resume();
      return {};
    } else {
      return operation.await_resume();
    }
  }
};

template <class U>
TaskAwaiter<U> TaskPromise::await_transform(Task<U>&& task, Location at) noexcept {
  place = at;
  return TaskAwaiter<U>{std::move(task)};
}
template <class U>
ResultAwaiter<U> TaskPromise::await_transform(Result<U> result, Location at) noexcept {
  place = at;
  return ResultAwaiter<U>{std::move(result)};
}
inline ResultAwaiter<void> TaskPromise::await_transform(Status status, Location at) noexcept {
  place = at;
  return ResultAwaiter<void>{Result<void>{std::move(status)}};
}
template <Operation A>
OperationAwaiter<A> TaskPromise::await_transform(A&& operation, Location at) noexcept {
  place = at;
  return OperationAwaiter<A>{std::forward<A>(operation)};
}

template <class Awaiter>
struct Attempt {
  Awaiter awaiter;
  Awaiter into_awaiter() && { return std::move(awaiter); }
};

}  // namespace detail

/// `co_await attempt(x)` gives a Result instead of ending the coroutine when x fails.
template <class T>
detail::Attempt<detail::AttemptTask<T>> attempt(Task<T> task) noexcept {
  return {{std::move(task)}};
}
template <Operation A>
detail::Attempt<detail::AttemptAwaiter<A>> attempt(A&& operation) noexcept {
  return {{std::forward<A>(operation)}};  // an lvalue is awaited where it lies
}

}  // namespace weft
