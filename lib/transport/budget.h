// Budget: what the connections of a core hold together is bounded, and beyond that they take turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <weft/runtime/sleep.h>
#include <weft/runtime/sync.h>
#include <weft/runtime/task.h>

namespace weft::detail {

/// Bytes that all connections of a core may hold together.
class Budget {
 public:
  explicit Budget(std::size_t max) noexcept : max_(max) {}
  std::size_t used() const noexcept { return used_; }
  std::size_t max() const noexcept { return max_; }
  void change(std::size_t from, std::size_t to) noexcept {
    used_ = used_ - from + to;
    if (to < from) wake();
  }
  void give_back(std::size_t bytes) noexcept {
    used_ -= bytes;
    wake();
  }
  /// Whether `who` may take more than there is. One at a time may: when all wait for each other, nobody gives
  /// back. The last who did is asked to let the others try first.
  bool may_exceed(const void* who) noexcept {
    if (exceeding_ == who) return true;
    if (exceeding_) {
      contended_ = true;
      return false;
    }
    if (last_ == who && std::exchange(contended_, false)) {
      declined_ = true;
      wake();
      return false;
    }
    exceeding_ = last_ = who;
    contended_ = false;
    wake();  // `who` may have asked in two places, and wait in the other
    return true;
  }
  /// `who` needs no more.
  void settle(const void* who) noexcept {
    if (exceeding_ != who) return;
    exceeding_ = nullptr;
    wake();
  }
  /// After `may_exceed` said no: until it is worth asking again.
  Task<void> turn() {
    if (std::exchange(declined_, false))
      co_await yield();
    else
      co_await shrunk();
  }
  /// Somebody waits for what there is not.
  void lacks(std::uint32_t tick) noexcept {
    lacking_ = true;
    lacked_tick_ = tick;
  }
  bool is_short(std::uint32_t tick) const noexcept { return lacking_ && tick - lacked_tick_ <= 2; }
  /// Waits until somebody gives something back.
  Event::Wait shrunk() noexcept { return shrunk_.wait(); }

 private:
  void wake() noexcept {
    shrunk_.set();
    shrunk_.reset();
  }
  std::size_t max_, used_ = 0;
  const void *exceeding_ = nullptr, *last_ = nullptr;
  bool contended_ = false;  ///< somebody else asked since `last_` may exceed it
  bool declined_ = false;   ///< `last_` has just been asked to let them try
  std::uint32_t lacked_tick_ = 0;
  bool lacking_ = false;
  Event shrunk_;
};

}  // namespace weft::detail
