#include <doctest/doctest.h>

#include <weft/middleware/backoff.h>

using namespace weft;

TEST_CASE("the wait grows by the multiplier up to the maximum") {
  Backoff backoff{.initial = 10ms, .multiplier = 2, .max = 65ms, .jitter = 0};
  Random random{1};
  CHECK(backoff.delay(1, random) == 10ms);
  CHECK(backoff.delay(2, random) == 20ms);
  CHECK(backoff.delay(3, random) == 40ms);
  CHECK(backoff.delay(4, random) == 65ms);
  CHECK(backoff.delay(4'000'000'000, random) == 65ms);
}

TEST_CASE("jitter keeps each wait within a fifth, and uses all of it") {
  Backoff backoff{.initial = 100ms};
  Random random{1};
  Duration shortest = 1h, longest = 0ns, sum = 0ns;
  for (int i = 0; i < 10'000; ++i) {
    Duration wait = backoff.delay(1, random);
    shortest = std::min(shortest, wait);
    longest = std::max(longest, wait);
    sum += wait;
  }
  CHECK(shortest >= 80ms);
  CHECK(shortest < 80100us);
  CHECK(longest <= 120ms);
  CHECK(longest > 119900us);
  CHECK(sum / 10'000 > 99ms);
  CHECK(sum / 10'000 < 101ms);
}

TEST_CASE("the same seed gives the same waits") {
  Backoff backoff;
  Random one{7}, two{7}, other{8};
  CHECK(backoff.delay(1, one) == backoff.delay(1, two));
  CHECK(backoff.delay(2, one) != backoff.delay(2, other));
  thread_random() = Random{7};
  Random seven{7};
  CHECK(backoff.delay(1) == backoff.delay(1, seven));
}

TEST_CASE("a random number stays below its bound and meets each one below") {
  Random random{3};
  int seen[5] = {};
  for (int i = 0; i < 5000; ++i) ++seen[random.below(5)];
  for (int count : seen) CHECK(count > 900);
}
