// run: a program's main task. `int main() { return weft::run(greet()); }`
// On SIGQUIT it prints where each of its tasks waits (tasks.h).
#pragma once

#include <weft/runtime/loop.h>
#include <weft/runtime/task.h>

namespace weft {

/// Runs `task` on this thread's loop, made for it, until it is done. SIGINT and SIGTERM cancel it; a second
/// one ends the process. Returns 0, or prints the failure and the awaits it passed to standard error and
/// returns 1.
int run(Task<void> task, const LoopOptions& options = {});
/// The same for a task that chooses its exit status.
int run(Task<int> task, const LoopOptions& options = {});

namespace detail {

/// Calls `stop` once, from a signal handler, on SIGINT or SIGTERM; on SIGQUIT each loop prints its tasks. One
/// at a time in a process.
class StopSignals {
 public:
  StopSignals(void (*stop)(void*) noexcept, void* target) noexcept;
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();
};

}  // namespace detail

}  // namespace weft
