#include <memory>
#include <string>
#include <vector>

#include <weft/runtime/mailbox.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

using Strings = Mailbox<std::string>;

Task<void> push_numbers(Mailbox<int>* mailbox, int from, int to) {
  for (int number = from; number < to; ++number) co_await mailbox->push(number);
}
Task<void> push_and_note(Strings* mailbox, std::string text, std::vector<std::string>* pushed) {
  co_await mailbox->push(text);
  pushed->push_back(text);
}
Task<void> pop_one(Strings* mailbox, std::string* text) {
  auto popped = co_await mailbox->pop();
  *text = popped ? *popped : "the end";
}
Task<void> close_later(Strings* mailbox) {
  co_await sleep(1s);
  mailbox->close();
}
Task<void> count_yields(int* count, const bool* enough) {
  while (!*enough) {
    ++*count;
    co_await yield();
  }
}

}  // namespace

WEFT_TEST("what is pushed into a mailbox is popped in order") {
  for (std::size_t capacity : {1u, 2u, 3u, 64u}) {
    Mailbox<int> mailbox{capacity};
    Scope scope = co_await Scope::open();
    scope.spawn(push_numbers(&mailbox, 0, 200));
    for (int number = 0; number < 200; ++number) {
      auto popped = co_await mailbox.pop();
      CHECK(popped == number);
    }
    co_await scope.join();
  }
}

WEFT_TEST("pushes into a full mailbox wait, and go on in their order when half of it is free") {
  Strings mailbox{4};
  std::vector<std::string> pushed;
  Scope scope = co_await Scope::open();
  for (const char* text : {"a", "b", "c", "d", "e", "f", "g"})
    scope.spawn(push_and_note(&mailbox, text, &pushed));
  co_await sleep(1s);
  CHECK(pushed.size() == 4);
  std::string all;
  all += *(co_await mailbox.pop());
  co_await sleep(1s);
  CHECK(pushed.size() == 4);
  all += *(co_await mailbox.pop());
  co_await sleep(1s);
  CHECK(pushed.size() == 6);
  for (int i = 0; i < 5; ++i) all += *(co_await mailbox.pop());
  co_await scope.join();
  CHECK(all == "abcdefg");
  CHECK(pushed == std::vector<std::string>{"a", "b", "c", "d", "e", "f", "g"});
}

WEFT_TEST("a closed mailbox takes no more, and its pops drain it and then end") {
  Strings mailbox{2};
  co_await mailbox.push("one");
  co_await mailbox.push("two");
  std::vector<std::string> pushed;
  ScopeOptions keep_going{.keep_going = true};
  Scope scope = co_await Scope::open(keep_going);
  scope.spawn(push_and_note(&mailbox, "three", &pushed));
  co_await sleep(1s);
  mailbox.close();
  mailbox.close();
  co_await scope.join();
  CHECK(pushed.empty());
  CHECK(mailbox.is_closed());
  auto push = mailbox.push("four");
  auto refused = co_await attempt(push);
  CHECK(refused.status().code() == Code::cancelled);
  CHECK(push.element() == "four");
  std::string five = "five";
  CHECK_FALSE(mailbox.try_push(five));
  CHECK(five == "five");
  auto first = co_await mailbox.pop();
  auto second = co_await mailbox.pop();
  auto third = co_await mailbox.pop();
  auto fourth = co_await mailbox.pop();
  CHECK(first == "one");
  CHECK(second == "two");
  CHECK_FALSE(third.has_value());
  CHECK_FALSE(fourth.has_value());
}

WEFT_TEST("closing a mailbox ends a pop that waits") {
  Strings mailbox{2};
  std::string text;
  Scope scope = co_await Scope::open();
  scope.spawn(pop_one(&mailbox, &text));
  scope.spawn(close_later(&mailbox));
  co_await scope.join();
  CHECK(text == "the end");
}

WEFT_TEST("closing a mailbox that nobody ever popped ends the pushes that wait") {
  Strings mailbox{1};
  co_await mailbox.push("one");
  Scope scope = co_await Scope::open();
  scope.spawn(close_later(&mailbox));
  auto refused = co_await attempt(mailbox.push("two"));
  CHECK(refused.status().code() == Code::cancelled);
  co_await scope.join();
}

WEFT_TEST("a push that is cancelled while it waits leaves no trace, and keeps its element") {
  Strings mailbox{1};
  co_await mailbox.push("one");
  auto push = mailbox.push("two");
  std::vector<std::string> pushed;
  Scope scope = co_await Scope::open();
  {
    struct Body {
      static Task<void> push(Strings::Push* push) { co_await *push; }
    };
    auto late = co_await attempt(within(1s, Body::push(&push)));
    CHECK(late.status().code() == Code::deadline_exceeded);
    CHECK(push.element() == "two");
  }
  scope.spawn(push_and_note(&mailbox, "three", &pushed));
  auto first = co_await mailbox.pop();
  auto second = co_await mailbox.pop();
  CHECK(first == "one");
  CHECK(second == "three");
  co_await scope.join();
  // The last in line gave up: room is open to everybody again.
  for (int round = 0; round < 3; ++round) {
    std::string text = "four";
    CHECK(mailbox.try_push(text));
    auto late = co_await attempt(within(1s, push_and_note(&mailbox, "five", &pushed)));
    CHECK(late.status().code() == Code::deadline_exceeded);
    auto popped = co_await mailbox.pop();
    CHECK(popped == "four");
  }
}

WEFT_TEST("a pop that is cancelled leaves the element to the next one") {
  Strings mailbox{4};
  std::string text;
  auto late = co_await attempt(within(1s, pop_one(&mailbox, &text)));
  CHECK(late.status().code() == Code::deadline_exceeded);
  co_await mailbox.push("one");
  auto popped = co_await mailbox.pop();
  CHECK(popped == "one");
}

WEFT_TEST("an endless stream through a mailbox lets the other tasks of its core run") {
  Mailbox<int> mailbox{8192};
  int yields = 0;
  bool enough = false;
  Scope scope = co_await Scope::open();
  scope.spawn(count_yields(&yields, &enough));
  for (int i = 0; i < 8000; ++i) co_await mailbox.push(i);
  CHECK(yields >= 7);
  int before = yields;
  for (int i = 0; i < 8000; ++i) {
    auto popped = co_await mailbox.pop();
    CHECK(popped == i);
  }
  CHECK(yields >= before + 7);
  enough = true;
  co_await scope.join();
}

WEFT_TEST("a mailbox destroys what is still in it, and may go while its loop is to hear of it") {
  auto watched = std::make_shared<int>(1);
  {
    Mailbox<std::shared_ptr<int>> mailbox{4};
    for (int i = 0; i < 3; ++i) co_await mailbox.push(watched);
    CHECK(watched.use_count() == 4);
    struct Body {
      static Task<void> pop(Mailbox<std::shared_ptr<int>>* mailbox) { co_await mailbox->pop(); }
    };
    for (int i = 0; i < 3; ++i) co_await mailbox.pop();
    CHECK(watched.use_count() == 1);
    // A pop waits, an element comes and the mailbox's message is posted; the pop is gone before it arrives.
    auto late = co_await attempt(within(1s, Body::pop(&mailbox)));
    CHECK_FALSE(late);
    co_await mailbox.push(watched);
    mailbox.close();
    CHECK(watched.use_count() == 2);
  }
  CHECK(watched.use_count() == 1);
  co_await sleep(1s);
}
