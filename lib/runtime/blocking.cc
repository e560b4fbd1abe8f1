#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>

#include <weft/runtime/blocking.h>

#include "driver.h"

namespace weft {
namespace detail {
namespace {

constexpr auto idle_max = std::chrono::seconds(10);

class BlockingPool {
 public:
  explicit BlockingPool(const BlockingOptions& options) : options_(options) {}

  /// Never destroyed: at the end of the process a job may still hang in a system call.
  static BlockingPool& instance() {
    static const bool made = [] {
      current_ = new BlockingPool(BlockingOptions{});
      // The child of a fork has none of the threads.
      pthread_atfork(nullptr, nullptr, [] {
        auto* parents = current_;
        current_ = new BlockingPool(parents->options_);
        current_->parents_ = parents;
      });
      return true;
    }();
    (void)made;
    return *current_;
  }

  void set_options(const BlockingOptions& options) {
    std::lock_guard lock{mutex_};
    options_ = options;
  }

  bool add(std::shared_ptr<BlockingJob> job) {
    std::lock_guard lock{mutex_};
    if (jobs_.size() >= options_.queued_max) return false;
    if (idle_ <= jobs_.size() && threads_ < options_.threads_max && !start_thread() && threads_ == 0)
      return false;
    jobs_.push_back(std::move(job));
    added_.notify_one();
    return true;
  }

 private:
  bool start_thread() {
    // Signals are for the threads of loops and of the program.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = true;
    try {
      std::thread([this] { run(); }).detach();
      ++threads_;
    } catch (const std::system_error&) {
      started = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started;
  }

  void run() {
    std::unique_lock lock{mutex_};
    for (;;) {
      ++idle_;
      bool found = added_.wait_for(lock, idle_max, [this] { return !jobs_.empty(); });
      --idle_;
      if (!found) break;
      std::shared_ptr<BlockingJob> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job->run();
      job.reset();
      lock.lock();
    }
    --threads_;
  }

  std::mutex mutex_;
  std::condition_variable added_;
  std::deque<std::shared_ptr<BlockingJob>> jobs_;
  BlockingOptions options_;
  unsigned threads_ = 0;
  std::size_t idle_ = 0;
  BlockingPool* parents_ = nullptr;  ///< of the process that forked: what it left here is not looked at
  static inline BlockingPool* current_ = nullptr;
};

}  // namespace

void BlockingJob::run() noexcept {
  State expected = State::queued;
  if (!state_.compare_exchange_strong(expected, State::running)) return;
  work();
  expected = State::running;
  if (state_.compare_exchange_strong(expected, State::done)) deliver();
}

bool BlockingJob::queue() {
  home_ = Loop::current();
  back_.run = &arrived;
  return BlockingPool::instance().add(shared_from_this());
}

bool BlockingJob::send_back() noexcept {
  State expected = State::queued;
  if (!state_.compare_exchange_strong(expected, State::done)) return false;
  deliver();
  return true;
}

void BlockingJob::deliver() noexcept {
  home_->post(back_);
  posted_.store(true, std::memory_order_release);
}

void BlockingJob::arrived(Message& message) noexcept {
  BlockingJob& job = static_cast<Back&>(message).job;
  // The thread may still be in `post`; while this waits, the loop cannot go away under it.
  if (!job.posted_.load(std::memory_order_acquire)) return job.home_->post(message);
  job.came_back();
}

void BlockingJob::came_back() noexcept { wait_->finish(); }

void BlockingWait::start() noexcept {
  job_->wait_ = this;
  if (Loop::current()->driver().is_simulated()) {
    job_->work();
    finish();
  } else if (!job_->queue()) {
    finish(resource_exhausted("blocking: too much waits for a thread"));
  }
}

void BlockingWait::cancel() noexcept {
  using State = BlockingJob::State;
  for (State expected : {State::queued, State::running})
    if (job_->state_.compare_exchange_strong(expected, State::abandoned)) return finish_cancelled();
  // Done: its message is on the way.
}

}  // namespace detail

void set_blocking_options(const BlockingOptions& options) {
  detail::BlockingPool::instance().set_options(options);
}

}  // namespace weft
