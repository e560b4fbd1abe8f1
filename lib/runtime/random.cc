#include <unistd.h>

#include <weft/runtime/clock.h>
#include <weft/runtime/random.h>

namespace weft {

Random& thread_random() noexcept {
  thread_local Random random = [] {
    std::uint64_t seed = 0;
    // It only fails where the kernel has no randomness yet; the time is then good enough for jitter.
    if (getentropy(&seed, sizeof seed) != 0) seed = static_cast<std::uint64_t>(now().since_start.count());
    return Random{seed};
  }();
  return random;
}

}  // namespace weft
