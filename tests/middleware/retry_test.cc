#include <weft/middleware/retry.h>
#include <weft/middleware/timeout.h>

#include "calls.h"

using namespace weft;
using namespace weft::test;

namespace {

Status refused() { return unavailable("refused").with(Reach::never_sent); }
Status lost() { return unavailable("connection lost"); }

struct Detail {
  int number = 0;
};

}  // namespace

WEFT_TEST("what was never sent is tried again, idempotent or not") {
  auto service = script();
  service->next().fails(refused());
  service->next().fails(refused());
  service->next().replies("hi");
  ServicePtr retried = stack(Retry{}, service);
  auto reply = co_await ask_put(retried);
  CHECK(text(reply) == "hi");
  REQUIRE(service->calls().size() == 3);
  CHECK(service->calls()[0].call.attempt == 0);
  CHECK(service->calls()[1].call.attempt == 1);
  CHECK(service->calls()[2].call.attempt == 2);
  CHECK(service->calls()[2].call.payload.flatten().view() == "question");
}

WEFT_TEST("what may have been seen is tried again only for an idempotent method") {
  auto service = script();
  service->next().fails(lost());
  ServicePtr retried = stack(Retry{}, service);
  auto put_reply = co_await attempt(ask_put(retried));
  CHECK(put_reply.status() == lost());
  CHECK(service->calls().size() == 1);

  service->next().fails(lost());
  service->next().fails(unavailable("draining").with(Reach::answered));
  service->next().replies("hi");
  retried = stack(Retry{}, service);
  auto get_reply = co_await ask_get(retried);
  CHECK(text(get_reply) == "hi");
}

WEFT_TEST("other failures are not tried again unless their code is named") {
  auto service = script();
  service->next().fails(aborted("conflict"));
  ServicePtr retried = stack(Retry{}, service);
  auto once = co_await attempt(ask_get(retried));
  CHECK(once.status() == aborted("conflict"));

  service->next().fails(aborted("conflict"));
  service->next().replies("hi");
  Retry retry{.codes = {Code::unavailable, Code::aborted}};
  retried = stack(retry, service);
  auto reply = co_await ask_get(retried);
  CHECK(text(reply) == "hi");
}

WEFT_TEST("a call that is wrong in itself is not tried again, though it was never sent") {
  auto service = script();
  service->next().fails(invalid_argument("too large").with(Reach::never_sent));
  ServicePtr retried = stack(Retry{}, service);
  auto reply = co_await attempt(ask_get(retried));
  CHECK(reply.status() == invalid_argument("too large"));
}

WEFT_TEST("a call that streams its requests is made again only when nothing was sent") {
  auto service = script();
  service->next().fails(refused());
  service->next().fails(lost());
  ServicePtr retried = stack(Retry{}, service);
  Call call{get, Chain{}};
  call.messages = std::make_shared<Stream<Chain>>();
  auto reply = co_await attempt(retried->call(std::move(call)));
  CHECK(reply.status().code() == Code::unavailable);
  CHECK(service->calls().size() == 2);
}

WEFT_TEST("a declared exception is an answer") {
  Reply declared;
  declared.declared_exception = true;
  auto service = script();
  service->next().replies(declared);
  ServicePtr retried = stack(Retry{}, service);
  auto reply = co_await ask_get(retried);
  CHECK(reply.declared_exception);
  CHECK(service->calls().size() == 1);
}

WEFT_TEST("the last failure says how many attempts there were and stays the same otherwise") {
  auto service = script();
  service->next().fails(refused());
  service->next().fails(refused());
  Detail detail{.number = 42};
  service->next().fails(
      Status::carrying(Code::unavailable, "third", detail).with(Reach::answered).with(Fault::us));
  ServicePtr retried = stack(Retry{.attempts = 3}, service);
  auto reply = co_await attempt(ask_get(retried));
  CHECK(reply.status() == unavailable("after 3 attempts: third"));
  CHECK(reply.status().reach() == Reach::answered);
  CHECK(reply.status().fault() == Fault::us);
  REQUIRE(reply.status().get_if<Detail>());
  CHECK(reply.status().get_if<Detail>()->number == 42);
}

