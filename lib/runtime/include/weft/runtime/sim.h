// Virtual time for tests: a loop whose clock stands still while any task can run, and then jumps to the next
// timer. Hours pass in microseconds, and every run is the same. There is no network in it.
#pragma once

#include <weft/runtime/loop.h>

namespace weft {

/// A loop of this thread on virtual time, starting at zero. When every task waits and no timer is armed,
/// nothing can ever happen again: the process aborts with a message.
std::unique_ptr<Loop> make_simulated_loop();

/// Runs the task to its end in virtual time.
template <class T>
Result<T> simulate(Task<T> task) {
  auto loop = make_simulated_loop();
  return loop->run(std::move(task));
}

}  // namespace weft
