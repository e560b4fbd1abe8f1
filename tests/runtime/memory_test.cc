#include <cstdint>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

#include <weft/runtime/bytes.h>
#include <weft/runtime/memory.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

Task<void> nothing() { co_return; }

MemoryCounters::Blocks blocks_of(std::size_t bytes_max) {
  for (const MemoryCounters::Blocks& blocks : memory_counters().blocks)
    if (blocks.bytes_max == bytes_max) return blocks;
  return {};
}

}  // namespace

TEST_CASE("a frame is live as long as its task, and then serves another one") {
  MemoryCounters::Frames before = memory_counters().frames;
  {
    Task<void> one = nothing(), other = nothing();
    MemoryCounters::Frames during = memory_counters().frames;
    CHECK(during.live == before.live + 2);
    CHECK(during.from_malloc + during.recycled == before.from_malloc + before.recycled + 2);
  }
  MemoryCounters::Frames after = memory_counters().frames;
  CHECK(after.live == before.live);
#ifndef WEFT_TEST_FINDS_LEAKS  // where memory is not recycled
  CHECK(after.kept >= 2);
  CHECK(after.kept_bytes >= 2 * sizeof(detail::Promise<void>));
  Task<void> next = nothing();
  MemoryCounters::Frames then = memory_counters().frames;
  CHECK(then.recycled == after.recycled + 1);
  CHECK(then.kept == after.kept - 1);
  CHECK(then.from_malloc == after.from_malloc);
#endif
}

TEST_CASE("blocks are counted by their size") {
  struct Case {
    std::size_t capacity, block;
  };
  for (Case each : {Case{1, 64}, Case{100, 128}, Case{5000, 8192}, Case{70'000, 81'920},
                    Case{900'000, 917'504}, Case{3 << 20, SIZE_MAX}}) {
    INFO(each.capacity);
    MemoryCounters::Blocks before = blocks_of(each.block);
    {
      Buffer buffer{each.capacity};
      Bytes part = buffer.share(0, 1);
      MemoryCounters::Blocks during = blocks_of(each.block);
      CHECK(during.live == before.live + 1);
      // It was a kept one, or came from malloc.
      CHECK(during.from_malloc - before.from_malloc + before.kept - during.kept == 1);
    }
    CHECK(blocks_of(each.block).live == before.live);
  }
}

TEST_CASE("memory that another thread frees is missing there, and the sum is right") {
  std::int64_t before = blocks_of(32'768).live, there = 0;
  Buffer buffer{20'000};
  std::thread([&there, bytes = buffer.freeze(10)]() mutable {
    bytes = {};
    there = blocks_of(32'768).live;
  }).join();
  CHECK(there == -1);
  CHECK(blocks_of(32'768).live == before + 1);
}

WEFT_MACHINE_TEST("received bytes hold a buffer of the loop until they are dropped") {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  Socket left = Socket::adopt(ends[0]), right = Socket::adopt(ends[1]);
  left.write(std::string(10'000, 'x'));
  Bytes received = co_await right.receive();
  MemoryCounters::Receive holding = memory_counters().receive;
  CHECK(holding.in_use == (holding.buffers ? 1 : 0));  // epoll has none
  received = {};
  co_await sleep(5ms);
  CHECK(memory_counters().receive.in_use == 0);
}

TEST_CASE("pieces that had to be copied, and sockets that had to wait for a buffer, are counted") {
  auto loop = Loop::create({.receive_buffers = 4, .receive_buffer_size = 4096});
  REQUIRE(loop);
  struct Body {
    static Task<void> take_all(int descriptor, std::size_t size) {
      Socket socket = Socket::adopt(descriptor);
      std::vector<Bytes> kept;
      for (std::size_t got = 0; got < size; got += kept.back().size())
        kept.push_back(co_await socket.receive());
      MemoryCounters::Receive counters = memory_counters().receive;
      if (counters.buffers == 0) co_return;  // epoll
      CHECK(counters.buffers == 4);
      CHECK(counters.in_use <= 4);
      CHECK(counters.copied > 0);
      CHECK(counters.starved > 0);
      CHECK(describe_memory().find(fmt::format("sockets starved {} times", counters.starved)) !=
            std::string::npos);
    }
  };
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  std::string text(60'000, 'x');
  REQUIRE(write(ends[0], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  test::report((*loop)->run(within(20s, Body::take_all(ends[1], text.size()))));
  close(ends[0]);
}
