#include <weft/middleware/current_call.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/scope.h>

#include "calls.h"

using namespace weft;
using namespace weft::test;

namespace {

struct Played final : CurrentCall {
  const Method& method() const noexcept override { return get; }
  const Metadata& metadata() const noexcept override { return sent; }
  Address peer() const override { return {}; }
  Metadata& reply_metadata() noexcept override { return first; }
  Metadata& trailers() noexcept override { return last; }

  Metadata sent, first, last;
};

Task<void> say_so() {
  co_await sleep(1ms);
  current_call()->trailers().add("said", current_call()->metadata().find("user")->c_str());
}

Task<void> handle() {
  co_await within(1s, say_so());
  Scope scope;
  scope.spawn(say_so());
  co_await scope.join();
}

}  // namespace

WEFT_TEST("a handler finds its call from everything that it awaits and starts") {
  CHECK(current_call() == nullptr);
  Played played;
  played.sent.add("user", "ada");
  Context* strand = current_context();
  strand->carry(static_cast<CurrentCall*>(&played));
  auto handled = co_await attempt(handle());
  strand->carry(nullptr);
  if (!handled) co_await std::move(handled).status();
  CHECK(played.last.size() == 2);
  CHECK(*played.last.find("said") == "ada");
}
