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

// Blocks of 64 B to 1 MiB come from per-thread free lists by power of two, so that a request's buffers are
// still in this core's cache from the last one, and large ones are not given to the kernel and taken from it
// page by page with each call. What the lists may hold is bounded; larger blocks go to malloc and back.
constexpr int smallest = 6, largest_small = 16, largest = 20;
constexpr std::size_t kept_small_max = 256 << 10;  // bytes of each size up to 64 KiB
constexpr std::size_t kept_large_max = 8 << 20;    // bytes of all larger sizes together

struct FreeList {
  Block* head = nullptr;
  std::size_t kept = 0;  ///< bytes
};

struct FreeLists {
  FreeList lists[largest - smallest + 1];
  std::size_t large_kept = 0;

  bool has_room(int size_class) const noexcept {
    std::size_t kept = size_class <= largest_small ? lists[size_class - smallest].kept : large_kept;
    return kept + (std::size_t{1} << size_class) <=
           (size_class <= largest_small ? kept_small_max : kept_large_max);
  }
  void keep(Block* block, int size_class) noexcept;
  /// Null: there is none.
  Block* take(int size_class) noexcept;
  ~FreeLists();
};

// Plain data, so that blocks dropped by other thread-local destructors still find it usable.
thread_local constinit bool alive = true;
thread_local FreeLists free_lists;

struct Link {  // lies in the memory of a free block
  Block* next;
};
Link& link_of(Block* block) { return *reinterpret_cast<Link*>(memory_of(block)); }

void release_unlisted(Block* block) noexcept { std::free(block); }

void FreeLists::keep(Block* block, int size_class) noexcept {
  FreeList& list = lists[size_class - smallest];
  link_of(block).next = list.head;
  list.head = block;
  list.kept += std::size_t{1} << size_class;
  if (size_class > largest_small) large_kept += std::size_t{1} << size_class;
}

Block* FreeLists::take(int size_class) noexcept {
  FreeList& list = lists[size_class - smallest];
  Block* block = list.head;
  if (!block) return nullptr;
  list.head = link_of(block).next;
  list.kept -= std::size_t{1} << size_class;
  if (size_class > largest_small) large_kept -= std::size_t{1} << size_class;
  return block;
}

FreeLists::~FreeLists() {
  alive = false;
  for (FreeList& list : lists)
    while (Block* block = list.head) {
      list.head = link_of(block).next;
      std::free(block);
    }
}

void release_listed(Block* block) noexcept {
  int size_class = std::bit_width(block->capacity + sizeof(Block) - 1);
  if (alive && free_lists.has_room(size_class)) return free_lists.keep(block, size_class);
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
  if (!recycles_memory || bytes > std::size_t{1} << largest) return new_block(bytes, release_unlisted);
  int size_class = std::max<int>(smallest, std::bit_width(bytes - 1));
  if (Block* block = alive ? free_lists.take(size_class) : nullptr) {
    block->references.store(1, std::memory_order_relaxed);
    return block;
  }
  return new_block(std::size_t{1} << size_class, release_listed);
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
