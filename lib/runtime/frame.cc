// Memory of coroutine frames: per-thread free lists by 64-byte size class, because a served call makes a few
// frames of the same sizes again and again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <fmt/format.h>

#include <weft/runtime/task.h>

#include "memory.h"
#include "sanitizer.h"

namespace weft::detail {
namespace {

constexpr std::size_t class_size = 64, classes = 48, kept_per_class_max = 4096;

struct FreeFrame {
  FreeFrame* next;
};

struct FreeFrames {
  FreeFrame* first[classes] = {};
  // Both grow, so that counting costs taking one nothing more. Their difference is what is kept.
  std::uint64_t taken[classes] = {}, put[classes] = {};
  ~FreeFrames();
};

/// Plain data: it counts also while the thread ends.
struct Malloced {
  std::uint64_t taken = 0, freed = 0;
};

thread_local constinit bool alive = true;
thread_local constinit Malloced malloced;
thread_local FreeFrames free_frames;

FreeFrames::~FreeFrames() {
  alive = false;
  for (FreeFrame*& first : this->first)
    while (FreeFrame* frame = first) {
      first = frame->next;
      ++malloced.freed;
      std::free(frame);
    }
}

// Out of line, so that the usual path saves no registers for them and shares no code with them.
[[gnu::noinline]] void* from_malloc(std::size_t size) {
  void* memory = std::malloc(size);
  if (!memory) throw std::bad_alloc();
  ++malloced.taken;
  return memory;
}
[[gnu::noinline]] void to_malloc(void* memory) noexcept {
  ++malloced.freed;
  std::free(memory);
}

}  // namespace

void* allocate_frame(std::size_t size) {
  std::size_t size_class = (size + class_size - 1) / class_size;
  if (recycles_memory && size_class < classes && alive) {
    FreeFrames& lists = free_frames;
    if (FreeFrame* frame = lists.first[size_class]) {
      lists.first[size_class] = frame->next;
      ++lists.taken[size_class];
      return frame;
    }
    size = size_class * class_size;
  }
  return from_malloc(size);
}

void free_frame(void* memory, std::size_t size) noexcept {
  std::size_t size_class = (size + class_size - 1) / class_size;
  if (recycles_memory && size_class < classes && alive) {
    FreeFrames& lists = free_frames;
    if (lists.put[size_class] - lists.taken[size_class] < kept_per_class_max) {
      auto* frame = static_cast<FreeFrame*>(memory);
      frame->next = lists.first[size_class];
      lists.first[size_class] = frame;
      ++lists.put[size_class];
      return;
    }
  }
  to_malloc(memory);
}

MemoryCounters::Frames frame_counters() noexcept {
  MemoryCounters::Frames counters;
  if (alive) {
    for (std::size_t size_class = 0; size_class < classes; ++size_class) {
      std::size_t kept = free_frames.put[size_class] - free_frames.taken[size_class];
      counters.recycled += free_frames.taken[size_class];
      counters.kept += kept;
      counters.kept_bytes += kept * size_class * class_size;
    }
  }
  counters.from_malloc = malloced.taken;
  counters.live = static_cast<std::int64_t>(malloced.taken - malloced.freed - counters.kept);
  return counters;
}

Status from_exception(std::exception_ptr exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::bad_alloc&) {
    return resource_exhausted("out of memory");
  } catch (const std::exception& error) {
    return Status::carrying(Code::internal, fmt::format("exception: {}", error.what()), Thrown{});
  } catch (...) {
    return Status::carrying(Code::internal, "exception of an unknown type", Thrown{});
  }
}

void task_dropped_while_waiting(const Frame& frame) noexcept {
  // Its operation may still be in the kernel: going on would corrupt memory.
  std::fprintf(stderr, "weft: a task was destroyed while it waited at %s:%u (%s)\n", frame.place.file_name(),
               static_cast<unsigned>(frame.place.line()), frame.place.function_name());
  std::abort();
}

}  // namespace weft::detail
