#include <random>

#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {
Task<void> sleep_exactly(Duration wait) {
  Instant start = now();
  co_await sleep(wait);
  Duration took = now() - start;
  CHECK(took >= wait);
  CHECK(took < wait + 3ms);
}
}  // namespace

WEFT_TEST("timers of every distance fire in time, however many there are") {
  std::mt19937_64 random{7};
  std::vector<Task<void>> sleeps;
  for (int i = 0; i < 3000; ++i) {
    int bits = static_cast<int>(random() % 50);
    sleeps.push_back(sleep_exactly(Duration(static_cast<std::int64_t>(random() & ((1ull << bits) - 1)))));
  }
  co_await all(std::move(sleeps));
}

WEFT_TEST("a sleep of years ends in virtual time") { co_await sleep_exactly(24h * 365 * 3); }
