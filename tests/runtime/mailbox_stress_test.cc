// Mailboxes between cores, under everything at once: several producers, waits on both sides, cancellations,
// and the end in the middle. What counts is that each push which says that it happened is popped once, and no
// other.
#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <weft/runtime/cores.h>
#include <weft/runtime/mailbox.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

constexpr unsigned cores_of_a_round = 4, producers_of_a_core = 3;

/// An element with memory of its own, so that one that is lost or doubled is also a leak or a double free.
struct Parcel {
  unsigned sender = 0, number = 0;
  std::unique_ptr<unsigned> copy;
};

struct Round {
  explicit Round(unsigned seed)
      : seed(seed), cores({.count = cores_of_a_round, .pin = false}), mailbox(1 + seed * 7 % 40) {}

  unsigned seed;
  Cores cores;
  Mailbox<Parcel> mailbox;
  unsigned parcels_each = 400;
  bool closes_in_the_middle = false;
  // Of each sender, in order: the numbers whose push succeeded, and those that arrived.
  std::vector<unsigned> sent[cores_of_a_round * producers_of_a_core],
      arrived[cores_of_a_round * producers_of_a_core];
  std::atomic<unsigned> senders_left{cores_of_a_round * producers_of_a_core};
  std::atomic<bool> hung{false};
};

Task<void> push(Round* round, unsigned sender, unsigned number) {
  Parcel parcel{sender, number, std::make_unique<unsigned>(number)};
  co_await round->mailbox.push(std::move(parcel));
}

Task<void> produce(Round* round, unsigned sender) {
  std::minstd_rand random{round->seed * 1000 + sender};
  for (unsigned number = 0; number < round->parcels_each; ++number) {
    Result<void> pushed;
    if (random() % 8 == 0) {
      auto limit = std::chrono::microseconds(random() % 200);
      pushed = co_await attempt(within(limit, push(round, sender, number)));
    } else if (random() % 8 == 0) {
      Parcel parcel{sender, number, std::make_unique<unsigned>(number)};
      if (!round->mailbox.try_push(parcel)) pushed = unavailable("full");
    } else {
      pushed = co_await attempt(push(round, sender, number));
    }
    if (pushed) round->sent[sender].push_back(number);
    if (random() % 64 == 0) co_await sleep(std::chrono::microseconds(random() % 2000));
    if (random() % 16 == 0) co_await yield();
    if (round->closes_in_the_middle && number == round->parcels_each / 2 && sender % 5 == 0)
      round->mailbox.close();
  }
  if (round->senders_left.fetch_sub(1) == 1) round->mailbox.close();
}

Task<bool> pop(Round* round) {
  auto parcel = co_await round->mailbox.pop();
  if (!parcel) co_return false;
  CHECK(*parcel->copy == parcel->number);
  round->arrived[parcel->sender].push_back(parcel->number);
  co_return true;
}

Task<void> consume(Round* round) {
  std::minstd_rand random{round->seed};
  for (;;) {
    // A pop that is cancelled just as it gets its element has got it: `pop` notes it before it ends.
    Task<bool> popping = pop(round);
    if (random() % 4 == 0) popping = within(std::chrono::microseconds(random() % 300), std::move(popping));
    auto got = co_await attempt(std::move(popping));
    if (got && !*got) co_return;
    if (random() % 128 == 0) co_await sleep(std::chrono::microseconds(random() % 2000));
  }
}

/// A wake-up that is lost would leave everybody waiting.
Task<void> watch(Task<void> work, Round* round) {
  auto ended = co_await attempt(within(60s, std::move(work)));
  if (!ended) {
    round->hung = true;
    round->mailbox.close();
  }
}

Task<void> run_core(Round* round, unsigned core) {
  {
    Scope scope = co_await Scope::open();
    if (core == 0) scope.spawn(watch(consume(round), round));
    for (unsigned i = 0; i < producers_of_a_core; ++i)
      scope.spawn(watch(produce(round, core * producers_of_a_core + i), round));
    co_await scope.join();
  }
  co_await round->cores.rendezvous();
}

