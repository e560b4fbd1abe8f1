#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include <weft/runtime/capabilities.h>
#include <weft/runtime/log.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"
#include "forbidden_uring.h"

using namespace weft;
using test::where_io_uring_fails;
using State = Capability::State;

namespace {

Capability find(const Capabilities& capabilities, std::string_view name) {
  for (const Capability& each : capabilities.list)
    if (each.name == name) return each;
  FAIL("no capability ", name);
  return {};
}

Capabilities on(LoopDriver driver) {
  auto loop = Loop::create({.driver = driver, .stall_limit = {}});
  return loop ? capabilities() : Capabilities{};
}

void say(int to, const std::string& text) {
  [[maybe_unused]] auto written = write(to, text.data(), text.size());
}

}  // namespace

TEST_CASE("a loop on io_uring uses what its ring was given, and the rest says why not") {
  Capabilities found = on(LoopDriver::io_uring);
  if (found.driver.empty()) return;  // refused here
  CHECK(found.driver == "io_uring");
  CHECK(found.reason == "LoopOptions::driver says so");
  for (std::string_view name : {"io_uring", "buffer rings", "multishot accept"}) {
    INFO(name);
    CHECK(find(found, name).state == State::used);
  }
  // Each older than the other on the ladder by which rings are set up.
  Capability deferred = find(found, "deferred task work"), cooperative = find(found, "cooperative task work");
  CHECK((deferred.state == State::used) == (find(found, "single issuer").state == State::used));
  CHECK((deferred.state == State::missing || cooperative.state == State::unused));
  CHECK(find(found, "epoll_pwait2").state != State::used);
  for (const Capability& each : found.list) {
    INFO(each.name);
    CHECK(each.note.empty() == (each.state == State::used));
  }
}

TEST_CASE("what a loop was told to use is used where the kernel has it") {
  State by_default = State::missing, chosen = State::missing;
  {
    auto loop = Loop::create({.driver = LoopDriver::io_uring, .stall_limit = {}});
    if (!loop) return;  // refused here
    by_default = find(capabilities(), "messages between rings").state;
  }
  auto loop = Loop::create({.driver = LoopDriver::io_uring, .wake = LoopWake::ring, .stall_limit = {}});
  chosen = find(capabilities(), "messages between rings").state;
  CHECK(by_default != State::used);
  CHECK((chosen == State::used) == (by_default == State::unused));
}

TEST_CASE("a loop on epoll uses nothing of io_uring, and what is there is told") {
  Capabilities ring = on(LoopDriver::io_uring), found = on(LoopDriver::epoll);
  CHECK(found.driver == "epoll");
  CHECK(find(found, "multishot accept").state != State::used);
  CHECK(find(found, "epoll_pwait2").state != State::unused);
  if (ring.driver.empty()) return;
  Capability uring = find(found, "io_uring");
  CHECK(uring.state == State::unused);
  CHECK(uring.note == "the loop runs on epoll");
  for (const Capability& each : ring.list)  // what the kernel has does not depend on the loop
    CHECK((each.state == State::missing) == (find(found, each.name).state == State::missing));
}

WEFT_TEST("a simulated loop uses nothing of the kernel's") {
  co_await sleep(1ms);
  Capabilities found = capabilities();
  CHECK(found.driver == "simulation");
  for (const Capability& each : found.list) CHECK(each.state != State::used);
}

TEST_CASE("a thread without a loop is told of the one that it would get") {
  Capabilities found = capabilities();
  CHECK((found.driver == "io_uring" || found.driver == "epoll"));
  CHECK(!found.kernel.empty());
  CHECK(found.open_files.now > 0);
  CHECK(found.open_files.now <= found.open_files.may_be_raised_to);
}

TEST_CASE("where io_uring is refused, the report says by what, and that everything of it is missing") {
  std::string text = where_io_uring_fails(EPERM, [](int to) {
    set_log_hook(nullptr);
    auto loop = Loop::create({.stall_limit = {}});
    if (loop) say(to, describe_capabilities());
  });
  INFO(text);
  CHECK(text.find(": loops run on epoll (io_uring is not available: ") != text.npos);
  CHECK(text.find("\nio_uring: missing: io_uring is not available: ") != text.npos);
  CHECK(text.find("\nmultishot receive: missing: there is no io_uring\n") != text.npos);
  CHECK(text.find(": used") != text.npos);  // epoll_pwait2
}

TEST_CASE("WEFT_REPORT=1 logs the report once, when the first loop starts") {
  std::string text = where_io_uring_fails(ENOSYS, [](int to) {
    static int log_to;
    static int lines;
    log_to = to;
    setenv("WEFT_REPORT", "1", 1);
    set_log_hook([](LogLevel, std::string_view line) {
      ++lines;
      say(log_to, std::string(line) + "\n");
    });
    {
      auto first = Loop::create({.stall_limit = {}});
    }
    int before = lines;
    {
      auto second = Loop::create({.stall_limit = {}});
    }
    say(to, before == lines ? "once\n" : "again\n");
  });
  INFO(text);
  CHECK(text.find("Linux ") != text.npos);
  CHECK(text.find("\nopen files: ") != text.npos);
  CHECK(text.ends_with("once\n"));
}
