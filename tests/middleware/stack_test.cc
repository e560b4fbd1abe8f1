#include <vector>

#include <weft/middleware/stack.h>

#include "calls.h"

using namespace weft;
using namespace weft::test;

namespace {

struct Note {
  std::string name;
  std::vector<std::string>* notes;

  Task<Reply> operator()(Call call, Next next) const {
    notes->push_back(name + " in");
    auto reply = co_await attempt(next(std::move(call)));
    notes->push_back(name + " out");
    co_return reply;
  }
};

struct LogSlow {
  Duration limit;
  std::vector<std::string>* log;

  Task<Reply> operator()(Call call, Next next) const {
    auto start = now();
    auto reply = co_await attempt(next(call));
    if (now() - start > limit)
      log->push_back(std::string(call.method().name) + " " + reply.status().to_string());
    co_return reply;
  }
};

struct Count {
  int calls = 0;
  Task<Reply> operator()(Call call, Next next) {
    call.metadata.add("number", std::to_string(++calls));
    return next(std::move(call));
  }
};

struct Refuse {
  Task<Reply> operator()(Call, Next) const { co_return permission_denied("closed"); }
};

/// A layer that takes something else than a service below it.
struct Either {
  struct Pair {
    ServicePtr first, second;
  };
  bool second = false;
  ServicePtr over(Pair pair) const { return second ? pair.second : pair.first; }
};

}  // namespace

WEFT_TEST("the first layer of a stack is the outermost") {
  std::vector<std::string> notes;
  auto service = answers("hi");
  ServicePtr layered = stack(Note{"a", &notes}, Note{"b", &notes}, service);
  auto reply = co_await ask_get(layered);
  CHECK(text(reply) == "hi");
  CHECK(notes == std::vector<std::string>{"a in", "b in", "b out", "a out"});
}

WEFT_TEST("a stack of nothing is the service itself") {
  ServicePtr service = answers("hi");
  CHECK(stack(service) == service);
  co_return;
}

WEFT_TEST("a user's middleware sees the time a call took and how it ended") {
  std::vector<std::string> log;
  auto service = script();
  service->next().after(1ms).replies("quick");
  service->next().after(80ms).fails(not_found("gone"));
  ServicePtr logged = stack(LogSlow{50ms, &log}, service);
  (void)co_await ask_get(logged);
  CHECK(log.empty());
  auto slow = co_await attempt(ask_get(logged));
  CHECK(slow.status() == not_found("gone"));
  CHECK(log == std::vector<std::string>{"get not_found: gone"});
}

WEFT_TEST("a middleware may keep something between calls, and change the call") {
  auto service = answers("hi");
  ServicePtr counted = stack(Count{}, service);
  (void)co_await ask_get(counted);
  (void)co_await ask_get(counted);
  REQUIRE(service->calls().size() == 2);
  CHECK(*service->calls()[1].call.metadata.find("number") == "2");
}

WEFT_TEST("a middleware may answer by itself") {
  auto service = script();
  ServicePtr layered = stack(Refuse{}, service);
  auto reply = co_await attempt(ask_get(layered));
  CHECK(reply.status() == permission_denied("closed"));
  CHECK(service->calls().empty());
}

WEFT_TEST("a layer may stand over something that is no service") {
  std::vector<std::string> notes;
  Either::Pair pair{answers("one"), answers("two")};
  ServicePtr layered = stack(Note{"a", &notes}, Either{.second = true}, pair);
  auto reply = co_await ask_get(layered);
  CHECK(text(reply) == "two");
  CHECK(notes.size() == 2);
}

WEFT_TEST("a scripted service fails a call that its script does not foresee") {
  auto service = script();
  service->next().replies("once");
  (void)co_await ask_get(service);
  CHECK(service->finished());
  auto reply = co_await attempt(ask_get(service));
  CHECK(reply.status() == internal("call 2 is not in the script"));
}
