#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/stream.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

Stream<int> count_to(int end, Duration every = {}) {
  for (int n = 1; n <= end; ++n) {
    if (every > Duration::zero()) co_await sleep(every);
    co_yield n;
  }
}
Stream<std::unique_ptr<int>> owned(int end) {
  for (int n = 1; n <= end; ++n) co_yield std::make_unique<int>(n);
}
Stream<int> fail_after_two() {
  co_yield 1;
  co_yield 2;
  co_await data_loss("no more");
  co_yield 3;
}
Stream<int> throw_after_one() {
  co_yield 1;
  throw std::runtime_error("thrown");
}
Stream<int> doubled(Stream<int> numbers) {
  while (auto number = co_await numbers.next()) co_yield *number * 2;
}

struct NoteEnd {
  bool* ended;
  ~NoteEnd() { *ended = true; }
};
Stream<int> note_steps(int* steps, bool* ended) {
  NoteEnd end{ended};
  for (;;) {
    ++*steps;
    co_yield *steps;
  }
}
Task<std::vector<int>> collect(Stream<int> stream) {
  std::vector<int> all;
  while (auto value = co_await stream.next()) all.push_back(*value);
  co_return all;
}

}  // namespace

WEFT_TEST("a stream yields its values in order and then nothing, again and again") {
  Stream<int> stream = count_to(2);
  CHECK(!stream.is_over());
  CHECK(co_await stream.next() == 1);
  CHECK(co_await stream.next() == 2);
  CHECK(co_await stream.next() == std::nullopt);
  CHECK(co_await stream.next() == std::nullopt);
  CHECK(stream.is_over());
  Stream<int> none;
  CHECK(co_await none.next() == std::nullopt);
}

WEFT_TEST("a stream may wait between its values") {
  Instant start = now();
  std::vector<int> all = co_await collect(count_to(3, 1s));
  CHECK(all == std::vector<int>{1, 2, 3});
  CHECK(now() - start >= 3s);
}

WEFT_TEST("values are handed over without being copied") {
  Stream<std::unique_ptr<int>> stream = owned(3);
  int sum = 0;
  while (auto value = co_await stream.next()) sum += **value;
  CHECK(sum == 6);
}

WEFT_TEST("a stream takes no step that nobody asked for, and dropping it ends what its coroutine holds") {
  int steps = 0;
  bool ended = false;
  {
    Stream<int> stream = note_steps(&steps, &ended);
    CHECK(steps == 0);
    auto first = co_await stream.next();
    CHECK(first == 1);
    co_await sleep(1h);
    CHECK(steps == 1);
    CHECK(!ended);
  }
  CHECK(ended);
}

WEFT_TEST("a failure ends a stream after the values before it") {
  Stream<int> stream = fail_after_two();
  CHECK(co_await stream.next() == 1);
  CHECK(co_await stream.next() == 2);
  auto failed = co_await attempt(stream.next());
  CHECK(failed.status() == data_loss("no more"));
  CHECK(stream.is_over());
  CHECK(co_await stream.next() == std::nullopt);
  Stream<int> throwing = throw_after_one();
  CHECK(co_await throwing.next() == 1);
  auto thrown = co_await attempt(throwing.next());
  CHECK(thrown.status() == internal("exception: thrown"));
}

WEFT_TEST("a deadline around a value that comes too late ends the stream") {
  Stream<int> stream = count_to(3, 1h);
  auto late = co_await attempt(within(1s, stream.next()));
  CHECK(late.status().code() == Code::deadline_exceeded);
  CHECK(stream.is_over());
  Stream<int> slow = count_to(3, 1s);
  for (int n = 1; n <= 3; ++n) CHECK(co_await within(2s, slow.next()) == n);
}

WEFT_TEST("streams are made of streams") {
  std::vector<int> all = co_await collect(doubled(doubled(count_to(3, 1ms))));
  CHECK(all == std::vector<int>{4, 8, 12});
}

WEFT_TEST("a million values need no more stack than one") {
  Stream<int> stream = doubled(count_to(1'000'000));
  std::int64_t sum = 0;
  while (auto value = co_await stream.next()) sum += *value;
  CHECK(sum == 1'000'001'000'000);
}
