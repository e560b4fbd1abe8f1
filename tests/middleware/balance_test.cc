#include <weft/middleware/balance.h>
#include <weft/middleware/retry.h>
#include <weft/middleware/timeout.h>
#include <weft/runtime/random.h>

#include "calls.h"

using namespace weft;
using namespace weft::test;

namespace {

std::shared_ptr<ScriptedService> refuses() {
  auto service = script();
  service->afterwards().fails(unavailable("refused").with(Reach::never_sent));
  return service;
}

Task<void> ask_often(ServicePtr service, int times) {
  for (int i = 0; i < times; ++i) {
    auto reply = co_await attempt(ask_get(service));
    if (!reply) co_await sleep(1ms);  // the sooner a caller sees a failure, the sooner it comes again
  }
}

/// `workers` callers side by side, each with `times` calls one after another.
Task<void> load(ServicePtr service, int workers, int times) {
  std::vector<Task<void>> tasks;
  for (int i = 0; i < workers; ++i) tasks.push_back(ask_often(service, times));
  (void)co_await all(std::move(tasks));
}

/// A policy that would send everything to one.
Picker always_first() {
  return [](Candidates) -> std::size_t { return 0; };
}

/// A user's policy: takes turns, and keeps what it was shown.
std::vector<std::shared_ptr<Candidate>> watched;
Picker watched_turns() {
  return [turn = std::size_t{0}](Candidates candidates) mutable {
    watched.assign(candidates.begin(), candidates.end());
    return turn++ % candidates.size();
  };
}

}  // namespace

WEFT_TEST("without endpoints a call is unavailable and never sent") {
  ServicePtr balanced = stack(Balance{p2c}, Endpoints{});
  auto reply = co_await attempt(ask_get(balanced));
  CHECK(reply.status() == unavailable("there is no endpoint to send the call to"));
  CHECK(reply.status().reach() == Reach::never_sent);
}

WEFT_TEST("round robin asks each endpoint equally often") {
  auto a = answers("a"), b = answers("b"), c = answers("c");
  Endpoints endpoints{{"a", a}, {"b", b}, {"c", c}};
  ServicePtr balanced = stack(Balance{round_robin}, endpoints);
  co_await ask_often(balanced, 300);
  CHECK(a->calls().size() == 100);
  CHECK(b->calls().size() == 100);
  CHECK(c->calls().size() == 100);
}

WEFT_TEST("two stacks over the same endpoints take turns by themselves") {
  auto a = answers("a"), b = answers("b");
  Endpoints endpoints{{"a", a}, {"b", b}};
  Balance balance{round_robin};
  ServicePtr first = stack(balance, endpoints);
  (void)co_await ask_get(first);
  ServicePtr second = stack(balance, endpoints);
  (void)co_await ask_get(second);
  CHECK(a->calls().size() == 2);
}

WEFT_TEST("p2c spreads calls evenly over endpoints that are alike") {
  thread_random() = Random{1};
  auto a = answers("a", 10ms), b = answers("b", 10ms), c = answers("c", 10ms);
  Endpoints endpoints{{"a", a}, {"b", b}, {"c", c}};
  ServicePtr balanced = stack(Balance{p2c}, endpoints);
  co_await load(balanced, 6, 500);
  for (auto& service : {a, b, c}) {
    CHECK(service->calls().size() > 850);
    CHECK(service->calls().size() < 1150);
  }
}

WEFT_TEST("p2c prefers the endpoint that answers faster") {
  thread_random() = Random{1};
  auto fast = answers("fast", 5ms), slow = answers("slow", 50ms);
  Endpoints endpoints{{"fast", fast}, {"slow", slow}};
  ServicePtr balanced = stack(Balance{p2c}, endpoints);
  co_await load(balanced, 4, 500);
  CHECK(fast->calls().size() > 1900);
  CHECK(slow->calls().size() >= 1);
}

WEFT_TEST("p2c gives a slower endpoint its share when there is more load") {
  thread_random() = Random{1};
  auto fast = answers("fast", 5ms), slow = answers("slow", 50ms);
  Endpoints endpoints{{"fast", fast}, {"slow", slow}};
  ServicePtr balanced = stack(Balance{p2c}, endpoints);
  co_await load(balanced, 44, 200);
  CHECK(fast->calls().size() > 10 * slow->calls().size() / 2);
  CHECK(slow->calls().size() > 100);
}

WEFT_TEST("p2c comes back to an endpoint that has become fast again") {
  thread_random() = Random{1};
  auto a = answers("a", 5ms), b = script();
  b->next().after(500ms).replies("cold");
  b->afterwards().after(5ms).replies("b");
  Endpoints endpoints{{"a", a}, {"b", b}};
  ServicePtr balanced = stack(Balance{p2c}, endpoints);
  co_await load(balanced, 2, 100);
  CHECK(b->calls().size() < 5);
  co_await sleep(60s);
  co_await load(balanced, 2, 2000);
  CHECK(b->calls().size() > 1000);
}

WEFT_TEST("an endpoint that fails at once gets little traffic") {
  thread_random() = Random{1};
  auto good = answers("good", 20ms), bad = refuses();
  Endpoints endpoints{{"good", good}, {"bad", bad}};
  ServicePtr balanced = stack(Balance{p2c}, endpoints);
  co_await load(balanced, 4, 1000);
  CHECK(bad->calls().size() >= 2);
  CHECK(bad->calls().size() < 80);
  CHECK(good->calls().size() > 3920);
}

