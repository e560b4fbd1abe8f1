// blocking: work that blocks or computes for long, on threads of its own, so that no loop stands still for
// it.
//
//   std::string text = co_await weft::blocking(read_whole_file, path);
//
// `function(args...)` runs once on one of a few threads that the whole process shares; arguments and result
// are moved there and back. It may return a T, a Result<T> or a Status; an exception becomes `internal`. When
// too much waits already: `resource_exhausted`. Cancelled before a thread took it, it never runs; cancelled
// later, the wait ends at once and the work goes on to its end, so it must not refer to what its caller owns.
// On a loop in virtual time it runs in place. Cost: an allocation, two thread switches.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <weft/runtime/loop.h>
#include <weft/runtime/task.h>

namespace weft {

struct BlockingOptions {
  unsigned threads_max = 16;        ///< started when needed; they end after ten idle seconds
  std::size_t queued_max = 10'000;  ///< that wait for a thread
};

/// For the process; before the first use, or for what is queued from then on.
void set_blocking_options(const BlockingOptions& options);

namespace detail {

/// Shared by the thread that runs it and the coroutine that waits for it.
class BlockingJob : public std::enable_shared_from_this<BlockingJob> {
 public:
  BlockingJob() : back_(*this) {}
  virtual ~BlockingJob() = default;
  /// On a thread of the pool.
  void run() noexcept;

 protected:
  virtual void work() noexcept = 0;
  /// On the loop that it was queued from, when it has worked and no thread knows it any more.
  virtual void came_back() noexcept;

  /// From a task of a loop. False: too much waits for a thread.
  bool queue();
  /// One that no thread has taken comes back without having worked. False: a thread has it.
  bool send_back() noexcept;

 private:
  friend class BlockingWait;
  enum class State : std::uint8_t { queued, running, done, abandoned };
  struct Back : Message {
    explicit Back(BlockingJob& job) : job(job) {}
    BlockingJob& job;
  };

  void deliver() noexcept;
  static void arrived(Message& message) noexcept;

  std::atomic<State> state_{State::queued};
  std::atomic<bool> posted_{false};  ///< the pool will not touch the loop any more
  Loop* home_ = nullptr;
  class BlockingWait* wait_ = nullptr;
  Back back_;
};

/// Waits until the job is done or this is cancelled.
class BlockingWait final : public Suspension {
 public:
  explicit BlockingWait(std::shared_ptr<BlockingJob> job) noexcept : job_(std::move(job)) {}
  BlockingWait(BlockingWait&&) = delete;
  bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}

 private:
  void start() noexcept override;
  void cancel() noexcept override;
  friend class BlockingJob;
  std::shared_ptr<BlockingJob> job_;
};

template <class R>
struct BlockingValue {
  using Value = R;
};
template <class T>
struct BlockingValue<Result<T>> {
  using Value = T;
};
template <>
struct BlockingValue<Status> {
  using Value = void;
};

template <class T, class F, class... Args>
class BlockingCall final : public BlockingJob {
 public:
  BlockingCall(F function, Args... args) : function_(std::move(function)), args_(std::move(args)...) {}
  Result<T> take() { return *std::move(result_); }

 private:
  void work() noexcept override {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<F, Args...>>) {
        std::apply(function_, std::move(args_));
        result_.emplace();
      } else {
        result_.emplace(std::apply(function_, std::move(args_)));
      }
    } catch (...) {
      result_.emplace(from_exception(std::current_exception()));
    }
  }
  F function_;
  std::tuple<Args...> args_;
  std::optional<Result<T>> result_;
};

}  // namespace detail

template <class F, class... Args>
  requires std::invocable<F, Args...>
auto blocking(F function, Args... args)
    -> Task<typename detail::BlockingValue<std::invoke_result_t<F, Args...>>::Value> {
  using T = typename detail::BlockingValue<std::invoke_result_t<F, Args...>>::Value;
  static_assert(!detail::is_task<T>, "a task runs on a loop: blocking() is for ordinary functions");
  auto job = std::make_shared<detail::BlockingCall<T, F, Args...>>(std::move(function), std::move(args)...);
  detail::BlockingWait wait{job};
  co_await wait;
  co_return co_await job->take();
}

}  // namespace weft
