// Loop: one thread's event loop: a driver for I/O and time, a list of tasks that can go on, a timer wheel, a
// mailbox.
//
// One turn: hand the driver what was asked for and wait (one system call), run what became ready, send what
// was written. Everything on a loop happens on its thread; `post` is the only way in from another one. Most
// programs never name a Loop: `run` and Server make them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <weft/runtime/cancel.h>
#include <weft/runtime/clock.h>
#include <weft/runtime/result.h>
#include <weft/runtime/task.h>

namespace weft {

class Random;
class Scope;

/// What a loop reaches the kernel through.
enum class LoopDriver : std::uint8_t {
  automatic,  ///< what the environment variable WEFT_DRIVER names ("io_uring", "epoll"); else io_uring, and
              ///< epoll where the kernel refuses that, with one line in the log that says why
  io_uring,   ///< fails where it is refused
  epoll,
};

/// How a loop wakes another one that sleeps. Where one of the two is not on io_uring, or the kernel cannot
/// (before Linux 5.18), and from threads without a loop, it is always by an eventfd.
///
/// Measured between two cores of a virtual machine (Linux 6.18; medians of 15 rounds of each, in turns): a
/// call to a sleeping core and back takes as long with all three, as it is the CPU that takes long to wake;
/// in CPU time it costs 62.8, 60.1 and 59.4 us. A hundred calls at once: 98, 97 and 97 us. So the choice is
/// for the one that works the same everywhere.
enum class LoopWake : std::uint8_t {
  eventfd,           ///< a write, which the sleeping ring has a read for
  ring,              ///< a message from ring to ring, submitted at once
  ring_at_turn_end,  ///< the same, with all else that this turn of the loop asks for: no system call of its
                     ///< own, but the other sleeps on for as long as the tasks of the turn compute
};

struct LoopOptions {
  LoopDriver driver = LoopDriver::automatic;
  LoopWake wake = LoopWake::eventfd;    ///< how it wakes others
  int cpu = -1;                         ///< pin the thread to this CPU; -1: do not
  std::uint32_t ring_entries = 1024;    ///< submissions that fit before they must be handed over
  std::uint32_t receive_buffers = 256;  ///< buffers that all connections of the loop share; a power of two
  std::uint32_t receive_buffer_size = 65536;  ///< bytes each
  std::uint32_t turn_budget = 4096;           ///< tasks resumed before the loop looks at the kernel again
  Duration busy_poll{};  ///< look for work so long before sleeping: faster answers for a busy CPU; zero:
                         ///< never. While it finds nothing it is tried ever less often
  Duration stall_limit =
      100ms;  ///< a turn of the loop that runs for longer, because a task computes or blocks, is
              ///< logged while it does, with the place; zero: never. Simulated loops: never
};

/// Something to do on another thread's loop. It belongs to the poster and stays in place until `run` is
/// called.
struct Message {
  void (*run)(Message&) noexcept = nullptr;
  Message* next = nullptr;
};

namespace detail {
class Driver;
struct LoopList;
class StallWatch;
class TimerWheel;

/// Something to do once, when the tasks of this turn have run.
struct TurnEnd {
  void (*run)(TurnEnd&) noexcept = nullptr;
  TurnEnd* next = nullptr;
  bool queued = false;
};

/// An object that lives as long as its loop.
struct Local {
  void* object = nullptr;
  void (*destroy)(void*) noexcept = nullptr;
};
/// A number that no other CoreLocal of the process has.
std::size_t new_local_slot() noexcept;
}  // namespace detail

class Loop {
 public:
  /// A loop on io_uring for the calling thread. Fails with a diagnosis where the kernel refuses.
  static Result<std::unique_ptr<Loop>> create(const LoopOptions& options = {});
  explicit Loop(std::unique_ptr<detail::Driver> driver, const LoopOptions& options = {});
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  /// Waits for the kernel's last completions. No task may be left.
  ~Loop();

  /// The loop of this thread; null on a thread without one.
  static Loop* current() noexcept { return current_; }

  /// Runs turns until the task is done, and gives its outcome.
  template <class T>
  Result<T> run(Task<T> task);

  /// Cancels what `run` runs. From any thread, and from a signal handler.
  void stop() noexcept;

  /// Hands `message` to this loop; wakes it if it sleeps. From any thread.
  void post(Message& message) noexcept;

  Instant now() const noexcept;
  /// Whether time and network are those of a simulation.
  bool is_simulated() const noexcept;

  /// For tasks that serve an object which may die before they end, such as a channel's reader: they are
  /// cancelled and awaited with the loop.
  Scope& background() noexcept { return *background_; }

  /// System calls made by this loop's driver, turns taken, tasks resumed and sends without a copy so far.
  struct Counters {
    std::uint64_t system_calls = 0, turns = 0, resumed = 0, zero_copies = 0;
  };
  Counters counters() const noexcept;

  // For the runtime itself.
  void make_ready(detail::Frame* frame) noexcept {
    frame->next_ready = nullptr;
    *ready_tail_ = frame;
    ready_tail_ = &frame->next_ready;
  }
  void at_turn_end(detail::TurnEnd& work) noexcept {
    if (work.queued) return;
    work.queued = true;
    work.next = turn_end_;
    turn_end_ = &work;
  }
  detail::Driver& driver() noexcept { return *driver_; }
  detail::TimerWheel& timers() noexcept { return *timers_; }
  detail::Local& local(std::size_t slot) {
    if (slot >= locals_.size()) locals_.resize(slot + 1);
    return locals_[slot];
  }
  /// When this turn of the loop began to run tasks: a clock that costs nothing to read.
  Instant turn_began() const noexcept { return turn_began_; }
  /// Those without a parent, linked.
  const Context* contexts() const noexcept { return contexts_; }

 private:
  friend class Context;
  friend class Simulation;
  friend struct detail::LoopList;
  void run_root(detail::Frame& root);
  void turn();
  void run_ready() noexcept;
  std::size_t shuffle_ready();
  void run_messages() noexcept;
  bool has_work() const noexcept;
  bool poll_busily();
  void report();

  static inline constinit thread_local Loop* current_ = nullptr;

  detail::Frame* ready_ = nullptr;
  detail::Frame** ready_tail_ = &ready_;
  detail::TurnEnd* turn_end_ = nullptr;
  std::unique_ptr<detail::Driver> driver_;
  std::unique_ptr<detail::TimerWheel> timers_;
  std::unique_ptr<Scope> background_;
  std::vector<detail::Local> locals_;
  LoopOptions options_;
  std::unique_ptr<detail::StallWatch> stall_watch_;
  Counters counters_;
  std::atomic<Message*> mailbox_{nullptr};
  std::atomic<bool> parked_{false};
  std::atomic<bool> stop_{false};
  Instant turn_began_;
  std::uint32_t polls_in_vain_ = 0, sleeps_before_poll_ = 0;
  Context* contexts_ = nullptr;
  Random* shuffle_ = nullptr;  ///< of a simulation that wants tasks in a random order
  Loop* next_loop_ = nullptr;  ///< of the process
  int thread_id_, core_;
  bool simulated_;
  unsigned reports_ = 0;  ///< of those that `detail::ask_for_reports` asked for
};

namespace detail {
/// Makes every loop print its tasks to standard error in its next turn. From any thread and signal handlers.
void ask_for_reports() noexcept;
}  // namespace detail

template <class T>
Result<T> Loop::run(Task<T> task) {
  run_root(*task.promise());
  if (Status status = std::move(task.promise()->status); !status.ok()) return status;
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return task.promise()->take();
}

}  // namespace weft
