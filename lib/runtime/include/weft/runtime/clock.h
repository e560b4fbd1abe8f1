// Time. Everything in Weft that waits or measures asks the loop's clock, which a test may move by hand.
#pragma once

#include <chrono>

namespace weft {

using Duration = std::chrono::nanoseconds;

/// A moment on the loop's monotonic clock. It means nothing in another process.
struct Instant {
  Duration since_start{0};

  static constexpr Instant never() noexcept { return {Duration::max()}; }
  constexpr bool is_never() const noexcept { return since_start == Duration::max(); }

  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  friend constexpr Duration operator-(Instant a, Instant b) noexcept { return a.since_start - b.since_start; }
  /// Saturates: the far future stays the far future.
  friend constexpr Instant operator+(Instant a, Duration d) noexcept {
    if (d > Duration::zero() && a.since_start > Duration::max() - d) return never();
    return {a.since_start + d};
  }
};

using Deadline = Instant;

/// The time now, from this thread's loop (or from the system's monotonic clock where there is none).
Instant now() noexcept;

/// The deadline that the running task inherited; `Instant::never()` if there is none.
Deadline current_deadline() noexcept;

using namespace std::chrono_literals;  // 50ms

}  // namespace weft
