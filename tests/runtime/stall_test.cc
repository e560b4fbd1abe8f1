#include <csignal>
#include <mutex>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include <weft/runtime/log.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

#if defined(__SANITIZE_THREAD__)
#define WEFT_TEST_FINDS_RACES 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEFT_TEST_FINDS_RACES 1
#endif
#endif

using namespace weft;

namespace {

/// What is logged while it lives, by any thread.
class Logged {
 public:
  Logged() : before_(set_log_hook(&take)) {
    std::lock_guard lock{mutex_};
    text_.clear();
  }
  ~Logged() { set_log_hook(before_); }
  static std::string text() {
    std::lock_guard lock{mutex_};
    return text_;
  }
  /// Whether that is logged while this thread does nothing else.
  [[gnu::noinline]] static bool hang_until(std::string_view what) {
    for (int patience = 20'000; patience && text().find(what) == std::string::npos; --patience) usleep(1000);
    return text().find(what) != std::string::npos;
  }

 private:
  static void take(LogLevel, std::string_view line) {
    std::lock_guard lock{mutex_};
    text_ += fmt::format("{}\n", line);
  }
  LogHook before_;
  static inline std::mutex mutex_;
  static inline std::string text_;
};

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; ++at) ++found;
  return found;
}

void run_here(Task<void> task, Duration limit) {
  auto loop = Loop::create({.stall_limit = limit});
  REQUIRE(loop);
  test::report((*loop)->run(within(30s, std::move(task))));
}

Task<void> hang_after_sleeping(bool* told) {
  co_await sleep(1ms);
  *told = Logged::hang_until("has been running for");
}
Task<void> await_what_hangs(bool* told) { co_await hang_after_sleeping(told); }

}  // namespace

TEST_CASE("a turn that hangs is told with its place while it hangs, and its length when it ended") {
  Logged logged;
  bool told = false;
  run_here(await_what_hangs(&told), 30ms);
  std::string text = logged.text();
  INFO(text);
  CHECK(told);
  CHECK(text.find("core 0: a turn has been running for ") != text.npos);
  CHECK(text.find(" ms, more than 30, in task 1 of it, last at ") != text.npos);
  std::size_t last = text.find("last at "), awaited = text.find("awaited at ");
  REQUIRE(last != text.npos);
  REQUIRE(awaited != text.npos);
  CHECK(text.find("hang_after_sleeping", last) < awaited);
  CHECK(text.find("await_what_hangs", awaited) != text.npos);
  CHECK(count(text, "has been running for") == 1);
  CHECK(count(text, "the turn that ran for too long took ") == 1);
}

TEST_CASE("the stack of what hangs is told, up to the task") {
  Logged logged;
  bool told = false;
  run_here(await_what_hangs(&told), 30ms);
  std::string text = logged.text();
  INFO(text);
  CHECK(text.find("  in ") != text.npos);
  CHECK(count(text, "runtime_test+0x") > 0);
  CHECK(text.find("Logged::hang_until(") != text.npos);
  CHECK(text.find("Loop::turn") == text.npos);
}

TEST_CASE("a spawned task that hangs before it waits for anything is found by the stack") {
  struct Body {
    static Task<void> hang(bool* told) {
      *told = Logged::hang_until("has been running for");
      co_return;
    }
    static Task<void> spawn_it(bool* told) {
      co_await sleep(1ms);
      Scope scope = co_await Scope::open();
      scope.spawn(hang(told));
      co_await scope.join();
    }
  };
  Logged logged;
  bool told = false;
  run_here(Body::spawn_it(&told), 30ms);
  std::string text = logged.text();
  INFO(text);
  CHECK(told);
  CHECK(text.find("Body::hang(") != text.npos);
}

TEST_CASE("what waits, however long, is no stall, nor are many short turns") {
  struct Body {
    static Task<void> wait_and_work() {
      co_await sleep(1200ms);
      for (int i = 0; i < 100; ++i) co_await sleep(1ms);
    }
  };
  Logged logged;
  // Generous, as this thread may have to wait for its CPU.
  run_here(Body::wait_and_work(), 1s);
  CHECK(logged.text() == "");
}

TEST_CASE("a limit of zero finds nothing, and a program's own handler of the signal stays") {
  struct Body {
    static Task<void> hang(std::string_view until, bool* told) {
      *told = until.empty() ? (usleep(100'000), true) : Logged::hang_until(until);
      co_return;
    }
  };
  Logged logged;
  bool told = false;
  run_here(Body::hang("", &told), {});
  CHECK(logged.text() == "");

  struct sigaction before{}, after{};
  auto own = [](int) {};
  struct sigaction ours{};
  ours.sa_handler = own;
  sigaction(SIGURG, &ours, &before);
  run_here(Body::hang("takes no signal", &told), 20ms);
  sigaction(SIGURG, &before, &after);
  CHECK(told);
  CHECK((after.sa_handler == +own));
}

TEST_CASE("what hangs again and again is told ten times a minute") {
  struct Body {
    static Task<void> hang_often() {
      for (int i = 0; i < 15; ++i) {
        usleep(30'000);
        co_await sleep(1ms);
      }
    }
  };
  Logged logged;
  run_here(Body::hang_often(), 10ms);
  std::size_t told = count(logged.text(), " ms, more than 10");
  CHECK(told > 0);
  CHECK(told <= 10);
}

TEST_CASE("loops may come and go on several threads, and the watcher with them") {
  struct Body {
    static void come_and_go() {
      for (int i = 0; i < 300; ++i) {
        auto loop = Loop::create({.driver = LoopDriver::epoll, .stall_limit = 5s});
        CHECK(loop);
      }
    }
  };
  std::thread other(&Body::come_and_go);
  Body::come_and_go();
  other.join();
}

#ifndef WEFT_TEST_FINDS_RACES  // which starts no thread in such a child
TEST_CASE("the child of a fork has its own watcher") {
  bool told = false;
  {
    Logged logged;
    run_here(await_what_hangs(&told), 30ms);
    CHECK(told);
  }
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    Logged logged;
    bool told_there = false;
    auto loop = Loop::create({.stall_limit = 30ms});
    bool ran = loop && (*loop)->run(await_what_hangs(&told_there));
    _exit(ran && told_there ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
}
#endif
