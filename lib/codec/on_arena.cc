#include <new>

#include <weft/codec/on_arena.h>

namespace weft::detail {

namespace {

using google::protobuf::Arena;
using google::protobuf::ArenaOptions;

// A block of 4 KiB, of which the arena's first part is what the Block and the arena itself leave.
constexpr std::size_t first_block = 4096 - sizeof(Block);

void* allocate(std::size_t size) { return memory_of(allocate_block(size)); }
void deallocate(void* memory, std::size_t) { (static_cast<Block*>(memory) - 1)->drop(); }

/// What lies at the beginning of the first block.
struct Home {
  explicit Home(Block* block) : release(block->release), arena(options(block)) {}

  ArenaOptions options(Block* block) {
    ArenaOptions options;
    options.initial_block = reinterpret_cast<char*>(this + 1);
    options.initial_block_size = block->capacity - sizeof(Home);
    // Each a Block short of a size that there is a list for.
    options.start_block_size = 8192 - sizeof(Block);
    options.max_block_size = 65536 - sizeof(Block);
    options.block_alloc = allocate;
    options.block_dealloc = deallocate;
    return options;
  }

  void (*release)(Block*) noexcept;  ///< of the block, as it came
  Arena arena;
};

Home& home_of(Block* block) noexcept { return *std::launder(reinterpret_cast<Home*>(memory_of(block))); }

void release_arena(Block* block) noexcept {
  Home& home = home_of(block);
  block->release = home.release;
  home.~Home();
  block->release(block);
}

}  // namespace

Block* allocate_arena() {
  Block* block = allocate_block(first_block);
  new (memory_of(block)) Home{block};
  block->release = release_arena;
  return block;
}

Arena& arena_of(Block* block) noexcept { return home_of(block).arena; }

}  // namespace weft::detail
