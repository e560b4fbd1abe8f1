#include <weft/runtime/queue.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {
Task<void> count_after(Duration wait, int* count) {
  co_await sleep(wait);
  ++*count;
}
Task<void> fail_after(Duration wait) {
  co_await sleep(wait);
  co_await data_loss("child");
}
Task<int> spawn_three(Scope& scope, int* count) {
  scope.spawn(count_after(3ms, count));
  scope.spawn(count_after, 1ms, count);
  scope.spawn(count_after(2ms, count));
  co_return 5;
}
Task<void> body_waits(Scope& scope) {
  scope.spawn(fail_after(2ms));
  co_await sleep(1h);
}
Task<void> body_fails(Scope& scope, int* count) {
  scope.spawn(count_after(1h, count));
  co_await invalid_argument("body");
}
Task<void> produce(Queue<int>* queue, int count) {
  for (int i = 0; i < count; ++i) co_await queue->push(i);
  queue->close();
}
Task<void> lock_and_note(Mutex* mutex, std::vector<int>* order, int id) {
  auto lock = co_await mutex->lock();
  order->push_back(id);
  co_await sleep(1ms);
  order->push_back(id);
}
}  // namespace

WEFT_TEST("a scope waits for what was spawned in it") {
  int count = 0;
  int value = co_await scoped(spawn_three, &count);
  CHECK(value == 5);
  CHECK(count == 3);
}

WEFT_TEST("the body of a scope may capture, as it lives until everything in it has ended") {
  int count = 0;
  auto body = [count_of = &count, text = std::string(100, 'x')](Scope& scope) -> Task<std::size_t> {
    scope.spawn(count_after, 2s, count_of);
    co_await sleep(1s);
    co_return text.size();
  };
  std::size_t size = co_await scoped(std::move(body));
  CHECK(size == 100);
  CHECK(count == 1);
}

WEFT_TEST("a member function is spawned with its object") {
  struct Counter {
    int count = 0;
    Task<void> add(int number) {
      co_await sleep(1s);
      count += number;
    }
  } counter;
  Scope scope = co_await Scope::open();
  scope.spawn(&Counter::add, &counter, 5);
  co_await scope.join();
  CHECK(counter.count == 5);
}

WEFT_TEST("a failed child cancels the body, and its failure is the result") {
  auto result = co_await attempt(scoped(body_waits));
  CHECK(result.status() == data_loss("child"));
}

WEFT_TEST("a failed body cancels the children") {
  int count = 0;
  auto result = co_await attempt(scoped(body_fails, &count));
  CHECK(result.status() == invalid_argument("body"));
  CHECK(count == 0);
}

WEFT_TEST("a coroutine that fails ends after the tasks of the scopes that it opened") {
  struct Body {
    static Task<void> clean_up_slowly(std::string* steps) {
      auto slept = co_await attempt(sleep(1h));
      co_await shield(sleep(1s));
      *steps += slept ? "slept " : "cleaned ";
    }
    static Task<void> fail_with_tasks(std::string* steps) {
      Scope outer = co_await Scope::open();
      outer.spawn(clean_up_slowly(steps));
      Scope inner = co_await Scope::open();
      inner.spawn(clean_up_slowly(steps));
      {
        Scope done = co_await Scope::open();
      }
      co_await sleep(1ms);
      co_await invalid_argument("enough");
    }
  };
  std::string steps;
  Instant start = now();
  auto failed = co_await attempt(Body::fail_with_tasks(&steps));
  CHECK(failed.status() == invalid_argument("enough"));
  CHECK(steps == "cleaned cleaned ");
  CHECK(now() - start >= 1s + 1ms);
  CHECK(now() - start < 1s + 5ms);
}

WEFT_TEST("a coroutine that is cancelled while it opens, spawns or joins ends after its tasks") {
  struct Body {
    static Task<void> spawn_and_join(int* ended) {
      Scope scope = co_await Scope::open();
      for (int i = 0; i < 3; ++i) scope.spawn(count_after(1s, ended));
      co_await scope.idle();
    }
  };
  int ended = 0;
  auto late = co_await attempt(within(10ms, Body::spawn_and_join(&ended)));
  CHECK(late.status().code() == Code::deadline_exceeded);
  CHECK(ended == 0);
  co_await within(2s, Body::spawn_and_join(&ended));
  CHECK(ended == 3);
}

WEFT_TEST("a full scope refuses and drops the task") {
  int count = 0;
  ScopeOptions scope_options{.tasks_max = 1};
  Scope scope = co_await Scope::open(scope_options);
  CHECK(scope.spawn(count_after(1ms, &count)));
  CHECK(!scope.spawn(count_after(1ms, &count)));
  co_await scope.join();
  CHECK(count == 1);
}

WEFT_TEST("a queue hands everything over, in order, and never holds more than its bound") {
  Queue<int> queue{4};
  Scope scope = co_await Scope::open();
  scope.spawn(produce(&queue, 100));
  int expected = 0;
  for (;;) {
    auto element = co_await queue.pop();
    if (!element) break;
    CHECK(*element == expected++);
    CHECK(queue.size() <= 4);
  }
  CHECK(expected == 100);
  co_await scope.join();
}

WEFT_TEST("a mutex is handed over in order, and a cancelled waiter leaves the line") {
  Mutex mutex;
  std::vector<int> order;
  ScopeOptions scope_options{.keep_going = true};
  Scope scope = co_await Scope::open(scope_options);
  scope.spawn(lock_and_note(&mutex, &order, 1));
  auto impatient = co_await attempt(within(100us, lock_and_note(&mutex, &order, 9)));
  CHECK(!impatient);
  scope.spawn(lock_and_note(&mutex, &order, 2));
  scope.spawn(lock_and_note(&mutex, &order, 3));
  co_await scope.join();
  CHECK(order == std::vector<int>{1, 1, 2, 2, 3, 3});
  CHECK(!mutex.is_locked());
}

WEFT_TEST("yield lets the others run") {
  struct Body {
    static Task<void> run(std::vector<int>* order, int id) {
      for (int i = 0; i < 3; ++i) {
        order->push_back(id);
        co_await yield();
      }
    }
  };
  std::vector<int> order;
  co_await all(Body::run(&order, 1), Body::run(&order, 2));
  CHECK(order == std::vector<int>{1, 2, 1, 2, 1, 2});
}
