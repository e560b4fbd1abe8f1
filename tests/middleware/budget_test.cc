#include <weft/middleware/budget.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

int withdraw_all(Budget& budget) {
  int taken = 0;
  while (budget.withdraw()) ++taken;
  return taken;
}

}  // namespace

WEFT_TEST("a fresh budget has its reserve: 10 a second for 10 seconds") {
  Budget budget;
  CHECK(withdraw_all(budget) == 100);
  CHECK(budget.available() == 0);
  co_return;
}

WEFT_TEST("five calls earn one retry") {
  Budget budget{{.reserve_per_second = 0}};
  for (int i = 0; i < 4; ++i) budget.deposit();
  CHECK(!budget.withdraw());
  budget.deposit();
  CHECK(budget.withdraw());
  CHECK(!budget.withdraw());
  for (int i = 0; i < 1000; ++i) budget.deposit();
  CHECK(withdraw_all(budget) == 200);
  co_return;
}

WEFT_TEST("what was earned expires after the ttl, and so does what was spent") {
  Budget budget{{.ttl = 10s, .ratio = 0.5, .reserve_per_second = 1}};
  co_await sleep(3s);
  for (int i = 0; i < 10; ++i) budget.deposit();
  CHECK(budget.available() == 15);
  CHECK(withdraw_all(budget) == 15);
  co_await sleep(8900ms);
  CHECK(budget.available() == 0);
  co_await sleep(1200ms);
  CHECK(budget.available() == 10);
}

WEFT_TEST("over any ten seconds of steady traffic a fifth of the calls may be retried") {
  Budget budget{{.reserve_per_second = 0}};
  int calls = 0, retries = 0;
  for (int i = 0; i < 60'000; ++i) {
    budget.deposit();
    ++calls;
    if (budget.withdraw()) ++retries;
    co_await sleep(1ms);
  }
  CHECK(retries > calls / 6);
  CHECK(retries <= calls / 5);
}

WEFT_TEST("a long pause empties the budget to its reserve") {
  Budget budget;
  for (int i = 0; i < 1000; ++i) budget.deposit();
  CHECK(budget.available() == 300);
  co_await sleep(24h);
  CHECK(budget.available() == 100);
}
