#include <memory>
#include <thread>

#include <weft/runtime/run.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

Task<void> answer(Listener* listener, int count) {
  Socket socket = co_await listener->accept();
  for (int i = 0; i < count; ++i) {
    Bytes bytes = co_await socket.receive();
    if (bytes.empty()) co_return;
    socket.write(std::move(bytes));
  }
  co_await socket.flush();
}

Task<int> ask(int count) {
  Address any = co_await Address::parse("127.0.0.1:0");
  Listener listener = co_await Listener::open(any);
  Scope scope = co_await Scope::open();
  scope.spawn(answer(&listener, count));
  Socket socket = co_await connect_socket(listener.address());
  int answers = 0;
  for (int i = 0; i < count; ++i) {
    socket.write(Bytes{"?"});
    Bytes bytes = co_await socket.receive();
    answers += static_cast<int>(bytes.size());
  }
  co_await scope.join();
  co_return answers;
}

Task<void> sleep_often(int count) {
  for (int i = 0; i < count; ++i) co_await sleep(5ms);
}

}  // namespace

TEST_CASE("a loop that polls busily serves sockets, timers and stops") {
  auto loop = Loop::create({.busy_poll = 200us});
  REQUIRE(loop);
  auto answers = (*loop)->run(ask(100));
  REQUIRE(answers);
  CHECK(*answers == 100);
  auto slept = (*loop)->run(sleep_often(3));
  CHECK(slept);
  std::thread other([&] { (*loop)->stop(); });
  auto stopped = (*loop)->run(sleep_often(10'000));
  CHECK(stopped.status().code() == Code::cancelled);
  other.join();
}

TEST_CASE("a loop that polls in vain sleeps ever more often") {
  auto calls_for = [](Duration busy_poll) {
    auto loop = Loop::create({.busy_poll = busy_poll});
    REQUIRE(loop);
    auto slept = (*loop)->run(sleep_often(50));
    REQUIRE(slept);
    return (*loop)->counters().system_calls;
  };
  // Six polls for fifty sleeps, not fifty: each looks hundreds of times.
  std::uint64_t asleep = calls_for({}), short_polls = calls_for(10us), long_polls = calls_for(100us);
  CHECK(asleep < 200);
  CHECK(long_polls < 50 * 100);
  CHECK(short_polls <= long_polls + 100);
}
