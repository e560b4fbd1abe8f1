#include "memory.h"

#include <fmt/format.h>

#include "driver.h"

namespace weft {

MemoryCounters memory_counters() {
  MemoryCounters counters{detail::frame_counters(), detail::block_counters(), {}};
  if (Loop* loop = Loop::current()) counters.receive = loop->driver().receive_counters();
  return counters;
}

std::string describe_memory() {
  MemoryCounters counters = memory_counters();
  const MemoryCounters::Frames& frames = counters.frames;
  std::string text =
      fmt::format("frames: {} live, {} kept in {} bytes; {} were from malloc, {} recycled\n", frames.live,
                  frames.kept, frames.kept_bytes, frames.from_malloc, frames.recycled);
  for (const MemoryCounters::Blocks& blocks : counters.blocks)
    text += fmt::format(
        "blocks {}: {} live, {} kept; {} were from malloc\n",
        blocks.bytes_max == SIZE_MAX ? "of more than that" : fmt::format("of {} bytes", blocks.bytes_max),
        blocks.live, blocks.kept, blocks.from_malloc);
  const MemoryCounters::Receive& receive = counters.receive;
  if (receive.buffers)
    text +=
        fmt::format("receive buffers: {} of {} in use; {} pieces were copied out, sockets starved {} times\n",
                    receive.in_use, receive.buffers, receive.copied, receive.starved);
  return text;
}

}  // namespace weft
