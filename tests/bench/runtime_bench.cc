// runtime-bench: what the runtime's own pieces cost, in nanoseconds each, on this machine. Prints a table;
// the median of several rounds.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include <weft/runtime/blocking.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/file.h>
#include <weft/runtime/mailbox.h>
#include <weft/runtime/queue.h>
#include <weft/runtime/run.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

namespace {

using namespace weft;
using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr int rounds = 5;
/// What is measured here hangs a loop for seconds, on purpose; turns are watched as in a program.
constexpr LoopOptions loop_options{.stall_limit = 1h};

/// Keeps the compiler from leaving out what nobody looks at.
void use(const void* what) { asm volatile("" : : "r"(what) : "memory"); }

double nanoseconds(SteadyClock::time_point since, int count) {
  return std::chrono::duration<double, std::nano>(SteadyClock::now() - since).count() / count;
}

void print(const char* what, std::vector<double> each) {
  std::sort(each.begin(), each.end());
  fmt::print("{:<58}{:>10.1f}\n", what, each[each.size() / 2]);
}

/// `body(count)` does something `count` times.
Task<void> measure(const char* what, int count, Task<void> (*body)(int)) {
  std::vector<double> each;
  co_await body(count / 10 + 1);  // warm-up
  for (int round = 0; round < rounds; ++round) {
    auto start = SteadyClock::now();
    co_await body(count);
    each.push_back(nanoseconds(start, count));
  }
  print(what, std::move(each));
}

Task<int> ready(int value) { co_return value; }
Task<int> failing() { co_return not_found("nothing"); }
Task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await nested(depth - 1);
}
Task<int> failing_below(int depth) {
  if (depth == 0) co_return co_await failing();
  co_return 1 + co_await failing_below(depth - 1);
}

Task<void> await_ready(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await ready(i);
  use(&sum);
}
Task<void> await_five(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += co_await nested(5);
  use(&sum);
}
Task<void> await_failure(int count) {
  for (int i = 0; i < count; ++i) {
    auto failed = co_await attempt(failing_below(5));
    use(&failed);
  }
}
Task<void> yield_often(int count) {
  for (int i = 0; i < count; ++i) co_await yield();
}
Task<void> nothing() { co_return; }
Task<void> spawn_ready(int count) {
  Scope scope = co_await Scope::open();
  for (int i = 0; i < count; ++i) scope.spawn(nothing());
  co_await scope.join();
}
Task<void> yield_once() { co_await yield(); }
Task<void> spawn_waiting(int count) {
  Scope scope = co_await Scope::open();
  for (int i = 0; i < count; ++i) scope.spawn(yield_once());
  co_await scope.join();
}
Task<void> run_all(int count) {
  for (int i = 0; i < count; ++i) {
    auto both = co_await all(ready(1), ready(2));
    use(&both);
  }
}
Task<void> limit_time(int count) {
  for (int i = 0; i < count; ++i) co_await within(1s, nothing());
}
Task<void> produce(Queue<int>* queue, int count) {
  for (int i = 0; i < count; ++i) co_await queue->push(i);
  queue->close();
}
Task<void> through_queue(int count) {
  Queue<int> queue{64};
  Scope scope = co_await Scope::open();
  scope.spawn(produce(&queue, count));
  for (;;) {
    auto element = co_await queue.pop();
    if (!element) break;
  }
  co_await scope.join();
}
Task<void> frames_from_lists(int count) {
  for (int i = 0; i < count; ++i) {
    void* frame = detail::allocate_frame(256);
    use(frame);
    detail::free_frame(frame, 256);
  }
  co_return;
}
Task<void> frames_from_malloc(int count) {
  for (int i = 0; i < count; ++i) {
    void* frame = std::malloc(256);
    use(frame);
    std::free(frame);
  }
  co_return;
}
/// As calls that run at once have them: 64 frames of several sizes, let go in another order.
template <class Allocate, class Free>
void hold_frames(int count, Allocate allocate, Free free) {
  constexpr int held = 64;
  constexpr std::size_t sizes[] = {128, 256, 400, 640, 1024};
  void* frames[held];
  for (int done = 0; done < count; done += held) {
    for (int i = 0; i < held; ++i) use(frames[i] = allocate(sizes[i % 5]));
    for (int i = 0; i < held; ++i) free(frames[i * 37 % held], sizes[i * 37 % held % 5]);
  }
}
Task<void> held_from_lists(int count) {
  hold_frames(count, detail::allocate_frame, detail::free_frame);
  co_return;
}
Task<void> held_from_malloc(int count) {
  hold_frames(
      count, [](std::size_t size) { return std::malloc(size); },
      [](void* frame, std::size_t) { std::free(frame); });
  co_return;
}
Task<void> blocking_round_trip(int count) {
  for (int i = 0; i < count; ++i) co_await blocking([] {});
}

/// A million deadlines at once: what arming and disarming one costs, and its memory.
void measure_timers() {
  constexpr int count = 1'000'000;
  struct Deadline : detail::Timer {
    Deadline() : Timer([](detail::Timer&) noexcept {}) {}
  };
  auto timers = std::make_unique<Deadline[]>(count);
  Instant start_time = now();
  std::vector<double> arm, disarm;
  for (int round = 0; round < rounds; ++round) {
    auto start = SteadyClock::now();
    for (int i = 0; i < count; ++i)
      timers[i].arm(start_time + 10s + std::chrono::microseconds(i * 37LL % 60'000'000));
    arm.push_back(nanoseconds(start, count));
    start = SteadyClock::now();
    for (int i = 0; i < count; ++i) timers[i].disarm();
    disarm.push_back(nanoseconds(start, count));
  }
  print("arm one of a million timers", std::move(arm));
  print("disarm one of a million timers", std::move(disarm));
  fmt::print("{:<58}{:>10}\n", "bytes of a timer", sizeof(detail::Timer));
}

