// Waiting for time to pass, and giving way to other tasks.
#pragma once

#include <weft/runtime/cancel.h>

namespace weft {

/// `co_await sleep(50ms)`, `co_await sleep_until(deadline)`: never short, up to about a millisecond long.
class Sleep final : public Suspension {
 public:
  explicit Sleep(Instant until) noexcept : until_(until), timer_(*this) {}
  Sleep(Sleep&& other) noexcept : Suspension(std::move(other)), until_(other.until_), timer_(*this) {}

  bool await_ready() const noexcept { return false; }
  void await_resume() const noexcept {}

 private:
  void start() noexcept override { timer_.arm(until_); }
  void cancel() noexcept override;
  static void over(detail::Timer& timer) noexcept;

  struct SleepTimer : detail::Timer {
    explicit SleepTimer(Sleep& sleep) noexcept : Timer(&over), sleep(sleep) {}
    Sleep& sleep;
  };
  Instant until_;
  SleepTimer timer_;
};

inline Sleep sleep_until(Instant when) noexcept { return Sleep{when}; }
inline Sleep sleep(Duration duration) noexcept { return Sleep{now() + duration}; }

/// `co_await yield()`: goes to the end of the ready list, so that everything else that is ready runs first.
struct Yield {
  Yield into_awaiter() && noexcept { return *this; }
  bool await_ready() const noexcept { return false; }
  template <class P>
  void await_suspend(std::coroutine_handle<P> self) const noexcept {
    suspend(self.promise());
  }
  void await_resume() const noexcept {}

 private:
  static void suspend(detail::Frame& frame) noexcept;
};

inline Yield yield() noexcept { return {}; }

}  // namespace weft
