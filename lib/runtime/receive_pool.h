// ReceivePool: the buffers that the kernel fills, shared by all connections of a loop, so that an idle one
// owns none.
//
// A filled buffer travels as Bytes. Whoever drops the last reference gives it back: on the loop's own thread
// at once, on another one through a lock-free list that the loop empties each turn. The pool outlives its
// ring for as long as somebody still reads from it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <weft/runtime/bytes.h>

#include "driver.h"

namespace weft::detail {

class ReceivePool {
 public:
  struct Slot : Block {
    ReceivePool* pool = nullptr;
    Slot* next = nullptr;  ///< link of the list of returned slots
    std::uint16_t index = 0;
    std::uint8_t* memory = nullptr;
    std::uint32_t filled = 0;  ///< bytes, when it was given out last
  };

  /// `driver` is woken when a buffer comes back from another thread while `set_starving`. Null: out of
  /// memory.
  static ReceivePool* create(std::uint32_t count, std::uint32_t size, Driver* driver);
  /// The ring is gone. The pool frees itself with its last buffer.
  void close() noexcept;

  Slot& slot(std::uint32_t index) noexcept { return slots_[index]; }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(slots_.size()); }
  /// What the kernel may fill of each. A copy of that takes a block of the whole size, not of the next one.
  std::uint32_t buffer_size() const noexcept { return size_ - sizeof(Block); }

  /// The filled part of a buffer.
  Bytes filled(std::uint32_t index, std::size_t size) noexcept {
    Slot& slot = slots_[index];
    slot.references.store(1, std::memory_order_relaxed);
    slot.filled = static_cast<std::uint32_t>(size);
    ++out_;
    return Bytes::adopt(&slot, slot.memory, size);
  }

  /// Gives the system the pages of a slot behind the first `keep` bytes: streams of large pieces are received
  /// elsewhere from their second piece on, and what the first ones filled would stay for nothing.
  void trim(Slot& slot, std::uint32_t keep) noexcept;
  /// Slots that came back since the last call; linked by `next`.
  Slot* take_returned() noexcept;
  void set_starving(bool starving) noexcept { starving_.store(starving, std::memory_order_seq_cst); }
  /// Buffers that somebody holds.
  std::uint32_t out() const noexcept { return out_; }
  /// Whether most are held.
  bool is_scarce() const noexcept { return out_ > count() - count() / 4; }

 private:
  ReceivePool(std::uint32_t count, std::uint32_t size, Driver* driver);
  ~ReceivePool();
  static void release(Block* block) noexcept;

  std::vector<Slot> slots_;
  std::uint32_t size_;
  std::uint8_t* memory_;
  Driver* driver_;
  Slot* local_ = nullptr;  ///< returned on the loop's thread
  std::uint32_t out_ = 0;
  std::atomic<Slot*> remote_{nullptr};  ///< returned elsewhere; `closed` once the ring is gone
  std::atomic<std::uint32_t> orphans_{0};
  std::atomic<bool> starving_{false};
  static Slot closed_;
  static inline constinit thread_local ReceivePool* current_ = nullptr;
};

}  // namespace weft::detail
