#include <weft/runtime/cores.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {
Task<std::string> describe(std::string text) { co_return text + "@" + std::to_string(this_core()); }
Task<int> never() {
  co_await sleep(1h);
  co_return 1;
}
Task<int> refuse() { co_return permission_denied("not here"); }

Task<void> call_around(unsigned) {
  for (int round = 0; round < 200; ++round)
    for (unsigned core = 0; core < core_count(); ++core) {
      std::string text = co_await on(core, describe, std::string("x"));
      CHECK(text == "x@" + std::to_string(core));
    }
  unsigned next = (this_core() + 1) % core_count();
  auto refused = co_await attempt(on(next, refuse));
  CHECK(refused.status() == permission_denied("not here"));
  auto cancelled = co_await attempt(within(2ms, on(next, never)));
  CHECK(cancelled.status().code() == Code::deadline_exceeded);
}
Task<void> wait_for_stop(unsigned) { co_await sleep(1h); }
}  // namespace

TEST_CASE("a function runs on the core it was sent to, and its outcome comes back") {
  Cores cores{{.count = 3}};
  Status started = cores.start(call_around);
  REQUIRE_MESSAGE(started.ok(), started.to_string());
  CHECK(cores.join() == Status{});
}

TEST_CASE("stop cancels every core's main task, from any thread") {
  Cores cores{{.count = 2}};
  REQUIRE(cores.start(wait_for_stop).ok());
  cores.stop();
  CHECK(cores.join() == Status{});
}
