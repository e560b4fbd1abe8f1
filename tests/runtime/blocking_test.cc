#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>

#include <weft/runtime/blocking.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

std::string repeat(std::string text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}
Result<int> refuse() { return not_found("nothing there"); }
Status refuse_plainly() { return permission_denied("no"); }
void leave_by_exception() { throw std::runtime_error("out"); }
std::thread::id which_thread() { return std::this_thread::get_id(); }

/// Lets the test decide how long work takes.
struct Gate {
  std::atomic<bool> started{false}, open{false}, passed{false};
};
void pass(std::shared_ptr<Gate> gate) {
  gate->started = true;
  while (!gate->open) usleep(100);
  gate->passed = true;
}
Task<void> until(std::atomic<bool>* flag) {
  while (!*flag) co_await sleep(1ms);
}

}  // namespace

WEFT_MACHINE_TEST(
    "blocking work runs on another thread and brings back its value, its failure or its exception") {
  std::string text = co_await blocking(repeat, std::string("ab"), 3);
  CHECK(text == "ababab");
  auto refused = co_await attempt(blocking(refuse));
  CHECK(refused.status() == not_found("nothing there"));
  auto plainly = co_await attempt(blocking(refuse_plainly));
  CHECK(plainly.status() == permission_denied("no"));
  auto thrown = co_await attempt(blocking(leave_by_exception));
  CHECK(thrown.status() == internal("exception: out"));
  std::thread::id other = co_await blocking(which_thread);
  CHECK(other != std::this_thread::get_id());
}

WEFT_MACHINE_TEST("the loop goes on while work blocks") {
  auto gate = std::make_shared<Gate>();
  Scope scope = co_await Scope::open();
  scope.spawn(blocking(pass, gate));
  co_await until(&gate->started);
  CHECK(!gate->passed);
  gate->open = true;
  co_await scope.join();
  CHECK(gate->passed);
}

WEFT_MACHINE_TEST("whoever waits for blocking work and is cancelled goes on at once, the work to its end") {
  auto gate = std::make_shared<Gate>();
  auto late = co_await attempt(within(20ms, blocking(pass, gate)));
  CHECK(late.status().code() == Code::deadline_exceeded);
  CHECK(gate->started);
  gate->open = true;
  co_await until(&gate->passed);
}

WEFT_MACHINE_TEST(
    "work beyond the bound of the queue is refused, and what is cancelled in the queue never runs") {
  set_blocking_options({.threads_max = 1, .queued_max = 1});
  auto busy = std::make_shared<Gate>(), queued = std::make_shared<Gate>();
  Scope scope = co_await Scope::open();
  scope.spawn(blocking(pass, busy));
  co_await until(&busy->started);
  Scope waiting = co_await Scope::open();
  waiting.spawn(blocking(pass, queued));
  auto refused = co_await attempt(blocking(refuse));
  CHECK(refused.status().code() == Code::resource_exhausted);
  waiting.cancel();
  co_await waiting.join();
  busy->open = true;
  co_await scope.join();
  set_blocking_options({});
  auto after = co_await attempt(blocking(refuse));
  CHECK(after.status() == not_found("nothing there"));
  CHECK(!queued->started);
}

WEFT_MACHINE_TEST("a thousand pieces of work all come back") {
  struct Body {
    static Task<void> add_one(int* sum) {
      *sum += co_await blocking([] { return 1; });
    }
  };
  int sum = 0;
  Scope scope = co_await Scope::open();
  for (int i = 0; i < 1000; ++i) scope.spawn(Body::add_one(&sum));
  co_await scope.join();
  CHECK(sum == 1000);
}

WEFT_TEST("in virtual time blocking work runs in place") {
  std::thread::id same = co_await blocking(which_thread);
  CHECK(same == std::this_thread::get_id());
}
