// Allowance: how much of something a peer may do at once, and how fast it may go on: a count that is used up
// and comes back with time.
#pragma once

#include <algorithm>
#include <cstdint>

#include <weft/runtime/clock.h>

namespace weft::detail::http2 {

class Allowance {
 public:
  /// `burst` at once, and then `rate` a second.
  Allowance(std::uint32_t burst, std::uint32_t rate, Instant since) noexcept
      : burst_(burst), rate_(rate), left_(burst), since_(since) {}

  /// False when it is used up.
  bool spend() noexcept {
    if (left_ == 0) refill(now());
    if (left_ == 0) return false;
    --left_;
    return true;
  }
  /// For having done something useful.
  void earn(std::uint32_t count = 1) noexcept { left_ = std::min(burst_, left_ + count); }

 private:
  void refill(Instant time) noexcept {
    // Looked at only when nothing is left: what was there before is forgotten, in favour of who looks.
    if (rate_ == 0) return;
    Duration waited = time - since_;
    auto came = static_cast<std::uint64_t>(waited / (Duration(std::chrono::seconds(1)) / rate_));
    if (came == 0) return;
    left_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(came, burst_));
    since_ = time;
  }

  std::uint32_t burst_, rate_, left_;
  Instant since_;
};

}  // namespace weft::detail::http2
