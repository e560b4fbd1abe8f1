// What frame.cc and bytes.cc know of this thread's memory.
#pragma once

#include <weft/runtime/memory.h>

namespace weft::detail {

MemoryCounters::Frames frame_counters() noexcept;
std::vector<MemoryCounters::Blocks> block_counters();

}  // namespace weft::detail
