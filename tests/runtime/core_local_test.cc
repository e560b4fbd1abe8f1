#include <memory>

#include <weft/runtime/core_local.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

struct Count {
  int value = 0;
};
CoreLocal<Count> count;
CoreLocal<std::shared_ptr<int>> shared;

Task<int> add(int amount) { co_return count->value += amount; }

Task<void> add_on_each(std::vector<int>* sums) {
  for (unsigned core = 0; core < core_count(); ++core) {
    co_await on(core, add, 1);
    (*sums)[core] = co_await on(core, add, static_cast<int>(core));
  }
}

Task<void> share(std::shared_ptr<int> object) {
  *shared = std::move(object);
  co_return;
}

}  // namespace

WEFT_TEST("a core-local object is made when first used, and stays") {
  CHECK(count->value == 0);
  count->value = 7;
  co_await sleep(1ms);
  CHECK(count->value == 7);
}

TEST_CASE("each core has its own, on its loop") {
  if (test::wants_cancellation()) return;
  std::vector<int> sums(3);
  Cores cores{{.count = 3, .pin = false}};
  auto main = [&sums](unsigned core) -> Task<void> {
    return core == 0 ? add_on_each(&sums) : scoped([](Scope&) -> Task<void> { co_return; });
  };
  REQUIRE(cores.start(main).ok());
  CHECK(cores.join().ok());
  CHECK(sums == std::vector<int>{1, 2, 3});
}

TEST_CASE("it dies with its loop, after the last task") {
  auto object = std::make_shared<int>(1);
  CHECK(simulate(share(object)));
  CHECK(object.use_count() == 1);
}
