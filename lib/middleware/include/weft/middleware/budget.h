// Budget: how many calls may be sent once more, as a share of those sent at all.
//
// When everything fails, retries multiply the load just when it hurts most. Retries and hedges take from a
// budget that first attempts fill: with the defaults at most 20 % more calls over any 10 s, and 10 a second
// for a quiet client. Layers share one by sharing the pointer. Not for two threads. Cost: 200 bytes, and a
// few adds a call.
#pragma once

#include <array>
#include <cstdint>

#include <weft/runtime/clock.h>

namespace weft {

struct BudgetOptions {
  Duration ttl = 10s;              ///< how long calls and retries count
  double ratio = 0.2;              ///< retries per call
  double reserve_per_second = 10;  ///< retries allowed besides
};

class Budget {
 public:
  explicit Budget(const BudgetOptions& options = {}) noexcept;

  /// A call was made: its first attempt.
  void deposit() noexcept;
  /// Asks for one retry. False: there is none left, and nothing was taken.
  bool withdraw() noexcept;
  /// Retries that could be taken now.
  double available() noexcept;

 private:
  struct Slot {
    std::uint64_t calls = 0, retries = 0;
  };
  static constexpr std::int64_t slots = 10;  ///< what expires does so in steps of a tenth of the ttl

  /// Forgets what is older than the ttl; the slot for what happens now.
  Slot& advance() noexcept;

  BudgetOptions options_;
  Duration slot_width_;
  std::int64_t newest_ = 0;  ///< number of the newest slot, counted from the clock's start
  std::array<Slot, slots> ring_{};
  Slot total_;
};

}  // namespace weft
