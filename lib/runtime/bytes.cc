#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <new>

#include <weft/runtime/bytes.h>

#include "sanitizer.h"

namespace weft {
namespace detail {
namespace {

// Blocks of 64 B to 64 KiB come from per-thread free lists by power of two, so that a request's buffers are
// still in this core's cache from the last one. What a list may hold is bounded; larger blocks go to malloc
// and back.
constexpr int smallest = 6, largest = 16;
constexpr std::size_t kept_bytes_max = 256 * 1024;  // for each size

struct FreeList {
  Block* head = nullptr;
  std::size_t count = 0;
};

struct FreeLists {
  FreeList lists[largest - smallest + 1];
  ~FreeLists();
};

// Plain data, so that blocks dropped by other thread-local destructors still find it usable.
thread_local constinit bool alive = true;
thread_local FreeLists free_lists;

struct Link {  // lies in the memory of a free block
  Block* next;
};
Link& link_of(Block* block) { return *reinterpret_cast<Link*>(memory_of(block)); }

void release_large(Block* block) noexcept { std::free(block); }

FreeLists::~FreeLists() {
  alive = false;
  for (FreeList& list : lists)
    while (Block* block = list.head) {
      list.head = link_of(block).next;
      std::free(block);
    }
}

void release_small(Block* block) noexcept {
  int size_class = std::bit_width(block->capacity + sizeof(Block) - 1);
  if (alive) {
    FreeList& list = free_lists.lists[size_class - smallest];
    if (list.count << size_class < kept_bytes_max) {
      link_of(block).next = list.head;
      list.head = block;
      ++list.count;
      return;
    }
  }
  std::free(block);
}

Block* new_block(std::size_t bytes, void (*release)(Block*) noexcept) {
  void* memory = std::malloc(bytes);
  if (!memory) throw std::bad_alloc();
  Block* block = new (memory) Block;
  block->capacity = static_cast<std::uint32_t>(bytes - sizeof(Block));
  block->release = release;
  return block;
}

}  // namespace

Block* allocate_block(std::size_t capacity) {
  std::size_t bytes = capacity + sizeof(Block);
  if (capacity > std::numeric_limits<std::uint32_t>::max()) throw std::bad_alloc();
  if (!recycles_memory || bytes > std::size_t{1} << largest) return new_block(bytes, release_large);
  int size_class = std::max<int>(smallest, std::bit_width(bytes - 1));
  if (alive) {
    FreeList& list = free_lists.lists[size_class - smallest];
    if (Block* block = list.head) {
      list.head = link_of(block).next;
      --list.count;
      block->references.store(1, std::memory_order_relaxed);
      return block;
    }
  }
  return new_block(std::size_t{1} << size_class, release_small);
}

}  // namespace detail

Bytes::Bytes(std::string_view text) : size_(text.size()) {
  if (text.empty()) return;
  block_ = detail::allocate_block(text.size());
  std::uint8_t* memory = detail::memory_of(block_);
  std::memcpy(memory, text.data(), text.size());
  data_ = memory;
}

void Buffer::grow(std::size_t capacity, std::size_t used) {
  Buffer larger{capacity};
  if (used) std::memcpy(larger.data(), data(), used);
  *this = std::move(larger);
}

Bytes Chain::flatten() const {
  if (rest_.empty()) return first_;
  Buffer buffer{size()};
  std::size_t offset = 0;
  for (std::size_t index = 0; index < count(); ++index) {
    const Bytes& bytes = (*this)[index];
    std::memcpy(buffer.data() + offset, bytes.data(), bytes.size());
    offset += bytes.size();
  }
  return buffer.freeze(offset);
}

}  // namespace weft
