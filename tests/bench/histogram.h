// Histogram: latencies in buckets a thirty-second of a power of two wide; exact enough for percentiles,
// constant memory.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace bench {

class Histogram {
 public:
  void add(std::uint64_t value) noexcept {
    ++buckets_[bucket_of(value)];
    ++count_;
  }
  /// The value below which `quantile` of all lie.
  double at(double quantile) const noexcept {
    auto rank = static_cast<std::uint64_t>(quantile * static_cast<double>(count_));
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
      if (buckets_[bucket] > rank) return lower_bound(bucket);
      rank -= buckets_[bucket];
    }
    return 0;
  }

 private:
  static constexpr int fraction_bits = 5;
  static std::size_t bucket_of(std::uint64_t value) noexcept {
    int width = std::bit_width(value);
    if (width <= fraction_bits) return value;
    int shift = width - fraction_bits - 1;
    return (static_cast<std::size_t>(shift) << fraction_bits) + (value >> shift);
  }
  static double lower_bound(std::size_t bucket) noexcept {
    if (bucket < (std::size_t{2} << fraction_bits)) return static_cast<double>(bucket);
    std::size_t shift = (bucket >> fraction_bits) - 1;
    return static_cast<double>(((bucket & 31) | 32) << shift);
  }
  std::array<std::uint64_t, std::size_t{64} << fraction_bits> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace bench
