#include <weft/middleware/timeout.h>

#include "calls.h"

using namespace weft;
using namespace weft::test;

WEFT_TEST("a call in time passes a Timeout untouched") {
  auto service = answers("hi", 20ms);
  ServicePtr limited = stack(Timeout{200ms}, service);
  auto reply = co_await ask_get(limited);
  CHECK(text(reply) == "hi");
}

WEFT_TEST("a call that takes too long is cancelled, awaited, and the peer's fault") {
  auto service = script();
  service->next().hangs();
  Instant start = now();
  ServicePtr limited = stack(Timeout{200ms}, service);
  auto reply = co_await attempt(ask_get(limited));
  CHECK(reply.status() == deadline_exceeded("timeout of 200ms passed: deadline exceeded"));
  CHECK(reply.status().fault() == Fault::peer);
  CHECK(reply.status().reach() == Reach::unknown);
  CHECK(now() - start >= 200ms);
  CHECK(now() - start < 210ms);
  CHECK(service->in_flight() == 0);
  CHECK(service->cancelled() == 1);
}

WEFT_TEST("a Timeout never extends the inherited deadline, and says that it was that one") {
  auto service = script();
  service->next().hangs();
  ServicePtr limited = stack(Timeout{200ms}, service);
  auto reply = co_await attempt(within(50ms, ask_get(limited)));
  CHECK(reply.status() ==
        deadline_exceeded("the caller's deadline passed before the timeout of 200ms: deadline exceeded"));
  CHECK(reply.status().fault() == Fault::caller);

  service->next().hangs();
  auto together = co_await attempt(within(200ms, ask_get(limited)));
  CHECK(together.status().fault() == Fault::caller);
}

WEFT_TEST("of two Timeouts the shorter one is to blame, wherever it stands") {
  auto service = script();
  service->afterwards().hangs();
  ServicePtr limited = stack(Timeout{50ms}, Timeout{1s}, service);
  auto outer = co_await attempt(ask_get(limited));
  CHECK(outer.status().message().starts_with("timeout of 50ms passed"));
  CHECK(outer.status().fault() == Fault::peer);
  limited = stack(Timeout{1s}, Timeout{50ms}, service);
  auto inner = co_await attempt(ask_get(limited));
  CHECK(inner.status() == deadline_exceeded("timeout of 50ms passed: deadline exceeded"));
  CHECK(inner.status().fault() == Fault::peer);
}

WEFT_TEST("the service below sees the nearer deadline, and so does what it calls") {
  auto backend = answers("hi");
  ServicePtr service = stack(Timeout{1s}, Timeout{1h}, backend);
  Instant start = now();
  (void)co_await ask_get(service);
  CHECK(backend->calls()[0].deadline == start + 1s);
}

WEFT_TEST("nothing is sent once the inherited deadline has passed") {
  struct Handler {
    static Task<Reply> run(ServicePtr backend) {
      auto slept = co_await attempt(sleep(1h));
      CHECK(!slept);
      co_return co_await ask_get(backend);
    }
  };
  auto backend = answers("hi");
  Status status;
  {
    auto task = Handler::run(stack(Timeout{200ms}, backend));
    auto reply = co_await attempt(within(10ms, std::move(task)));
    status = reply.status();
  }
  CHECK(status == deadline_exceeded("the caller's deadline had passed before the call"));
  CHECK(status.reach() == Reach::never_sent);
  CHECK(status.fault() == Fault::caller);
  CHECK(backend->calls().empty());
}

WEFT_TEST("a failure passes a Timeout unchanged, also when a peer says that it was late") {
  auto service = script();
  service->next().fails(not_found("gone"));
  service->next().fails(deadline_exceeded("busy").with(Reach::answered));
  ServicePtr limited = stack(Timeout{200ms}, service);
  auto gone = co_await attempt(ask_get(limited));
  CHECK(gone.status() == not_found("gone"));
  auto late = co_await attempt(ask_get(limited));
  CHECK(late.status() == deadline_exceeded("busy"));
}

WEFT_TEST("cancellation passes a Timeout") {
  auto slow = script();
  slow->next().hangs();
  ServicePtr limited = stack(Timeout{1h}, slow);
  auto reply = co_await race(ask_get(limited), ask_get(answers("quick", 10ms)));
  CHECK(text(reply) == "quick");
  CHECK(slow->cancelled() == 1);
  CHECK(slow->in_flight() == 0);
}

WEFT_TEST("a Timeout without a limit takes the method's own, or five seconds") {
  static constexpr Method quick{.service = "test.Store", .name = "quick", .timeout = 30ms};
  auto service = script();
  service->next().hangs();
  service->next().hangs();
  service->next().hangs();
  ServicePtr limited = stack(Timeout{}, service);
  Instant start = now();
  auto reply = co_await attempt(ask(limited, &quick));
  CHECK(reply.status() == deadline_exceeded("timeout of 30ms passed: deadline exceeded"));
  CHECK(now() - start < 40ms);
  start = now();
  reply = co_await attempt(ask_get(limited));
  CHECK(reply.status() == deadline_exceeded("timeout of 5000ms passed: deadline exceeded"));
  CHECK(now() - start < 5010ms);
  // What is given stands above what the IDL says.
  limited = stack(Timeout{10ms}, service);
  start = now();
  reply = co_await attempt(ask(limited, &quick));
  CHECK(reply.status() == deadline_exceeded("timeout of 10ms passed: deadline exceeded"));
}
