// memory_counters: where the memory of this thread's tasks and bytes is, for a service that grows: coroutine
// frames, blocks of bytes by size, and the receive buffers of its loop.
//
// What runs all the time counts nothing for this: numbers are kept where memory comes from malloc and goes
// back to it, and the rest is their difference. Asking costs less than a microsecond.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weft {

/// Of one thread. Memory may be freed on another thread than the one that took it, and `live` is then too
/// high here and too low, even negative, there: the sum over the threads is right.
struct MemoryCounters {
  /// Coroutine frames, one for each task that has not been destroyed, and the runtime's own of the same kind.
  struct Frames {
    std::int64_t live = 0;
    std::uint64_t recycled = 0;     ///< taken so far that had been a frame before
    std::uint64_t from_malloc = 0;  ///< the other ones
    std::size_t kept = 0;           ///< free, for the next task
    std::size_t kept_bytes = 0;
  };
  /// Blocks behind Bytes and Buffer, but not received ones that are still where the kernel put them.
  struct Blocks {
    std::size_t bytes_max =
        0;  ///< of one of this size, header included; SIZE_MAX: those larger than all other sizes
    std::int64_t live = 0;
    std::uint64_t from_malloc = 0;  ///< so far
    std::size_t kept = 0;           ///< free, for the next taker
  };
  /// All zero on a thread without a loop, and under epoll, which receives into blocks.
  struct Receive {
    std::uint32_t buffers = 0;
    std::uint32_t in_use = 0;   ///< hold bytes that somebody may still read
    std::uint64_t copied = 0;   ///< pieces copied out so far, because most buffers were in use
    std::uint64_t starved = 0;  ///< how often a socket had to wait so far, because all were
  };

  Frames frames;
  std::vector<Blocks> blocks;  ///< by size, those that were ever used on this thread
  Receive receive;
};

/// Of the calling thread.
MemoryCounters memory_counters();

/// The same to be read: a line for the frames, for each size of blocks and for the receive buffers.
std::string describe_memory();

}  // namespace weft
