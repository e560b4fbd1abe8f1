// CoreLocal<T>: one T for each loop, and so for each core: state that a service's coroutines share without a
// lock.
//
//   weft::CoreLocal<Shard> shard;      // a global, or a static member
//   shard->put(key, value);            // in any task: this core's
//
// Unlike a thread_local it belongs to the loop: it dies with it, after its last task, and each host of a
// simulation has its own. An array lookup; the first use on a loop makes the T.
#pragma once

#include <cassert>
#include <cstddef>

#include <weft/runtime/loop.h>

namespace weft {

template <class T>
class CoreLocal {
 public:
  CoreLocal() : slot_(detail::new_local_slot()) {}
  CoreLocal(const CoreLocal&) = delete;
  CoreLocal& operator=(const CoreLocal&) = delete;

  /// Only on a thread with a loop.
  T& operator*() const {
    assert(Loop::current());
    detail::Local& local = Loop::current()->local(slot_);
    if (!local.object) {
      auto* made = new T();
      // Looked up anew: making it may have made others.
      Loop::current()->local(slot_) = {made, [](void* object) noexcept { delete static_cast<T*>(object); }};
      return *made;
    }
    return *static_cast<T*>(local.object);
  }
  T* operator->() const { return &**this; }

 private:
  std::size_t slot_;
};

}  // namespace weft
