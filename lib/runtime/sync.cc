#include <weft/runtime/sync.h>

namespace weft::detail {

void WaitQueue::push(QueuedWait& wait) noexcept {
  wait.queue_ = this;
  wait.next_ = nullptr;
  wait.previous_ = last_;
  *last_ = &wait;
  last_ = &wait.next_;
}

void WaitQueue::remove(QueuedWait& wait) noexcept {
  *wait.previous_ = wait.next_;
  if (wait.next_)
    wait.next_->previous_ = wait.previous_;
  else
    last_ = wait.previous_;
  wait.queue_ = nullptr;
}

bool WaitQueue::wake_one(Status status) noexcept {
  QueuedWait* wait = first_;
  if (!wait) return false;
  remove(*wait);
  wait->finish(std::move(status));
  return true;
}

void WaitQueue::wake_all(const Status& status) noexcept {
  while (wake_one(status)) {
  }
}

void QueuedWait::cancel() noexcept {
  if (shielded_) return;
  queue_->remove(*this);
  finish_cancelled();
}

}  // namespace weft::detail
