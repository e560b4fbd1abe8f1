// Cores: one pinned thread with its own loop for each core, sharing nothing; and `on`, the way to run
// something on another of them.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <weft/runtime/loop.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/task.h>

namespace weft {

struct CoresOptions {
  unsigned count = 0;  ///< threads; 0: as many as CPUs this process may run on
  bool pin = true;     ///< each thread to one of those CPUs
  LoopOptions loop{};  ///< of each; `cpu` is set here
};

class Cores {
 public:
  explicit Cores(const CoresOptions& options = {});
  Cores(const Cores&) = delete;
  Cores& operator=(const Cores&) = delete;
  /// Stops and joins.
  ~Cores();

  unsigned size() const noexcept { return count_; }
  /// Starts the threads; each runs `main(core)` to its end. Fails when a loop cannot be made; nothing runs
  /// then.
  Status start(std::function<Task<void>(unsigned core)> main);
  /// Cancels every core's main task. From any thread, and from a signal handler.
  void stop() noexcept;
  /// Waits for all of them; the first failure, a cancellation by `stop` not counted. A loop serves the other
  /// cores' `on` calls until all main tasks have ended.
  Status join();

  Loop& loop(unsigned core) noexcept { return *loops_[core]; }

  /// Waits until every core's main task has come to this point, cancelled or not: the end of what they do for
  /// each other by `on`. Each main task calls it once, and on every way out.
  Task<void> rendezvous();

 private:
  struct Signal : Message {
    Event* event = nullptr;
  };
  void run_core(unsigned core, int cpu) noexcept;

  CoresOptions options_;
  unsigned count_;
  std::vector<int> cpus_;
  std::function<Task<void>(unsigned)> main_;
  std::vector<Loop*> loops_;
  std::vector<std::thread> threads_;
  std::vector<Status> statuses_;
  std::vector<Signal> quits_, meetings_;
  std::atomic<unsigned> starting_{0}, running_{0}, posting_{0}, stopping_{0}, arrived_{0};
  std::atomic<bool> failed_to_start_{false}, go_{false}, exit_{false};
};

/// Of the calling thread: which core it is, and of how many. 0 and 1 on a thread that belongs to no Cores.
unsigned this_core() noexcept;
unsigned core_count() noexcept;

namespace detail {

Loop* loop_of_core(unsigned core) noexcept;

/// A call that runs elsewhere. It lives in the caller's frame, and so do its messages: nothing is allocated
/// for the way there and back.
template <class T, class F, class... Args>
class RemoteCall final : public Suspension {
 public:
  RemoteCall(Loop& target, F function, Args... args)
      : Suspension(),
        home_(*Loop::current()),
        target_(target),
        function_(std::move(function)),
        args_(std::move(args)...) {}
  RemoteCall(RemoteCall&&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_resume() noexcept {}
  Result<T> take() { return *std::move(result_); }

 private:
  struct Part : Message {
    RemoteCall* call = nullptr;
  };
  static RemoteCall& call_of(Message& message) noexcept { return *static_cast<Part&>(message).call; }

  void start() noexcept override {
    pending_ = 1;
    go_.call = this;
    go_.run = [](Message& message) noexcept { call_of(message).run_there(); };
    target_.post(go_);
  }
  void cancel() noexcept override {
    // The other side is told; it answers this message as well, so that both are back before the frame may go.
    ++pending_;
    reason_ = cancel_reason();
    cancel_.call = this;
    cancel_.run = [](Message& message) noexcept { call_of(message).cancel_there(); };
    target_.post(cancel_);
  }

  void run_there() noexcept {
    strand_.emplace(nullptr, &ended_there, this);
    task_ = std::apply([this](Args&... args) { return std::invoke(function_, std::move(args)...); }, args_);
    strand_->start(*task_.promise());
  }
  static void ended_there(Strand& strand) noexcept {
    auto& call = *static_cast<RemoteCall*>(strand.owner);
    call.result_.emplace(outcome(call.task_));
    call.over_ = true;
    // Not freed in here, where the coroutine's last lines are still on the stack.
    call.go_.run = [](Message& message) noexcept { call_of(message).leave(); };
    call.target_.post(call.go_);
  }
  void leave() noexcept {
    task_ = Task<T>{};
    strand_.reset();
    go_.run = &back;
    home_.post(go_);
  }
  void cancel_there() noexcept {
    if (strand_ && !over_) strand_->context.cancel(std::move(reason_));
    cancel_.run = &back;
    home_.post(cancel_);
  }
  static void back(Message& message) noexcept {
    auto& call = call_of(message);
    if (--call.pending_ == 0) call.finish();
  }

  Loop& home_;
  Loop& target_;
  F function_;
  std::tuple<Args...> args_;
  std::optional<Strand> strand_;
  Task<T> task_;
  std::optional<Result<T>> result_;
  Status reason_;
  bool over_ = false;
  unsigned pending_ = 0;
  Part go_, cancel_;
};

}  // namespace detail

/// Runs `function(args...)`, which returns a Task<T>, on another core and awaits it: `co_await on(core, get,
/// key)`. Arguments and result are moved between the threads. On the own core it is an ordinary await.
template <class F, class... Args>
auto on(unsigned core, F function, Args... args) -> std::invoke_result_t<F, Args...> {
  using T = typename std::invoke_result_t<F, Args...>::value_type;
  static_assert(
      detail::holds_nothing<F>,
      "a lambda that captures cannot run on another core: what it captured belongs to this one; pass "
      "arguments instead");
  if (core == this_core()) co_return co_await std::invoke(function, std::move(args)...);
  detail::RemoteCall<T, F, Args...> call{*detail::loop_of_core(core), std::move(function),
                                         std::move(args)...};
  co_await call;
  co_return co_await call.take();
}

}  // namespace weft
