#include "timer_wheel.h"

#include <algorithm>
#include <bit>

#include <weft/runtime/loop.h>

namespace weft::detail {

void TimerWheel::insert(Timer& timer, Instant when) noexcept {
  remove(timer);
  timer.when_ = when;
  ++size_;
  place(timer,
        elapsed_ + 1);  // not into the tick being dealt with: one that re-arms itself would never let go
}

void TimerWheel::remove(Timer& timer) noexcept {
  if (!timer.list_) return;
  *timer.previous_ = timer.next_;
  if (timer.next_) timer.next_->previous_ = timer.previous_;
  auto* slot = static_cast<Slot*>(timer.list_);
  if (!slot->first)
    for (Level& level : levels_)
      if (slot >= level.slots.data() && slot < level.slots.data() + level.slots.size())
        level.occupied &= ~(std::uint64_t{1} << (slot - level.slots.data()));
  timer.list_ = nullptr;
  --size_;
}

void TimerWheel::place(Timer& timer, std::uint64_t earliest) noexcept {
  // The next whole tick: a timer may be late by one, never early. What lies beyond the wheel waits at its far
  // end.
  std::uint64_t farthest = elapsed_ + range - range / 64;
  std::uint64_t tick = timer.when_.is_never() ? farthest : tick_of(timer.when_) + 1;
  tick = std::clamp(tick, earliest, farthest);
  // The level is that of the highest slot-wide digit in which the tick differs from now.
  std::uint64_t differing = (tick ^ elapsed_) | 63;
  int level = std::min((63 - std::countl_zero(differing)) / slot_bits, levels - 1);
  int index = static_cast<int>(tick >> (level * slot_bits)) & 63;
  Slot& slot = levels_[level].slots[index];
  levels_[level].occupied |= std::uint64_t{1} << index;
  timer.next_ = slot.first;
  if (slot.first) slot.first->previous_ = &timer.next_;
  timer.previous_ = &slot.first;
  slot.first = &timer;
  timer.list_ = &slot;
}

bool TimerWheel::first_expiry(Expiry& expiry) const noexcept {
  for (int level = 0; level < levels; ++level) {
    std::uint64_t occupied = levels_[level].occupied;
    if (!occupied) continue;
    int shift = level * slot_bits;
    int current = static_cast<int>(elapsed_ >> shift) & 63;
    // The first occupied slot from the current one on, wrapping around.
    int slot = (std::countr_zero(std::rotr(occupied, current)) + current) & 63;
    std::uint64_t level_range = std::uint64_t{1} << (shift + slot_bits);
    std::uint64_t tick = (elapsed_ & ~(level_range - 1)) + (static_cast<std::uint64_t>(slot) << shift);
    if (tick <= elapsed_ && slot < current) tick += level_range;
    expiry = {tick, level, slot};
    return true;
  }
  return false;
}

Instant TimerWheel::next() const noexcept {
  Expiry expiry;
  if (!first_expiry(expiry)) return Instant::never();
  return {Duration(static_cast<std::int64_t>(expiry.tick << tick_bits))};
}

void TimerWheel::advance(Instant now) noexcept {
  std::uint64_t target = tick_of(now);
  Expiry expiry;
  while (first_expiry(expiry) && expiry.tick <= target) {
    elapsed_ = std::max(elapsed_, expiry.tick);
    Level& level = levels_[expiry.level];
    Slot& slot = level.slots[expiry.slot];
    // Taken off as a whole first: a timer that fires may arm others, in this slot too.
    Timer* due = slot.first;
    slot.first = nullptr;
    level.occupied &= ~(std::uint64_t{1} << expiry.slot);
    Slot taken{due};
    if (due) due->previous_ = &taken.first;
    for (Timer* timer = due; timer; timer = timer->next_) timer->list_ = &taken;
    while (Timer* timer = taken.first) {
      *timer->previous_ = timer->next_;
      if (timer->next_) timer->next_->previous_ = timer->previous_;
      timer->list_ = nullptr;
      if (expiry.level == 0) {
        --size_;
        timer->fire_(*timer);
      } else {
        place(*timer, elapsed_);
      }
    }
  }
  elapsed_ = std::max(elapsed_, target);
}

void Timer::arm(Instant when) { Loop::current()->timers().insert(*this, when); }

void Timer::disarm() noexcept {
  if (list_) Loop::current()->timers().remove(*this);
}

}  // namespace weft::detail
