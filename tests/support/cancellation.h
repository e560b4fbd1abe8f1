// Runs the body of a test again with cancellation delivered at its 1st, 2nd, ... suspension: whatever the
// body then leaves undone, it must end, and leave no memory, descriptor or task behind. The
// environment's WEFT_CANCEL_TESTS asks for that instead of the plain run. Each run has a process of its own,
// in which only a crash, a hang or a leak counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <weft/runtime/loop.h>
#include <weft/runtime/task.h>

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_TEST_FINDS_LEAKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEFT_TEST_FINDS_LEAKS 1
#endif
#endif
#ifdef WEFT_TEST_FINDS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

namespace weft::test {

using Runner = void (*)(Task<void>);

/// How such a run ended.
enum class Ended : int { cancelled, not_reached, descriptor_leak, memory_leak };

/// Counts the suspensions of its thread, and cancels the body at one of them.
class CancelAt {
 public:
  explicit CancelAt(std::uint32_t suspension) : left_(suspension) {
    armed_ = this;
    detail::suspension_hook = &suspended;
  }
  ~CancelAt() {
    detail::suspension_hook = nullptr;
    armed_ = nullptr;
  }
  bool reached() const { return left_ == 0; }
  Task<void> run(Task<void> body) {
    struct Ending {
      CancelAt* cancel;
      ~Ending() { cancel->body_ = nullptr; }
    } ending{this};
    body_ = current_context();
    co_await std::move(body);
  }

 private:
  static void suspended() noexcept {
    CancelAt* cancel = armed_;
    if (cancel && cancel->body_ && cancel->left_ > 0 && --cancel->left_ == 0)
      Loop::current()->post(cancel->message_);  // not here, among those that just began to wait
  }
  static void delivered(Message& message) noexcept {
    auto& cancel = static_cast<Delivery&>(message).cancel;
    if (cancel.body_) cancel.body_->cancel(cancelled("by the test"));
  }
  struct Delivery : Message {
    explicit Delivery(CancelAt& cancel) : cancel(cancel) { run = &delivered; }
    CancelAt& cancel;
  };
  std::uint32_t left_;
  Context* body_ = nullptr;
  Delivery message_{*this};
  static inline thread_local CancelAt* armed_ = nullptr;
};

inline int open_descriptors() {
  int count = 0;
  if (DIR* folder = opendir("/proc/self/fd")) {
    while (readdir(folder)) ++count;
    closedir(folder);
  }
  return count;
}

inline Ended run_cancelled(Task<void> (*body)(), Runner runner, std::uint32_t suspension) {
  int descriptors = open_descriptors();
  bool reached;
  {
    CancelAt cancel{suspension};
    try {
      runner(cancel.run(body()));
    } catch (...) {  // a REQUIRE that did not hold
    }
    reached = cancel.reached();
  }
  if (!reached) return Ended::not_reached;
  // Blocking work that was given up goes on to its end, and may hold a descriptor until then.
  for (int patience = 500; open_descriptors() != descriptors; --patience) {
    if (patience == 0) return Ended::descriptor_leak;
    usleep(10'000);
  }
#ifdef WEFT_TEST_FINDS_LEAKS
  if (__lsan_do_recoverable_leak_check()) return Ended::memory_leak;
#endif
  return Ended::cancelled;
}

/// The same in a process of its own; false when no further run is needed.
inline bool cancel_in_child(Task<void> (*body)(), Runner runner, std::uint32_t suspension) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    alarm(60);  // it hangs
    _exit(static_cast<int>(run_cancelled(body, runner, suspension)));
  }
  close(ends[1]);
  std::string said;
  char part[4096];
  for (ssize_t got; (got = read(ends[0], part, sizeof part)) > 0;)
    said.append(part, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(Ended::not_reached)) return false;
  bool well = WIFEXITED(status) && WEXITSTATUS(status) == static_cast<int>(Ended::cancelled);
  if (!well) FAIL_CHECK("cancelled at suspension ", suspension, ": wait status ", status, "\n", said);
  return well;
}

inline bool wants_cancellation() { return std::getenv("WEFT_CANCEL_TESTS") != nullptr; }

/// Nothing of it runs in this process: threads that it would leave behind do not survive a fork.
inline void cancel_everywhere(Task<void> (*body)(), Runner runner) {
  // Every early suspension, and samples of the later ones, for a bounded time.
  auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(750);
  for (std::uint32_t suspension = 1; std::chrono::steady_clock::now() < end;
       suspension += 1 + suspension / 32)
    if (!cancel_in_child(body, runner, suspension)) return;
}

}  // namespace weft::test
