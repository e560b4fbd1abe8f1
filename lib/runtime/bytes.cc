#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <new>

#include <weft/runtime/bytes.h>

#include "memory.h"
#include "sanitizer.h"

namespace weft {
namespace detail {
namespace {

// Blocks of 64 B to 1 MiB come from per-thread free lists by size, so that a request's buffers are still in
// this core's cache from the last one, and large ones are not given to the kernel and taken from it page by
// page with each call. What the lists may hold is bounded; larger blocks go to malloc and back.
constexpr std::size_t largest_small = 64 << 10, largest_listed = 1 << 20;
constexpr std::size_t kept_small_max = 256 << 10;  // bytes of each size up to `largest_small`
constexpr std::size_t kept_large_max = 8 << 20;    // bytes of all larger sizes together

/// The sizes in which blocks come: powers of two, and above 64 KiB three more between them, since a quarter
/// too much is a lot there.
struct SizeClass {
  int index;
  std::size_t bytes;  ///< header included

  explicit SizeClass(std::size_t needed) noexcept {
    int width = std::max<int>(smallest, std::bit_width(needed - 1));
    if (needed <= largest_small) {
      index = width - smallest;
      bytes = std::size_t{1} << width;
    } else {
      int step = width - 3;
      std::size_t steps = ((needed - 1) >> step) + 1;  // 5 to 8
      index = small_count + 4 * (width - small_count - smallest) + static_cast<int>(steps) - 5;
      bytes = steps << step;
    }
  }
  static std::size_t bytes_of(int index) noexcept {
    if (index < small_count) return std::size_t{1} << (smallest + index);
    int octave = (index - small_count) / 4, steps = (index - small_count) % 4 + 5;
    return static_cast<std::size_t>(steps) << (octave + small_count + smallest - 3);
  }
  static constexpr int smallest = 6;      // 64 B
  static constexpr int small_count = 11;  // 64 B to 64 KiB
  static constexpr int count = small_count + 4 * 4;
};

struct FreeList {
  Block* head = nullptr;
  std::size_t kept = 0;  ///< bytes
};

struct FreeLists {
  FreeList lists[SizeClass::count];
  std::size_t large_kept = 0;

  /// False: there is enough of that size.
  bool keep(Block* block, SizeClass size) noexcept;
  /// Null: there is none.
  Block* take(SizeClass size) noexcept;
  ~FreeLists();
};

/// By size, and the last for blocks that are larger.
struct Malloced {
  std::uint64_t taken[SizeClass::count + 1] = {}, freed[SizeClass::count + 1] = {};
  static int index(std::size_t bytes) noexcept {
    return bytes > largest_listed ? SizeClass::count : SizeClass{bytes}.index;
  }
};

// Plain data, so that blocks dropped by other thread-local destructors still find it usable.
thread_local constinit bool alive = true;
thread_local constinit Malloced malloced;
thread_local FreeLists free_lists;

struct Link {  // lies in the memory of a free block
  Block* next;
};
Link& link_of(Block* block) { return *reinterpret_cast<Link*>(memory_of(block)); }

void free_block(Block* block) noexcept {
  ++malloced.freed[Malloced::index(block->capacity + sizeof(Block))];
  std::free(block);
}

bool FreeLists::keep(Block* block, SizeClass size) noexcept {
  FreeList& list = lists[size.index];
  bool large = size.bytes > largest_small;
  if ((large ? large_kept : list.kept) + size.bytes > (large ? kept_large_max : kept_small_max)) return false;
  link_of(block).next = list.head;
  list.head = block;
  list.kept += size.bytes;
  if (large) large_kept += size.bytes;
  return true;
}

Block* FreeLists::take(SizeClass size) noexcept {
  FreeList& list = lists[size.index];
  Block* block = list.head;
  if (!block) return nullptr;
  list.head = link_of(block).next;
  list.kept -= size.bytes;
  if (size.bytes > largest_small) large_kept -= size.bytes;
  return block;
}

FreeLists::~FreeLists() {
  alive = false;
  for (FreeList& list : lists)
    while (Block* block = list.head) {
      list.head = link_of(block).next;
      free_block(block);
    }
}

void release_listed(Block* block) noexcept {
  if (alive && free_lists.keep(block, SizeClass{block->capacity + sizeof(Block)})) return;
  free_block(block);
}

Block* new_block(std::size_t bytes, void (*release)(Block*) noexcept) {
  void* memory = std::malloc(bytes);
  if (!memory) throw std::bad_alloc();
  ++malloced.taken[Malloced::index(bytes)];
  Block* block = new (memory) Block;
  block->capacity = static_cast<std::uint32_t>(bytes - sizeof(Block));
  block->release = release;
  return block;
}

}  // namespace

Block* allocate_block(std::size_t capacity) {
  std::size_t bytes = capacity + sizeof(Block);
  if (capacity > std::numeric_limits<std::uint32_t>::max()) throw std::bad_alloc();
  if (!recycles_memory || bytes > largest_listed) return new_block(bytes, free_block);
  SizeClass size{bytes};
  if (Block* block = alive ? free_lists.take(size) : nullptr) {
    block->references.store(1, std::memory_order_relaxed);
    return block;
  }
  return new_block(size.bytes, release_listed);
}

std::vector<MemoryCounters::Blocks> block_counters() {
  std::vector<MemoryCounters::Blocks> counters;
  for (int index = 0; index <= SizeClass::count; ++index) {
    MemoryCounters::Blocks blocks;
    blocks.bytes_max = index < SizeClass::count ? SizeClass::bytes_of(index) : SIZE_MAX;
    if (alive && index < SizeClass::count) blocks.kept = free_lists.lists[index].kept / blocks.bytes_max;
    blocks.from_malloc = malloced.taken[index];
    blocks.live = static_cast<std::int64_t>(malloced.taken[index] - malloced.freed[index] - blocks.kept);
    if (blocks.from_malloc || malloced.freed[index] || blocks.kept) counters.push_back(blocks);
  }
  return counters;
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
