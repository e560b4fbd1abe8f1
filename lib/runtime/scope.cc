#include <cstdio>
#include <cstdlib>

#include <weft/runtime/combine.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/scope.h>

namespace weft {

namespace detail {

void Strand::start(Frame& frame) noexcept {
  frame.context = &context;
  frame.root = this;
  frame.on_done = [](Frame& done) noexcept {
    auto& strand = *static_cast<Strand*>(done.root);
    strand.finished(strand);
  };
  frame.started = true;
  Running previous = exchange_running({&context, &frame});
  frame.handle.resume();
  exchange_running(previous);
  if (frame.progress == Progress::done) finished(*this);
}

Group::Group(Decides decides, std::vector<Frame*> frames)
    : decides_(decides), join_(frames.size()), context_(current_context()) {
  members_.reserve(frames.size());
  for (std::size_t index = 0; index < frames.size(); ++index)
    members_.push_back(std::make_unique<Member>(*this, *frames[index], index));
}

Join& Group::start() noexcept {
  for (auto& member : members_) member->start(*member->frame);
  return join_;
}

void Group::ended(Strand& strand) noexcept {
  auto& member = static_cast<Member&>(strand);
  auto& group = *static_cast<Group*>(member.owner);
  bool succeeded = member.frame->status.ok();
  if (group.decider_ == nobody && succeeded == (group.decides_ == Decides::success)) {
    group.decider_ = member.index;
    group.context_.cancel(cancelled(succeeded ? "another was faster" : "a sibling failed"));
  }
  group.join_.arrive();
}

Status Group::failure() noexcept {
  if (members_.empty()) return invalid_argument("there is no task");
  return std::move(members_[decider_ == nobody ? 0 : decider_]->frame->status);
}

}  // namespace detail

/// A spawned task: it and its strand die together when it has ended.
struct Scope::Spawned : detail::Strand {
  Spawned(Scope& scope, Task<void> task)
      : Strand(&scope.context_, &Scope::ended, &scope), task(std::move(task)) {}
  static void* operator new(std::size_t size) { return detail::allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { detail::free_frame(memory, size); }
  Task<void> task;
};

class Scope::Idle final : public detail::QueuedWait {
 public:
  explicit Idle(Scope& scope) noexcept : scope_(scope) {}
  struct ToTheEnd {};
  static constexpr ToTheEnd to_the_end{};
  Idle(Scope& scope, ToTheEnd) noexcept : QueuedWait(Shielded{}), scope_(scope) {}
  bool await_ready() const noexcept { return scope_.size_ == 0; }
  void await_resume() const noexcept {}

 private:
  void start() noexcept override { scope_.waiting_.push(*this); }
  Scope& scope_;
};

void detail::unwind(Frame& frame) noexcept {
  for (Scope* scope = frame.scopes; scope; scope = scope->outer_) {
    if (scope->size_) frame.progress = Progress::unwinding;
    scope->cancel(Status{frame.status});
  }
}

Scope::Scope(ScopeOptions options) noexcept : options_(options), context_(current_context()) {}

Scope::Scope(ScopeOptions options, detail::Frame& frame) noexcept
    : options_(options), frame_(&frame), outer_(frame.scopes), context_(frame.context) {
  frame.scopes = this;
}

Scope::~Scope() {
  if (frame_) frame_->scopes = outer_;
  if (size_ == 0) return;
  std::fprintf(stderr, "weft: a Scope was destroyed while %zu of its tasks still ran: join it first\n",
               size_);
  std::abort();
}

bool Scope::spawn(Task<void> task) {
  if (size_ >= options_.tasks_max || context_.is_cancelled()) return false;
  auto* spawned = new Spawned(*this, std::move(task));
  ++size_;
  spawned->start(*spawned->task.promise());
  return true;
}

void Scope::ended(detail::Strand& strand) noexcept {
  auto* spawned = &static_cast<Spawned&>(strand);
  auto& scope = *static_cast<Scope*>(spawned->owner);
  Status status = std::move(spawned->task.promise()->status);
  delete spawned;
  if (!status.ok() && !scope.options_.keep_going && scope.failure_.ok()) {
    // A task that was cancelled with the scope did not fail.
    if (!scope.context_.is_cancelled()) scope.failure_ = std::move(status);
    scope.context_.cancel(cancelled("a sibling failed"));
  }
  if (--scope.size_ > 0) return;
  scope.waiting_.wake_all();
  if (scope.frame_ && scope.frame_->progress == detail::Progress::unwinding) scope.frame_may_end();
}

void Scope::frame_may_end() noexcept {
  for (Scope* scope = frame_->scopes; scope; scope = scope->outer_)
    if (scope->size_) return;
  frame_->progress = detail::Progress::done;
  Loop::current()->make_ready(frame_);
}

Task<void> Scope::join() {
  Idle idle{*this, Idle::to_the_end};
  co_await idle;
  co_await std::move(failure_);
}

Task<void> Scope::idle() {
  Idle idle{*this};
  co_await idle;
}

}  // namespace weft