WEFT_TEST("an endpoint that swallows calls gets little traffic") {
  thread_random() = Random{1};
  auto good = answers("good", 20ms), bad = script();
  bad->afterwards().hangs();
  Endpoints endpoints{{"good", good}, {"bad", bad}};
  ServicePtr balanced = stack(Timeout{200ms}, Balance{p2c}, endpoints);
  co_await load(balanced, 4, 1000);
  CHECK(bad->calls().size() < 80);
}

WEFT_TEST("failures that are the caller's own do not blame the endpoint") {
  thread_random() = Random{1};
  auto a = script(), b = answers("b", 10ms);
  a->afterwards().after(10ms).fails(not_found("no such key").with(Reach::answered));
  Endpoints endpoints{{"a", a}, {"b", b}};
  ServicePtr balanced = stack(Balance{p2c}, endpoints);
  co_await load(balanced, 4, 250);
  CHECK(a->calls().size() > 400);
  CHECK(b->calls().size() > 400);
}

WEFT_TEST("an endpoint that nothing is known of is tried by one call at a time") {
  thread_random() = Random{1};
  auto known = answers("known", 10ms), fresh = answers("fresh", 1s);
  Endpoints endpoints{{"known", known}};
  ServicePtr balanced = stack(Balance{p2c}, endpoints);
  co_await load(balanced, 1, 10);
  endpoints.replace({{"known", known}, {"fresh", fresh}});
  co_await load(balanced, 8, 1);
  CHECK(fresh->calls().size() == 1);
  CHECK(known->calls().size() == 17);
}

WEFT_TEST("endpoints that are replaced are asked no more, and their calls end in peace") {
  auto old = answers("old", 50ms), fresh = answers("new");
  Endpoints endpoints{{"old", old}};
  struct Replace {
    static Task<Reply> run(Endpoints endpoints, Endpoint by) {
      co_await sleep(10ms);
      std::vector<Endpoint> list;
      list.push_back(std::move(by));
      endpoints.replace(std::move(list));
      co_return Reply{};
    }
  };
  ServicePtr balanced = stack(Balance{round_robin}, endpoints);
  Endpoint by{"new", fresh};
  auto both = co_await all(ask_get(balanced), Replace::run(endpoints, by));
  CHECK(text(std::get<0>(both)) == "old");
  auto reply = co_await ask_get(balanced);
  CHECK(text(reply) == "new");
}

WEFT_TEST("a retry asks another endpoint than the one that failed") {
  thread_random() = Random{1};
  for (auto policy : {p2c, round_robin})
    for (int round = 0; round < 20; ++round) {
      auto bad = refuses(), good = answers("good", 10ms);
      Endpoints endpoints{{"bad", bad}, {"good", good}};
      ServicePtr balanced = stack(Retry{.attempts = 2}, Balance{policy}, endpoints);
      for (int i = 0; i < 3; ++i) {
        auto reply = co_await attempt(ask_get(balanced));
        CHECK(reply.ok());
      }
    }
}

WEFT_TEST("who was asked already is not offered to the policy again") {
  auto a = refuses(), b = refuses(), c = answers("c");
  Endpoints three{{"a", a}, {"b", b}, {"c", c}};
  ServicePtr balanced = stack(Retry{.attempts = 3}, Balance{always_first}, three);
  auto reply = co_await ask_get(balanced);
  CHECK(text(reply) == "c");
  CHECK(a->calls().size() == 1);
  CHECK(b->calls().size() == 1);
}

WEFT_TEST("when all were asked, a retry at least avoids the last one; a single endpoint is asked again") {
  auto a = refuses(), b = refuses(), only = refuses();
  Endpoints two{{"a", a}, {"b", b}};
  ServicePtr balanced = stack(Retry{.attempts = 6}, Balance{always_first}, two);
  auto failed = co_await attempt(ask_get(balanced));
  CHECK(!failed);
  CHECK(a->calls().size() == 3);
  CHECK(b->calls().size() == 3);
  Endpoints one{{"only", only}};
  balanced = stack(Retry{.attempts = 3}, Balance{p2c}, one);
  auto alone = co_await attempt(ask_get(balanced));
  CHECK(!alone);
  CHECK(only->calls().size() == 3);
}

WEFT_TEST("what is in flight goes back to zero when calls are cancelled") {
  auto a = script(), b = script();
  a->afterwards().hangs();
  b->afterwards().hangs();
  Endpoints endpoints{{"a", a}, {"b", b}};
  ServicePtr balanced = stack(Balance{watched_turns}, endpoints);
  auto winner =
      co_await race(ask_get(balanced), ask_get(balanced), ask_get(balanced), ask_get(answers("quick", 10ms)));
  CHECK(text(winner) == "quick");
  auto late = co_await attempt(within(10ms, ask_get(balanced)));
  CHECK(!late);
  REQUIRE(watched.size() == 2);
  CHECK(a->calls().size() == 2);
  CHECK(b->calls().size() == 2);
  for (auto& candidate : watched) CHECK(candidate->in_flight() == 0);
  watched.clear();
}
