// Backoff: how long to wait before trying again. Exponential with jitter, so that those who failed together
// do not come back together (gRFC A6).
#pragma once

#include <cstdint>

#include <weft/runtime/clock.h>
#include <weft/runtime/random.h>

namespace weft {

struct Backoff {
  Duration initial = 10ms;  ///< before the first retry
  double multiplier = 2;    ///< for each further one
  Duration max = 250ms;     ///< before jitter
  double jitter = 0.2;      ///< a fraction: each wait is off by up to so much, either way

  /// min(initial * multiplier^(retry - 1), max) * random(1 - jitter, 1 + jitter). `retry` counts from 1.
  Duration delay(std::uint32_t retry, Random& random = thread_random()) const noexcept;
};

}  // namespace weft
