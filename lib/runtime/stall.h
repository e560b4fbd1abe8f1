// StallWatch: how a loop's turns look to the thread that watches for long ones.
//
// The loop says when a turn begins and ends: two relaxed stores and two loads. One thread for the process
// looks at all loops every half of the smallest limit; when the same turn runs for longer than the limit, it
// sends the loop's thread a signal, whose handler notes where that thread is, and logs it. So what hangs is
// told while it hangs, and by a thread that does not.
#pragma once

#include <atomic>
#include <csignal>
#include <cstdint>
#include <pthread.h>
#include <source_location>

#include <weft/runtime/clock.h>

namespace weft::detail {

class StallWatch {
 public:
  /// Of the calling thread's loop. `resumed` is its count of resumed tasks.
  StallWatch(Duration limit, const std::uint64_t& resumed);
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;
  /// What is known of a stall and not yet said is said.
  ~StallWatch();

  // On the loop's thread.
  void begin_turn(Instant at) noexcept {
    resumed_before_ = resumed_;
    since_.store(at.since_start.count(), std::memory_order_relaxed);
    if (watcher_sleeps.load(std::memory_order_relaxed)) [[unlikely]]
      wake_watcher();
  }
  void end_turn() noexcept {
    std::int64_t since = since_.load(std::memory_order_relaxed);
    if (asked_.load(std::memory_order_relaxed) == since) [[unlikely]]
      note_end(since);
    since_.store(0, std::memory_order_release);
  }

 private:
  friend class StallWatcher;
  static constexpr int places_max = 8, stack_max = 48;

  /// What the loop's thread notes in the signal handler.
  struct Capture {
    std::uint64_t task = 0;  ///< how many tasks this turn has resumed, the present one included
    int place_count = 0, stack_size = 0;
    std::source_location places[places_max];
    void* stack[stack_max];
    const void* interrupted = nullptr;
  };

  static void on_signal(int number, siginfo_t* info, void* context) noexcept;
  /// False: the program has a handler of its own.
  static bool handle_signal() noexcept;
  void capture(const void* interrupted) noexcept;
  void note_end(std::int64_t since) noexcept;
  static void wake_watcher() noexcept;
  static std::atomic<bool> watcher_sleeps;

  // Times are nanoseconds of machine_time; they name a turn.
  std::atomic<std::int64_t> since_{0};     ///< when the turn that runs began; 0: none runs
  std::atomic<std::int64_t> asked_{0};     ///< the turn that the watcher found too long
  std::atomic<std::int64_t> captured_{0};  ///< the one that `capture_` is of
  std::atomic<std::int64_t> ended_{0};     ///< the one that `total_` is of
  std::int64_t total_ = 0;
  Capture capture_;
  const std::uint64_t& resumed_;
  std::uint64_t resumed_before_ = 0;

  // The watcher's.
  const Duration limit_;
  const unsigned core_;
  const pthread_t thread_;
  Instant give_up_;                                        ///< when it reports without a capture
  enum class Told { no, yes, left_out } told_ = Told::no;  ///< of the turn `asked_`
  Instant minute_began_;
  unsigned told_in_minute_ = 0, left_out_ = 0;
};

}  // namespace weft::detail
