// Random: numbers for jitter and for choosing among endpoints. Repeatable from a seed, not for secrets.
//
// thread_random() is this thread's own, seeded by the system. A test may assign
// `thread_random() = Random{1}`.
#pragma once

#include <cstdint>

namespace weft {

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) noexcept : state_(seed) {}

  /// splitmix64: every seed is a good one, and one word is all the state.
  constexpr std::uint64_t next() noexcept {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [0, bound); `bound` must not be 0.
  constexpr std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }
  /// In [from, to).
  constexpr double between(double from, double to) noexcept {
    return from + (to - from) * (static_cast<double>(next() >> 11) * 0x1p-53);
  }

 private:
  std::uint64_t state_;
};

Random& thread_random() noexcept;

}  // namespace weft
