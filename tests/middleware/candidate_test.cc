#include <cmath>

#include <weft/middleware/balance.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

constexpr double ms = 1e6;

Candidate candidate() { return {Endpoint{}, 10s, 100ms}; }

}  // namespace

WEFT_TEST("the load is the latency times the calls that would share it") {
  Candidate one = candidate();
  Instant began = now();
  one.call_began();
  co_await sleep(20ms);
  one.learn(began, Status{});
  double latency = static_cast<double>((now() - began).count());
  CHECK(one.load(now()) == 2 * latency);
  one.call_ended();
  CHECK(one.load(now()) == latency);
}

WEFT_TEST("a failure counts as a slow answer, and as twice the usual where that is slower") {
  Candidate one = candidate();
  one.learn(now(), unavailable("refused"));
  CHECK(one.load(now()) == 100 * ms);
  co_await sleep(1ms);
  one.learn(now(), unavailable("refused"));
  CHECK(one.load(now()) == doctest::Approx(200 * ms).epsilon(0.01));
}

WEFT_TEST("calls that were in flight when an endpoint failed count as one failure") {
  Candidate one = candidate();
  Instant began = now();
  co_await sleep(5ms);
  for (int i = 0; i < 1000; ++i) one.learn(began, unavailable("connection lost"));
  CHECK(one.load(now()) == 100 * ms);
}

WEFT_TEST("failures that double the cost for ever stop at half a minute") {
  Candidate one = candidate();
  for (int i = 0; i < 100; ++i) {
    one.learn(now(), unavailable("refused"));
    co_await sleep(1ms);
  }
  CHECK(one.load(now()) <= 30'000 * ms);
  CHECK(one.load(now()) > 29'000 * ms);
}

WEFT_TEST("a call that was given up says that it would have taken longer, and nothing else") {
  Candidate one = candidate();
  Instant began = now();
  co_await sleep(20ms);
  one.learn(began, Status{});
  double before = one.load(now());
  one.learn(now(), cancelled());
  CHECK(one.load(now()) == before);
  began = now();
  co_await sleep(50ms);
  one.learn(began, deadline_exceeded());
  CHECK(one.load(now()) >= 50 * ms);
  CHECK(one.load(now()) < 60 * ms);
}

WEFT_TEST("a failure of this process teaches nothing about an endpoint") {
  Candidate one = candidate();
  one.learn(now(), resource_exhausted("no file descriptor").with(Reach::never_sent));
  CHECK(one.load(now()) == 0);
  one.learn(now(), resource_exhausted("overloaded").with(Reach::answered));
  CHECK(one.load(now()) == 100 * ms);
  co_return;
}

WEFT_TEST("a peak is believed at once and forgotten slowly") {
  PeakEwma latency{10s};
  latency.observe(1000, now());
  CHECK(latency.value(now()) == 1000);
  latency.observe(9000, now());
  CHECK(latency.value(now()) == 9000);
  latency.observe(1000, now());
  CHECK(latency.value(now()) == 9000);
  co_await sleep(10s);
  CHECK(latency.value(now()) == doctest::Approx(9000 * std::exp(-1)).epsilon(0.01));
  latency.observe(1000, now());
  CHECK(latency.value(now()) ==
        doctest::Approx(9000 * std::exp(-1) + 1000 * (1 - std::exp(-1))).epsilon(0.01));
  latency.observe_at_least(10, now());
  CHECK(latency.value(now()) > 3000);
}
