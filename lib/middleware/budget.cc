#include <algorithm>

#include <weft/middleware/budget.h>

namespace weft {

Budget::Budget(const BudgetOptions& options) noexcept
    : options_(options), slot_width_(std::max(options.ttl / slots, Duration{1})) {}

Budget::Slot& Budget::advance() noexcept {
  std::int64_t current = now().since_start / slot_width_;
  // Every slot passed since then is one whole ttl old; after a long pause that is all of them, once.
  std::int64_t steps = std::min(current - newest_, slots);
  for (std::int64_t step = 0; step < steps; ++step) {
    Slot& expired = ring_[static_cast<std::size_t>((current - step) % slots)];
    total_.calls -= expired.calls;
    total_.retries -= expired.retries;
    expired = {};
  }
  newest_ = std::max(newest_, current);
  return ring_[static_cast<std::size_t>(newest_ % slots)];
}

void Budget::deposit() noexcept {
  ++advance().calls;
  ++total_.calls;
}

double Budget::available() noexcept {
  advance();
  double reserve = options_.reserve_per_second * std::chrono::duration<double>(options_.ttl).count();
  double earned = options_.ratio * static_cast<double>(total_.calls);
  return std::max(0.0, reserve + earned - static_cast<double>(total_.retries));
}

bool Budget::withdraw() noexcept {
  // A millionth of slack: 5 times 0.2 is one retry, whatever the floating point says.
  if (available() < 1 - 1e-6) return false;
  ++advance().retries;
  ++total_.retries;
  return true;
}

}  // namespace weft
