#include <cassert>

#include <weft/runtime/cancel.h>
#include <weft/runtime/loop.h>

namespace weft {
namespace {
constinit thread_local detail::Running running;
}  // namespace

Context* current_context() noexcept { return running.context; }
Deadline current_deadline() noexcept {
  return running.context ? running.context->deadline() : Instant::never();
}

namespace detail {

constinit SuspensionHook suspension_hook = nullptr;

Running exchange_running(Running now) noexcept { return std::exchange(running, now); }
const Frame* running_frame() noexcept { return running.frame; }

void resume(Frame* frame) noexcept {
  running.context = frame->context;
  for (;;) {
    running.frame = frame;
    if (frame->progress == Progress::running) frame->handle.resume();
    if (frame->progress != Progress::done) return;
    Frame* awaiter = frame->awaiter;
    if (!awaiter) {
      running.frame = nullptr;  // it may go now
      return frame->on_done(*frame);
    }
    if (!frame->status.ok() && !frame->caught) awaiter->fail(std::move(frame->status));
    frame = awaiter;
  }
}

}  // namespace detail

void Context::deadline_passed(detail::Timer& timer) noexcept {
  static_cast<DeadlineTimer&>(timer).context.cancel(deadline_exceeded());
}

Context::Context(Context* parent) noexcept : timer_(*this) {
  Loop* loop = Loop::current();
  Context** first = parent ? &parent->first_child_ : loop ? &loop->contexts_ : nullptr;
  if (first) {
    next_ = *first;
    if (next_) next_->previous_ = &next_;
    previous_ = first;
    *first = this;
  }
  if (!parent) return;
  deadline_ = parent->deadline_;
  carried_ = parent->carried_;
  if (parent->is_cancelled()) reason_ = parent->reason_;
}

Context::~Context() {
  assert(!waiting_);
  // Children left here belong to frames that have ended but are not destroyed yet: nothing waits in them any
  // more.
  while (Context* child = first_child_) {
    first_child_ = child->next_;
    child->next_ = nullptr;
    child->previous_ = nullptr;
  }
  if (!previous_) return;
  *previous_ = next_;
  if (next_) next_->previous_ = previous_;
}

void Context::cancel(Status reason) noexcept {
  if (is_cancelled()) return;
  reason_ = std::move(reason);
  if (waiting_) waiting_->cancel();
  // Nothing runs in here: waits that end only make their coroutines ready.
  for (Context* child = first_child_; child; child = child->next_) child->cancel(reason_);
}

void Context::set_deadline(Instant when) {
  if (when >= deadline_) return;
  deadline_ = when;
  timer_.arm(when);
}

bool Suspension::begin(detail::Frame& frame, bool catches) noexcept {
  catches_ = catches;
  Context& context = *frame.context;
  if (context.is_cancelled() && !shielded_) {
    status_ = context.reason();
  } else {
    frame_ = &frame;
    context.waiting_ = this;
    context.waiting_since_ = Loop::current()->turn_began();
    starting_ = true;
    start();
    starting_ = false;
    if (frame_) {
      if (detail::suspension_hook) [[unlikely]]
        detail::suspension_hook();
      return true;
    }
  }
  if (status_.ok() || catches_) return false;
  frame.fail(std::move(status_));
  return true;
}

void Suspension::finish(Status status) noexcept {
  detail::Frame* frame = std::exchange(frame_, nullptr);
  assert(frame);
  frame->context->waiting_ = nullptr;
  status_ = std::move(status);
  if (starting_) return;
  if (!status_.ok() && !catches_) frame->fail(std::move(status_));
  if (frame->progress != detail::Progress::unwinding) Loop::current()->make_ready(frame);
}

void Suspension::finish_cancelled() noexcept { finish(cancel_reason()); }

}  // namespace weft
