// A hierarchical timer wheel: six levels of 64 slots, the lowest a tick of about a millisecond wide. Arming
// and disarming are O(1); a timer far away moves down a level at most five times before it fires, and never
// fires early.
#pragma once

#include <array>
#include <cstdint>

#include <weft/runtime/cancel.h>

namespace weft::detail {

class TimerWheel {
 public:
  explicit TimerWheel(Instant now) noexcept : elapsed_(tick_of(now)) {}

  void insert(Timer& timer, Instant when) noexcept;
  void remove(Timer& timer) noexcept;
  /// Fires what is due at `now`, in order of ticks.
  void advance(Instant now) noexcept;
  /// When `advance` has something to do next, at the latest.
  Instant next() const noexcept;
  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr int levels = 6, slot_bits = 6, tick_bits = 20;  // ticks of 2^20 ns
  static constexpr std::uint64_t range = std::uint64_t{1} << (levels * slot_bits);

  struct Slot {
    Timer* first = nullptr;
  };
  struct Level {
    std::uint64_t occupied = 0;
    std::array<Slot, 64> slots;
  };
  struct Expiry {
    std::uint64_t tick;
    int level, slot;
  };

  static std::uint64_t tick_of(Instant when) noexcept {
    return static_cast<std::uint64_t>(when.since_start.count()) >> tick_bits;
  }
  void place(Timer& timer, std::uint64_t earliest) noexcept;
  bool first_expiry(Expiry& expiry) const noexcept;

  std::array<Level, levels> levels_;
  std::uint64_t elapsed_;  ///< all ticks up to this one have been dealt with
  std::size_t size_ = 0;
};

}  // namespace weft::detail