WEFT_TEST("retries wait longer and longer, with jitter") {
  auto service = script();
  service->afterwards().fails(refused());
  Retry retry{.attempts = 4, .backoff = {.initial = 100ms, .multiplier = 3, .max = 10s}};
  ServicePtr retried = stack(retry, service);
  auto reply = co_await attempt(ask_get(retried));
  CHECK(!reply);
  const auto& calls = service->calls();
  REQUIRE(calls.size() == 4);
  Duration expected = 100ms;
  for (std::size_t i = 1; i < calls.size(); ++i, expected *= 3) {
    CHECK(calls[i].at - calls[i - 1].at >= expected * 8 / 10);
    CHECK(calls[i].at - calls[i - 1].at <= expected * 12 / 10 + 2ms);
  }
}

WEFT_TEST("nothing is tried again when the deadline leaves no time for the wait") {
  auto service = script();
  service->afterwards().fails(refused());
  Retry retry{.backoff = {.initial = 100ms}};
  Instant start = now();
  ServicePtr retried = stack(Timeout{50ms}, retry, service);
  auto reply = co_await attempt(ask_get(retried));
  CHECK(reply.status() == unavailable("after 1 attempt (the deadline leaves no time for another): refused"));
  CHECK(reply.status().reach() == Reach::never_sent);
  CHECK(now() == start);
}

WEFT_TEST("a deadline that passes during an attempt ends the retries") {
  auto service = script();
  service->afterwards().hangs();
  Retry retry{.codes = {Code::deadline_exceeded}};
  ServicePtr retried = stack(Timeout{50ms}, retry, service);
  auto reply = co_await attempt(ask_get(retried));
  CHECK(reply.status().code() == Code::deadline_exceeded);
  CHECK(service->calls().size() == 1);
}

WEFT_TEST("an attempt with a timeout of its own can be tried again while there is time") {
  auto service = script();
  service->next().hangs();
  service->next().replies("hi");
  Retry retry{.codes = {Code::deadline_exceeded}};
  ServicePtr retried = stack(Timeout{1s}, retry, Timeout{50ms}, service);
  auto reply = co_await ask_get(retried);
  CHECK(text(reply) == "hi");
}

WEFT_TEST("cancellation ends the wait before a retry") {
  auto service = script();
  service->afterwards().fails(refused());
  Retry retry{.attempts = 100, .backoff = {.initial = 1s, .max = 1s}};
  ServicePtr retried = stack(retry, service);
  auto reply = co_await race(ask_get(retried), ask_get(answers("quick", 100ms)));
  CHECK(text(reply) == "quick");
  CHECK(service->calls().size() == 1);
}

WEFT_TEST("a cancelled call takes nothing from the budget, whatever the layers below make of it") {
  struct Disguise {
    Task<Reply> operator()(Call call, Next next) const {
      auto reply = co_await attempt(next(std::move(call)));
      if (!reply) co_return lost();
      co_return reply;
    }
  };
  auto service = script();
  service->afterwards().hangs();
  Retry retry;
  ServicePtr retried = stack(retry, Disguise{}, service);
  auto reply = co_await race(ask_get(retried), ask_get(answers("quick", 10ms)));
  CHECK(text(reply) == "quick");
  CHECK(retry.budget->available() == doctest::Approx(100.2));
  CHECK(service->calls().size() == 1);
}

WEFT_TEST("the budget is shared by the calls of a stack, and the status says when it is empty") {
  auto service = script();
  service->afterwards().fails(refused());
  BudgetOptions options{.ratio = 0, .reserve_per_second = 0.3};
  Retry retry{.attempts = 3, .budget = std::make_shared<Budget>(options)};
  ServicePtr retried = stack(retry, service);
  auto first = co_await attempt(ask_get(retried));
  CHECK(first.status() == unavailable("after 3 attempts: refused"));
  auto second = co_await attempt(ask_get(retried));
  CHECK(second.status() == unavailable("after 2 attempts (the retry budget is empty): refused"));
  auto third = co_await attempt(ask_get(retried));
  CHECK(third.status() == unavailable("after 1 attempt (the retry budget is empty): refused"));
  CHECK(service->calls().size() == 6);
}

WEFT_TEST("each Retry has a budget of its own, and its copies share it") {
  Retry one, two;
  CHECK(one.budget != two.budget);
  Retry copy = one;
  CHECK(copy.budget == one.budget);
  co_return;
}