void run_round(Round& round) {
  Status started = round.cores.start([&round](unsigned core) { return run_core(&round, core); });
  REQUIRE_MESSAGE(started.ok(), started.to_string());
  Status joined = round.cores.join();
  CHECK_MESSAGE(joined.ok(), joined.to_string());
  REQUIRE_FALSE(round.hung);
  std::size_t total = 0;
  for (unsigned sender = 0; sender < cores_of_a_round * producers_of_a_core; ++sender) {
    CHECK(round.sent[sender] == round.arrived[sender]);
    total += round.arrived[sender].size();
  }
  CHECK(total > 0);
}

}  // namespace

TEST_CASE("every push into a mailbox that succeeds arrives once and in order, from several cores") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Round round{seed};
    run_round(round);
  }
}

TEST_CASE("a mailbox closed while several cores push loses nothing that it took") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Round round{seed};
    round.closes_in_the_middle = true;
    run_round(round);
  }
}

TEST_CASE("threads without a loop feed a mailbox") {
  constexpr unsigned threads = 3, each = 5000;
  Mailbox<unsigned> mailbox{64};
  std::vector<std::thread> senders;
  std::atomic<unsigned> left{threads};
  for (unsigned thread = 0; thread < threads; ++thread)
    senders.emplace_back([&mailbox, &left] {
      for (unsigned number = 1; number <= each; ++number)
        while (!mailbox.try_push(number)) std::this_thread::yield();
      if (left.fetch_sub(1) == 1) mailbox.close();
    });
  struct Body {
    static Task<std::uint64_t> sum(Mailbox<unsigned>* mailbox) {
      std::uint64_t sum = 0;
      while (auto number = co_await mailbox->pop()) sum += *number;
      co_return sum;
    }
  };
  auto loop = Loop::create();
  REQUIRE_MESSAGE(loop, loop.status().to_string());
  auto sum = (*loop)->run(within(60s, Body::sum(&mailbox)));
  mailbox.close();
  for (std::thread& sender : senders) sender.join();
  REQUIRE(sum);
  CHECK(*sum == std::uint64_t{threads} * each * (each + 1) / 2);
}

TEST_CASE("a busy core cannot keep a slow one out of a full mailbox") {
  struct Body {
    Cores cores{{.count = 3, .pin = false}};
    Mailbox<unsigned> mailbox{4};
    std::atomic<bool> enough{false};
    std::atomic<unsigned> slow_pushes{0};
    Task<void> flood() {
      for (;;) {
        auto pushed = co_await attempt(mailbox.push(0));
        if (!pushed) co_return;
      }
    }
    Task<void> main(unsigned core) {
      {
        ScopeOptions keep_going{.keep_going = true};
        Scope scope = co_await Scope::open(keep_going);
        if (core == 0) {
          unsigned from_slow = 0;
          for (unsigned i = 0; i < 3000; ++i) {
            auto from = co_await mailbox.pop();
            from_slow += *from;
          }
          mailbox.close();
          for (;;) {
            auto from = co_await mailbox.pop();
            if (!from) break;
            from_slow += *from;
          }
          // It has one task that pushes, the other core a hundred: in turns each would get a half.
          CHECK(from_slow >= 3);
        } else if (core == 1) {
          for (int i = 0; i < 100; ++i) scope.spawn(flood());
        } else {
          for (;;) {
            auto pushed = co_await attempt(mailbox.push(1));
            if (!pushed) break;
            ++slow_pushes;
          }
        }
        co_await scope.join();
      }
      co_await cores.rendezvous();
    }
  } body;
  REQUIRE(body.cores.start([&body](unsigned core) { return body.main(core); }).ok());
  CHECK(body.cores.join() == Status{});
}
