// StallWatcher: the thread that looks at the turns of every loop. It runs while there are loops to be
// watched.
#pragma once

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "stall.h"

namespace weft::detail {

/// Ignored where nobody handles it, so that one which comes late does no harm.
inline constexpr int stall_signal = SIGURG;

class StallWatcher {
 public:
  static void add(StallWatch& watch);
  static void remove(StallWatch& watch);
  /// A turn begins somewhere.
  static void wake() noexcept;

 private:
  using Lines = std::vector<std::string>;

  static StallWatcher& instance();
  void run(unsigned number) noexcept;
  void start_thread();
  /// Looks at each loop once, and returns when it wants to look again.
  Duration look(Lines& say);
  static void look_at(StallWatch& watch, Instant now, Lines& say);
  static void report(StallWatch& watch, bool captured, Duration so_far, bool over, Lines& say);
  static bool may_report(StallWatch& watch, Instant now, Lines& say);
  bool some_turn_runs() const noexcept;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<StallWatch*> watches_;
  std::thread thread_;
  unsigned threads_ = 0;  ///< started so far; only the last one goes on
  bool woken_ = false;
  unsigned vain_looks_ = 0;  ///< since a turn was last seen to run
  StallWatcher* left_behind_ =
      nullptr;  ///< by a fork: never used again, nor freed, as its thread is not there
  static inline StallWatcher* current_ = nullptr;
};

}  // namespace weft::detail
