#include "receive_pool.h"

#include <new>
#include <sys/mman.h>

namespace weft::detail {

ReceivePool::Slot ReceivePool::closed_;

ReceivePool* ReceivePool::create(std::uint32_t count, std::uint32_t size, Driver* driver) {
  auto* pool = new ReceivePool(count, size, driver);
  if (pool->memory_ == MAP_FAILED) {
    delete pool;
    return nullptr;
  }
  current_ = pool;
  return pool;
}

ReceivePool::ReceivePool(std::uint32_t count, std::uint32_t size, Driver* driver)
    : slots_(count), size_(size), driver_(driver) {
  // Pages are taken as the kernel fills them.
  memory_ = static_cast<std::uint8_t*>(mmap(nullptr, std::size_t{count} * size, PROT_READ | PROT_WRITE,
                                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  for (std::uint32_t index = 0; index < count; ++index) {
    Slot& slot = slots_[index];
    slot.pool = this;
    slot.index = static_cast<std::uint16_t>(index);
    slot.memory = memory_ + std::size_t{index} * size;
    slot.capacity = buffer_size();
    slot.release = &release;
  }
}

ReceivePool::~ReceivePool() {
  if (memory_ != MAP_FAILED) munmap(memory_, slots_.size() * std::size_t{size_});
}

void ReceivePool::release(Block* block) noexcept {
  auto* slot = static_cast<Slot*>(block);
  ReceivePool* pool = slot->pool;
  if (pool == current_) {
    slot->next = pool->local_;
    pool->local_ = slot;
    return;
  }
  Slot* head = pool->remote_.load(std::memory_order_acquire);
  do {
    if (head == &closed_) {
      if (pool->orphans_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete pool;
      return;
    }
    slot->next = head;
  } while (
      !pool->remote_.compare_exchange_weak(head, slot, std::memory_order_seq_cst, std::memory_order_acquire));
  if (pool->starving_.load(std::memory_order_seq_cst)) pool->driver_->wake();
}

void ReceivePool::trim(Slot& slot, std::uint32_t keep) noexcept {
  if (slot.filled <= keep) return;
  madvise(slot.memory + keep, size_ - keep, MADV_DONTNEED);
  slot.filled = 0;
}

ReceivePool::Slot* ReceivePool::take_returned() noexcept {
  Slot* list = std::exchange(local_, nullptr);
  for (Slot* slot = list; slot; slot = slot->next) --out_;
  if (remote_.load(std::memory_order_relaxed)) {
    Slot* remote = remote_.exchange(nullptr, std::memory_order_acquire);
    while (remote) {
      Slot* next = remote->next;
      remote->next = list;
      list = remote;
      --out_;
      remote = next;
    }
  }
  return list;
}

void ReceivePool::close() noexcept {
  current_ = nullptr;
  // The orphans are counted before anybody can see that the pool is closed; one more stands for this call
  // itself.
  for (Slot* slot = std::exchange(local_, nullptr); slot; slot = slot->next) --out_;
  orphans_.store(out_ + 1, std::memory_order_relaxed);
  std::uint32_t home = 1;
  for (Slot* slot = remote_.exchange(&closed_, std::memory_order_acq_rel); slot; slot = slot->next) ++home;
  if (orphans_.fetch_sub(home, std::memory_order_acq_rel) == home) delete this;
}

}  // namespace weft::detail
