#include <csignal>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>

#include <weft/runtime/run.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/tasks.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

Task<void> wait_for(Event* event) { co_await event->wait(); }
Task<void> wait_deeply(Event* event) { co_await wait_for(event); }

bool stands_in(const std::source_location& place, std::string_view function) {
  return std::string_view(place.function_name()).find(function) != std::string_view::npos;
}

}  // namespace

WEFT_TEST("every waiting task is listed with its await path and how long it has waited") {
  Event event;
  Scope scope = co_await Scope::open();
  scope.spawn(wait_deeply(&event));
  co_await sleep(1s);
  scope.spawn(wait_for(&event));
  co_await sleep(1s);
  std::vector<WaitingTask> list = tasks();
  REQUIRE(list.size() == 2);
  const WaitingTask &late = list[0], &early = list[1];
  REQUIRE(early.path.size() == 2);
  CHECK(stands_in(early.path[0], "wait_for"));
  CHECK(stands_in(early.path[1], "wait_deeply"));
  CHECK(early.waiting >= 2s);
  CHECK(early.waiting < 2100ms);
  REQUIRE(late.path.size() == 1);
  CHECK(stands_in(late.path[0], "wait_for"));
  CHECK(late.on == "Event::Wait");
  CHECK(late.waiting < 1100ms);
  event.set();
  co_await scope.join();
  CHECK(tasks().empty());
}

WEFT_TEST("tasks that others wait for are one deeper than those") {
  struct Body {
    static Task<void> look(std::string* text) {
      co_await sleep(1ms);
      *text = describe_tasks();
    }
  };
  Event never;
  std::string text;
  Scope scope = co_await Scope::open();
  scope.spawn(within(1h, wait_for(&never)));
  co_await within(1h, Body::look(&text));
  INFO(text);
  // The outer task and the one that it looks by; the spawned one and that which it waits for.
  CHECK(text.starts_with("3 tasks waiting\ntask, for 0.0"));
  CHECK(text.find("\n    task, for 0.0") != text.npos);
  CHECK(text.find(" s in Join\n") != text.npos);
  CHECK(text.find(" s in Event::Wait\n") != text.npos);
  CHECK(text.find("wait_for") != text.npos);
  CHECK(text.find("tasks_test.cc:") != text.npos);
  scope.cancel();
  co_await scope.join();
}

TEST_CASE("SIGQUIT prints the waiting tasks of a program, which goes on") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    struct Body {
      static Task<int> ask_and_go_on() {
        raise(SIGQUIT);
        co_await sleep(10ms);
        raise(SIGQUIT);
        co_await sleep(20ms);
        co_return 7;
      }
    };
    _exit(run(Body::ask_and_go_on(), {.stall_limit = {}}));  // which may be slow here, and would be told
  }
  close(ends[1]);
  std::string text;
  char part[512];
  for (ssize_t got; (got = read(ends[0], part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  INFO(text);
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(text.starts_with("weft core 0: 1 task waiting\ntask, for 0."));
  CHECK(text.find("ask_and_go_on") != text.npos);
  CHECK(text.find("weft core 0:", 10) != text.npos);
}
