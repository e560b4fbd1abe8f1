#include <algorithm>
#include <cmath>

#include <weft/middleware/backoff.h>

namespace weft {

Duration Backoff::delay(std::uint32_t retry, Random& random) const noexcept {
  double grown = static_cast<double>(initial.count()) * std::pow(multiplier, static_cast<double>(retry) - 1);
  double wait = std::min(grown, static_cast<double>(max.count())) * random.between(1 - jitter, 1 + jitter);
  return Duration{static_cast<Duration::rep>(wait)};
}

}  // namespace weft
