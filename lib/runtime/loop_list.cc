#include "loop_list.h"

#include <mutex>
#include <pthread.h>

namespace weft::detail {

// gdb/weft.py has the same names in the same order.
struct LoopList::Layout {
  std::uint64_t version = 1;
  Loop* Loop::* loop_next = &Loop::next_loop_;
  int Loop::* loop_thread = &Loop::thread_id_;
  int Loop::* loop_core = &Loop::core_;
  bool Loop::* loop_simulated = &Loop::simulated_;
  Instant Loop::* loop_turn_began = &Loop::turn_began_;
  Frame* Loop::* loop_ready = &Loop::ready_;
  Context* Loop::* loop_contexts = &Loop::contexts_;
  Context* Context::* context_next = &Context::next_;
  Context* Context::* context_child = &Context::first_child_;
  Suspension* Context::* context_waiting = &Context::waiting_;
  Instant Context::* context_since = &Context::waiting_since_;
  Frame* Suspension::* suspension_frame = &Suspension::frame_;
  Frame* Frame::* frame_awaiter = &Frame::awaiter;
  Frame* Frame::* frame_next_ready = &Frame::next_ready;
  std::source_location Frame::* frame_place = &Frame::place;
};

namespace {

constexpr LoopList::Layout the_layout;
static_assert(sizeof(std::source_location) == sizeof(void*), "weft.py reads a pointer");

constinit std::mutex mutex;

}  // namespace

constinit LoopList loop_list{&the_layout, nullptr};

void LoopList::add(Loop& loop) {
  // The child of a fork has only the forking thread's loop.
  static const int forks = pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); },
                                          [] {
                                            loop_list.first = Loop::current();
                                            if (loop_list.first) loop_list.first->next_loop_ = nullptr;
                                            mutex.unlock();
                                          });
  (void)forks;
  std::lock_guard lock{mutex};
  loop.next_loop_ = loop_list.first;
  loop_list.first = &loop;
}

void LoopList::remove(Loop& loop) noexcept {
  std::lock_guard lock{mutex};
  for (Loop** link = &loop_list.first; *link; link = &(*link)->next_loop_) {
    if (*link != &loop) continue;
    *link = loop.next_loop_;
    return;
  }
}

}  // namespace weft::detail
