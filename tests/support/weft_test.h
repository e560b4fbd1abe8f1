// WEFT_TEST("a sentence") { ...co_await... }: a test whose body is a coroutine, on a loop in virtual time.
// WEFT_IO_TEST("a sentence"): the same on a real loop, for tests that need sockets; it is cancelled after 20
// seconds.
// WEFT_MACHINE_TEST("a sentence"): the same for what a simulation does not have: threads, devices,
// permissions. All run again with cancellation at each suspension where cancellation.h is asked to.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

#include <doctest/doctest.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/sim.h>

#include "cancellation.h"

namespace weft::test {

inline void report(const Result<void>& result) {
  if (!result) FAIL_CHECK(result.status().to_string(true));
}

inline void run_simulated(Task<void> body) { report(simulate(std::move(body))); }

inline bool wants_simulation() {
  const char* driver = std::getenv("WEFT_DRIVER");
  return driver && std::string_view(driver) == "simulated";
}

/// On the driver that WEFT_DRIVER names; "simulated": on a host of a simulation, over its loopback.
inline void run_io(Task<void> body) {
  if (wants_simulation()) {
    Simulation simulation;
    return report(simulation.run(within(std::chrono::seconds(20), std::move(body))));
  }
  auto loop = Loop::create();
  REQUIRE_MESSAGE(loop, loop.status().to_string());
  report((*loop)->run(within(std::chrono::seconds(20), std::move(body))));
}

/// "unix:" and what no other process listens on: tests run side by side.
inline std::string unix_address(const char* prefix) {
  return "unix:" + std::string(prefix) + "-" + std::to_string(getpid());
}

}  // namespace weft::test

#define WEFT_TEST_BODY(name, sentence, runner)        \
  static ::weft::Task<void> name();                   \
  TEST_CASE(sentence) {                               \
    if (::weft::test::wants_cancellation())           \
      ::weft::test::cancel_everywhere(&name, runner); \
    else                                              \
      runner(name());                                 \
  }                                                   \
  static ::weft::Task<void> name()

#define WEFT_TEST(sentence) \
  WEFT_TEST_BODY(DOCTEST_ANONYMOUS(weft_test_), sentence, ::weft::test::run_simulated)
#define WEFT_IO_TEST(sentence) WEFT_TEST_BODY(DOCTEST_ANONYMOUS(weft_test_), sentence, ::weft::test::run_io)
#define WEFT_MACHINE_TEST(sentence)                                                         \
  WEFT_TEST_BODY(DOCTEST_ANONYMOUS(weft_test_), sentence* ::doctest::test_suite("machine"), \
                 ::weft::test::run_io)
