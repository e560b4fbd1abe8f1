#include <weft/runtime/sleep.h>
#include <weft/runtime/sync.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

Task<int> seven() { co_return 7; }
Task<int> missing() { co_return not_found("nothing here"); }
Task<int> through() {
  int value = co_await missing();
  co_return value + 1;
}
Task<int> late(int value, Duration wait) {
  co_await sleep(wait);
  co_return value;
}
Task<int> late_failure(Duration wait) {
  co_await sleep(wait);
  co_return unavailable("late");
}
Task<int> throws() {
  throw std::runtime_error("oops");
  co_return 1;
}
struct Declared {
  int number = 0;
  operator Status() const { return Status::carrying(Code::unknown, "Declared", *this); }
};
Task<int> declared() { co_return Declared{42}; }
Task<void> fails_in_void() { co_await aborted("void"); }

struct Canary {
  int* alive;
  explicit Canary(int* alive) : alive(alive) { ++*alive; }
  Canary(const Canary& other) : alive(other.alive) { ++*alive; }
  ~Canary() { --*alive; }
};
Task<void> holds(Canary canary) {
  Canary another = canary;
  co_await sleep(1h);
}

}  // namespace

WEFT_TEST("awaiting a task gives its value") {
  int value = co_await seven();
  CHECK(value == 7);
}

WEFT_TEST("a failure ends each coroutine it passes and notes where") {
  auto result = co_await attempt(through());
  REQUIRE(!result);
  CHECK(result.status().code() == Code::not_found);
  REQUIRE(result.status().path().size() == 1);
  CHECK(std::string_view(result.status().path()[0].file_name()).ends_with("task_test.cc"));
  CHECK(std::string_view(result.status().path()[0].function_name()).find("through") !=
        std::string_view::npos);
}

WEFT_TEST("a failure that comes late travels up the same way") {
  auto result = co_await attempt(within(1s, late_failure(10ms)));
  REQUIRE(!result);
  CHECK(result.status() == unavailable("late"));
}

WEFT_TEST("an exception that leaves a task becomes internal") {
  auto result = co_await attempt(throws());
  REQUIRE(!result);
  CHECK(result.status() == internal("exception: oops"));
}

WEFT_TEST("what converts to a Status can be returned, and is found again") {
  auto result = co_await attempt(declared());
  REQUIRE(!result);
  REQUIRE(result.status().get_if<Declared>());
  CHECK(result.status().get_if<Declared>()->number == 42);
}

WEFT_TEST("awaiting a failed Status ends a task that returns nothing") {
  auto result = co_await attempt(fails_in_void());
  CHECK(result.status() == aborted("void"));
}

WEFT_TEST("within cancels a task that takes too long and destroys what it held") {
  int alive = 0;
  Instant start = now();
  {
    Canary canary{&alive};
    auto result = co_await attempt(within(50ms, holds(canary)));
    CHECK(result.status().code() == Code::deadline_exceeded);
  }
  CHECK(alive == 0);
  CHECK(now() - start >= 50ms);
  CHECK(now() - start < 60ms);
}

WEFT_TEST("a deadline is inherited, and a later one does not extend it") {
  struct Inner {
    static Task<int> run() { co_return co_await within(1h, late(1, 10min)); }
  };
  Instant start = now();
  auto result = co_await attempt(within(20ms, Inner::run()));
  CHECK(result.status().code() == Code::deadline_exceeded);
  CHECK(now() - start < 30ms);
}

WEFT_TEST("race gives the first success and awaits the cancelled rest") {
  Instant start = now();
  int value = co_await race(late(1, 30s), late(2, 20ms), late_failure(10ms));
  CHECK(value == 2);
  CHECK(now() - start < 30ms);
}

WEFT_TEST("race fails only when all fail") {
  auto result = co_await attempt(race(late_failure(30ms), missing()));
  CHECK(result.status() == unavailable("late"));
}

WEFT_TEST("all runs side by side and keeps the order") {
  Instant start = now();
  auto values = co_await all(late(1, 30ms), late(2, 10ms), seven());
  CHECK(std::get<0>(values) == 1);
  CHECK(std::get<1>(values) == 2);
  CHECK(std::get<2>(values) == 7);
  CHECK(now() - start < 40ms);
}

WEFT_TEST("the first failure of all cancels the others") {
  Instant start = now();
  std::vector<Task<int>> tasks;
  tasks.push_back(late(1, 1h));
  tasks.push_back(late_failure(5ms));
  auto result = co_await attempt(all(std::move(tasks)));
  CHECK(result.status() == unavailable("late"));
  CHECK(now() - start < 10ms);
}

WEFT_TEST("a loop of ready awaits does not grow the stack") {
  int sum = 0;
  for (int i = 0; i < 1'000'000; ++i) sum += co_await seven();
  CHECK(sum == 7'000'000);
}

WEFT_TEST("a cancelled task fails at its next wait and not before") {
  struct Body {
    static Task<void> run(int* steps) {
      auto first = co_await attempt(sleep(1h));
      CHECK(first.status().code() == Code::deadline_exceeded);
      ++*steps;
      co_await seven();
      ++*steps;
      co_await sleep(1ms);
      ++*steps;
    }
  };
  int steps = 0;
  auto result = co_await attempt(within(1ms, Body::run(&steps)));
  CHECK(!result);
  CHECK(steps == 2);
}

WEFT_TEST("shield keeps cancellation away") {
  struct Body {
    static Task<void> run(bool* cleaned) {
      auto first = co_await attempt(sleep(1h));
      (void)first;
      co_await shield(clean(cleaned));
    }
    static Task<void> clean(bool* cleaned) {
      co_await sleep(1s);
      *cleaned = true;
    }
  };
  bool cleaned = false;
  auto result = co_await attempt(within(1ms, Body::run(&cleaned)));
  CHECK(cleaned);
}

TEST_CASE("a task that was never awaited can be dropped") {
  int alive = 0;
  {
    Canary canary{&alive};
    Task<void> task = holds(canary);
  }
  CHECK(alive == 0);
}
