// A program whose tasks wait for one thing each, and which then aborts: gdb_test.py looks for the marked
// lines.
#include <cstdlib>
#include <sys/socket.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/run.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>

using namespace weft;

namespace {

Task<void> sleep_long() { co_await sleep(1h); }  // in Sleep

Task<void> receive_nothing() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) std::abort();
  Socket socket = Socket::adopt(ends[0]), other = Socket::adopt(ends[1]);
  co_await socket.receive();  // in Socket::Receive
}

Task<void> wait_for(Event* event) { co_await event->wait(); }       // in Event::Wait
Task<void> wait_deeply(Event* event) { co_await wait_for(event); }  // awaits that

Task<void> acquire_both(Semaphore* semaphore) {
  auto first = co_await semaphore->acquire();
  auto second = co_await semaphore->acquire();  // in Semaphore::Acquire
}

Task<void> wait_for_two(Event* event) {
  co_await all(wait_for(event), wait_deeply(event));  // awaits all
}

Task<void> wait_for_scope(Event* event) {
  Scope scope = co_await Scope::open();
  scope.spawn(wait_for(event));
  co_await scope.join();  // awaits a scope
}

Task<void> wait_and_abort() {
  Event never;
  Semaphore semaphore{1};
  Scope scope = co_await Scope::open();
  scope.spawn(sleep_long());
  scope.spawn(receive_nothing());
  scope.spawn(wait_deeply(&never));
  scope.spawn(acquire_both(&semaphore));
  scope.spawn(wait_for_two(&never));
  scope.spawn(wait_for_scope(&never));
  co_await sleep(200ms);
  std::abort();
}

}  // namespace

int main() { return run(wait_and_abort()); }