Task<void> measure_here() {
  co_await measure("co_await a task that is ready", 5'000'000, await_ready);
  co_await measure("co_await five tasks deep", 1'000'000, await_five);
  co_await measure("a failure, through six frames", 500'000, await_failure);
  co_await measure("yield, alone", 1'000'000, yield_often);
  co_await measure("spawn a task that is ready", 2'000'000, spawn_ready);
  co_await measure("spawn a task that waits once", 500'000, spawn_waiting);
  co_await measure("all of two", 1'000'000, run_all);
  co_await measure("within, with a deadline of its own", 1'000'000, limit_time);
  co_await measure("push and pop an element of a queue of 64", 1'000'000, through_queue);
  co_await measure("a frame of 256 bytes from the core's lists", 10'000'000, frames_from_lists);
  co_await measure("  the same from malloc", 10'000'000, frames_from_malloc);
  co_await measure("64 frames of 128 to 1024 bytes at once, each", 10'000'000, held_from_lists);
  co_await measure("  the same from malloc", 10'000'000, held_from_malloc);
  measure_timers();
  co_await measure("blocking work of no length, and back", 20'000, blocking_round_trip);
}

constexpr std::size_t block = 4096, blocks = 16'384;

Task<void> read_blocks(File* file, int count, std::uint32_t seed) {
  for (int i = 0; i < count; ++i) {
    seed = seed * 1'664'525 + 1'013'904'223;
    Bytes bytes = co_await file->read((seed >> 8) % blocks * block, block);
    use(bytes.data());
  }
}
File* file_to_read = nullptr;
Task<void> read_many(int count) {
  constexpr int in_flight = 64;
  Scope scope = co_await Scope::open();
  for (std::uint32_t reader = 0; reader < in_flight; ++reader)
    scope.spawn(read_blocks(file_to_read, count / in_flight, reader));
  co_await scope.join();
}
/// From the page cache: what is measured is the way there and back.
Task<void> measure_reads(const char* what) {
  FileOptions options{.write = true, .create = true};
  File file = co_await File::open("/tmp/weft-runtime-bench", options);
  ::unlink("/tmp/weft-runtime-bench");
  Bytes part = std::string(256 * block, 'x');
  for (std::size_t at = 0; at < blocks * block; at += part.size()) co_await file.write(at, part);
  file_to_read = &file;
  co_await measure(what, 64 * 2'000, read_many);
}

Task<void> call_across(int count) {
  for (int i = 0; i < count; ++i) co_await on(1, nothing);
}
Task<void> call_many(int count) {
  Scope scope = co_await Scope::open();
  for (int i = 0; i < count; ++i) scope.spawn(on(1, nothing));
  co_await scope.join();
}

/// A mailbox there and one back. What is pushed there is counted, or answered, until it is negative.
struct Mailboxes {
  Mailbox<int> there{1024}, back{1024};
};
std::unique_ptr<Mailboxes> mailboxes;
Task<void> serve_mailbox() {
  int unanswered = 0;
  for (;;) {
    auto value = co_await mailboxes->there.pop();
    if (!value) co_return;
    if (*value == 0) {
      ++unanswered;
    } else {
      co_await mailboxes->back.push(unanswered);
      unanswered = 0;
    }
  }
}
Task<void> stream_across(int count) {
  for (int i = 1; i < count; ++i) co_await mailboxes->there.push(0);
  co_await mailboxes->there.push(1);
  co_await mailboxes->back.pop();
}
Task<void> ping_across(int count) {
  for (int i = 0; i < count; ++i) {
    co_await mailboxes->there.push(1);
    co_await mailboxes->back.pop();
  }
}
Cores* all_cores = nullptr;
Task<void> measure_cores(unsigned core) {
  if (core == 0) {
    co_await measure("call another core and back, one at a time", 20'000, call_across);
    co_await measure("call another core and back, many at once", 200'000, call_many);
    co_await measure("an element through a mailbox to another core, streaming", 5'000'000, stream_across);
    co_await measure("an element to another core's mailbox, and one back", 20'000, ping_across);
    mailboxes->there.close();
  } else {
    co_await serve_mailbox();
  }
  co_await all_cores->rendezvous();
}

/// Between two cores that wake each other so.
Status measure_wake(const char* how, LoopWake wake) {
  fmt::print("\nBetween cores, woken {}\n", how);
  Cores cores{{.count = 2, .loop = {.wake = wake, .stall_limit = 1h}}};
  all_cores = &cores;
  mailboxes = std::make_unique<Mailboxes>();
  Status status = cores.start(measure_cores);
  return status.ok() ? cores.join() : status;
}

}  // namespace

/// `runtime-bench cores`: only what goes between cores.
int main(int count, char** words) {
  bool only_cores = count > 1 && std::string_view(words[1]) == "cores";
  fmt::print("{:<58}{:>10}\n", "", "ns");
  if (!only_cores) {
    if (int failed = run(measure_here(), loop_options)) return failed;
    if (int failed = run(measure_reads("read 4 KiB of a cached file, 64 in flight"))) return failed;
    if (int failed =
            run(measure_reads("  the same with threads instead of the ring"), {.driver = LoopDriver::epoll}))
      return failed;
  }
  Status status = measure_wake("by an eventfd", LoopWake::eventfd);
  if (status.ok()) status = measure_wake("by a message from ring to ring, at once", LoopWake::ring);
  if (status.ok())
    status = measure_wake("by a message from ring to ring, at the turn's end", LoopWake::ring_at_turn_end);
  if (!status.ok()) fmt::print(stderr, "{}\n", status.to_string());
  return status.ok() ? 0 : 1;
}
