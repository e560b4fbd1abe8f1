// Scope: tasks that run side by side and live no longer than their owner.
//
//   Scope scope = co_await Scope::open();     in a coroutine; then spawn, and at the end
//   co_await scope.join();
//
//   co_await weft::scoped(body, args...);     Task<T> body(Scope& scope, args...), and joins by itself
//
// When a spawned task fails, the others are cancelled, and `join` ends with its failure. When the coroutine
// that opened a scope fails or is cancelled at a co_await, the scope's tasks are cancelled, and the coroutine
// ends after the last of them. A Scope that is a member of a longer-lived object is closed by `co_await
// scope.join()`. Destroying one that still has tasks, as by a `co_return` before `join`, is a bug and aborts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

#include <weft/runtime/sync.h>
#include <weft/runtime/task.h>

namespace weft {

namespace detail {

/// A task run as the root of its own strand, in a context of its own.
class Strand {
 public:
  using Finished = void (*)(Strand&) noexcept;
  Strand(Context* parent, Finished finished, void* owner) noexcept
      : context(parent), finished(finished), owner(owner) {}

  /// Runs `frame` until it first waits. `finished` comes when it is done, perhaps at once.
  void start(Frame& frame) noexcept;

  Context context;
  Finished finished;
  void* owner;
};

/// Waits for a number of strands, to the end, cancelled or not: cancellation reaches them by their contexts.
class Join final : public Suspension {
 public:
  explicit Join(std::size_t pending) noexcept : Suspension(Shielded{}), pending_(pending) {}
  Join(Join&&) = delete;

  bool await_ready() const noexcept { return pending_ == 0; }
  void await_resume() const noexcept {}
  void arrive() noexcept {
    if (--pending_ == 0 && is_waiting()) finish();
  }

 private:
  void start() noexcept override {}
  void cancel() noexcept override {}
  std::size_t pending_;
};

/// The outcome of a task that has run as a strand.
template <class T>
Result<T> outcome(Task<T>& task) {
  if (!task.promise()->status.ok()) return std::move(task.promise()->status);
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return task.promise()->take();
}

}  // namespace detail

struct ScopeOptions {
  std::size_t tasks_max = SIZE_MAX;  ///< tasks at once; `spawn` refuses more
  bool keep_going = false;  ///< a failed task does not cancel the others (its failure is then dropped)
};

class Scope {
  struct Opening {
    ScopeOptions options;
    detail::Frame* frame = nullptr;

    Opening into_awaiter() && noexcept { return *this; }
    bool await_ready() const noexcept { return false; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> self) noexcept {
      frame = &self.promise();
      return false;
    }
    Scope await_resume() const noexcept { return Scope{options, *frame}; }
  };

 public:
  /// Of the coroutine that awaits this, which must keep it in a variable of its own.
  static Opening open(ScopeOptions options = {}) noexcept { return {options}; }
  /// Of an object that joins it before it goes.
  explicit Scope(ScopeOptions options = {}) noexcept;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();

  /// Runs the task beside the others, at once until it first waits. False when the scope is full or
  /// cancelled: the task is then dropped.
  bool spawn(Task<void> task);
  /// `spawn(function, args...)`: the arguments are the coroutine's own copies. A capturing lambda is refused:
  /// its captures would be gone when the task resumes.
  template <class F, class... Args>
    requires std::invocable<F, Args...>
  bool spawn(F function, Args... args) {
    static_assert(
        detail::holds_nothing<F>,
        "a lambda that captures cannot be a task: its captures die before it does; pass arguments instead");
    return spawn(std::invoke(function, std::move(args)...));
  }

  /// Cancels every task, and every later one.
  void cancel(Status reason = cancelled()) noexcept { context_.cancel(std::move(reason)); }
  /// Waits until no task is left; then the first failure, if there was one. Not ended by cancellation.
  Task<void> join();
  /// Waits until no task is left, or until this wait is cancelled.
  Task<void> idle();
  std::size_t size() const noexcept { return size_; }
  /// That of every spawned task.
  Context& context() noexcept { return context_; }

 private:
  struct Spawned;
  class Idle;
  friend void detail::unwind(detail::Frame& frame) noexcept;
  Scope(ScopeOptions options, detail::Frame& frame) noexcept;
  static void ended(detail::Strand& strand) noexcept;
  void frame_may_end() noexcept;

  ScopeOptions options_;
  detail::Frame* frame_ = nullptr;  ///< of the coroutine that opened it
  Scope* outer_ = nullptr;          ///< that the coroutine opened before
  Context context_;
  std::size_t size_ = 0;
  Status failure_;
  detail::WaitQueue waiting_;
};

namespace detail {
template <class T, class F, class... Args>
Task<T> run_scoped(F body, Args... args) {
  Scope scope;
  Task<T> task = std::invoke(std::move(body), scope, std::move(args)...);
  Join join{1};
  Strand strand{&scope.context(), [](Strand& s) noexcept { static_cast<Join*>(s.owner)->arrive(); }, &join};
  strand.start(*task.promise());
  co_await join;
  auto result = outcome(task);
  if (!result) scope.cancel();
  auto joined = co_await attempt(scope.join());
  // When a spawned task failed, the body was cancelled for it: that failure is the one to tell.
  if (!joined && (result || result.status().code() == Code::cancelled)) co_await std::move(joined).status();
  co_return co_await std::move(result);
}
}  // namespace detail

/// `body` may capture: it lives until its task and those of the scope have ended.
template <class F, class... Args>
auto scoped(F body, Args... args) {
  using Body = std::invoke_result_t<F, Scope&, Args...>;
  return detail::run_scoped<typename Body::value_type>(std::move(body), std::move(args)...);
}

}  // namespace weft
