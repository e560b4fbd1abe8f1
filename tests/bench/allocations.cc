#include "allocations.h"

#include <atomic>
#include <cstddef>

// malloc itself is replaced, not operator new, so that the frames and blocks of the runtime are counted too.
extern "C" {
void* __libc_malloc(std::size_t);
static std::atomic<std::uint64_t> count{0};
void* malloc(std::size_t size) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
}

std::uint64_t bench::allocations() noexcept { return count.load(std::memory_order_relaxed); }
