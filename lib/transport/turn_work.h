// TurnWork: something that an object does at the end of a turn of its loop, when it asked for that. The
// object may go before.
#pragma once

#include <weft/runtime/loop.h>

namespace weft::detail {

class TurnWork {
 public:
  using Run = void (*)(void* owner) noexcept;
  TurnWork(Run run, void* owner) : work_(new Work(run, owner)) {}
  TurnWork(const TurnWork&) = delete;
  TurnWork& operator=(const TurnWork&) = delete;
  ~TurnWork() {
    if (work_->queued)
      work_->run_owner = nullptr;  // it frees itself
    else
      delete work_;
  }
  /// Once, however often it is asked for.
  void ask() noexcept { Loop::current()->at_turn_end(*work_); }

 private:
  struct Work : TurnEnd {
    Work(Run run_owner, void* owner) : run_owner(run_owner), owner(owner) {
      run = [](TurnEnd& work) noexcept {
        auto& self = static_cast<Work&>(work);
        if (self.run_owner)
          self.run_owner(self.owner);
        else
          delete &self;
      };
    }
    Run run_owner;
    void* owner;
  };
  Work* work_;
};

}  // namespace weft::detail
