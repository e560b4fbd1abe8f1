// Loop::post between threads that park: a wake-up that is lost would leave a loop asleep with a message in
// its mailbox, and nothing else in here would ever wake it.
#include <atomic>
#include <fcntl.h>
#include <random>
#include <thread>
#include <unistd.h>
#include <vector>

#include <weft/runtime/combine.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/sync.h>

#include "../../lib/runtime/driver.h"
#include "../support/weft_test.h"

using namespace weft;

namespace {

constexpr auto patience = 60s;

/// Goes round all loops, posted from each to the next.
struct Runner : Message {
  Cores* cores = nullptr;
  Event* over = nullptr;
  unsigned left = 0;
  Loop* home = nullptr;
};
void hand_on(Message& message) noexcept {
  auto& runner = static_cast<Runner&>(message);
  if (runner.left == 0) {
    if (Loop::current() == runner.home) return runner.over->set();
    return runner.home->post(runner);
  }
  --runner.left;
  runner.cores->loop((this_core() + 1) % runner.cores->size()).post(runner);
}

Task<void> wait_for(Event* event) { co_await event->wait(); }

struct Relay {
  explicit Relay(LoopOptions loop = {}) : cores({.count = 3, .pin = false, .loop = loop}) {}
  Cores cores;
  unsigned rounds = 0;
  std::atomic<bool> hung{false};

  Task<void> main(unsigned core) {
    // With one runner all loops but one are parked; with several they park and are woken at the same time.
    for (unsigned runners : {1u, 2u}) {
      std::vector<Event> over(runners);
      std::vector<Runner> messages(runners);
      for (unsigned i = 0; i < runners && core == 0; ++i) {
        messages[i].run = &hand_on;
        messages[i].cores = &cores;
        messages[i].over = &over[i];
        messages[i].left = rounds + i;
        messages[i].home = Loop::current();
        Loop::current()->post(messages[i]);
      }
      for (unsigned i = 0; i < runners && core == 0; ++i) {
        auto ended = co_await attempt(within(patience, wait_for(&over[i])));
        if (!ended) hung = true;
        REQUIRE(ended);
      }
    }
    co_await cores.rendezvous();
  }
};

/// A thread with a loop that sleeps until a message comes.
struct Sleeper : Message {
  Sleeper() {
    run = [](Message&) noexcept { Loop::current()->stop(); };
    thread = std::thread{[this] {
      auto own = Loop::create();
      REQUIRE(own);
      loop = own->get();
      ready.store(true);
      ready.notify_one();
      auto woken = (*own)->run(forever());
      CHECK(woken.status().code() == Code::cancelled);
      may_end.wait(false);  // others may still be in `post`
    }};
    ready.wait(false);
  }
  void join() {
    may_end.store(true);
    may_end.notify_one();
    thread.join();
  }
  static Task<void> forever() { co_await sleep(patience); }

  std::thread thread;
  Loop* loop = nullptr;
  std::atomic<bool> ready{false}, may_end{false};
};

Task<void> post_to(Sleeper* sleeper, Duration stay) {
  co_await sleep(20ms);  // until it sleeps
  sleeper->loop->post(*sleeper);
  if (stay > Duration::zero()) co_await sleep(stay);
}
void post_from_a_loop(LoopWake wake, Sleeper* sleeper, Duration stay) {
  LoopOptions options{.wake = wake};
  auto poster = Loop::create(options);
  REQUIRE_MESSAGE(poster, poster.status().to_string());
  auto posted = (*poster)->run(post_to(sleeper, stay));
  CHECK(posted);
}

}  // namespace

TEST_CASE("no wake-up is lost between loops that park whenever they can") {
  for (LoopWake wake : {LoopWake::eventfd, LoopWake::ring, LoopWake::ring_at_turn_end}) {
    Relay relay{{.wake = wake}};
    relay.rounds = 3000;
    Status started = relay.cores.start([&relay](unsigned core) { return relay.main(core); });
    REQUIRE_MESSAGE(started.ok(), started.to_string());
    CHECK(relay.cores.join() == Status{});
    CHECK_FALSE(relay.hung);
  }
}

TEST_CASE("a loop that posts as the last thing it does still wakes the other") {
  for (LoopWake wake : {LoopWake::eventfd, LoopWake::ring, LoopWake::ring_at_turn_end}) {
    Sleeper sleeper;
    post_from_a_loop(wake, &sleeper, 0ms);
    sleeper.join();
  }
}

TEST_CASE("a loop that no message from ring to ring reaches is woken by its eventfd") {
  for (LoopWake wake : {LoopWake::ring, LoopWake::ring_at_turn_end}) {
    Sleeper sleeper;
    // Its own calls go through the registered ring; to others the number now means something else.
    if (int ring = sleeper.loop->driver().ring_descriptor(); ring >= 0) {
      int other = open("/dev/null", O_RDWR | O_CLOEXEC);
      dup2(other, ring);
      close(other);
    }
    post_from_a_loop(wake, &sleeper, 20ms);  // the failure arrives as a completion
    sleeper.join();
  }
}

TEST_CASE("no wake-up is lost when threads post to a loop that keeps parking") {
  constexpr unsigned threads = 3, each = 3000;
  struct Count : Message {
    std::atomic<unsigned>* arrived = nullptr;
    std::atomic<bool> done{false};
  };
  struct Body {
    static Task<void> forever() { co_await sleep(patience); }
  };
  auto loop = Loop::create();
  REQUIRE_MESSAGE(loop, loop.status().to_string());
  std::atomic<unsigned> arrived{0};
  std::vector<std::thread> posters;
  std::atomic<unsigned> left{threads};
  for (unsigned seed = 1; seed <= threads; ++seed)
    posters.emplace_back([&loop, &arrived, &left, seed] {
      std::minstd_rand random{seed};
      std::vector<Count> messages(each);
      for (Count& message : messages) {
        message.arrived = &arrived;
        message.run = [](Message& m) noexcept {
          auto& count = static_cast<Count&>(m);
          count.arrived->fetch_add(1);
          count.done = true;
          count.done.notify_one();
        };
        (*loop)->post(message);
        message.done.wait(false);  // nobody else may ever wake the loop for this one
        for (unsigned spin = random() % 512; spin > 0; --spin)
          std::atomic_signal_fence(std::memory_order_seq_cst);
      }
      if (left.fetch_sub(1) == 1) (*loop)->stop();
    });
  auto ended = (*loop)->run(Body::forever());
  CHECK(ended.status().code() == Code::cancelled);  // by stop, and not at the end of the sleep
  CHECK(arrived == threads * each);
  for (std::thread& poster : posters) poster.join();
}
