// Cancellation: who may be told to stop, and how it arrives.
//
// A Context belongs to one strand of execution: a task and everything it awaits in turn. Awaiting hands it
// down, so cancelling it reaches whatever the strand is waiting for right now. Strands that run side by side
// (all, race, Scope) have child contexts, which are cancelled with their parent. Cancelling never destroys
// anything: the wait ends with `cancelled` or `deadline_exceeded`, or with its result when that was already
// there, and the task unwinds by itself.
//
// Application code meets none of this: use `within`, `race`, `Scope`. This header is for those who write
// awaitables.
#pragma once

#include <concepts>
#include <coroutine>
#include <source_location>
#include <utility>

#include <weft/runtime/clock.h>
#include <weft/runtime/status.h>

namespace weft {

class Context;
class Scope;
class Suspension;

namespace detail {

/// A timer of the loop's wheel. It is disarmed when it dies.
class Timer {
 public:
  using Fire = void (*)(Timer&) noexcept;
  explicit Timer(Fire fire) noexcept : fire_(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { disarm(); }

  /// Fires once on this thread's loop, not before `when`; armed again it moves. O(1).
  void arm(Instant when);
  void disarm() noexcept;
  bool armed() const noexcept { return list_ != nullptr; }

 private:
  friend class TimerWheel;
  Fire fire_;
  Timer* next_ = nullptr;
  Timer** previous_ = nullptr;  ///< the pointer that points here
  void* list_ = nullptr;        ///< the slot it hangs in; null when disarmed
  Instant when_;
};

/// `unwinding`: it has failed, and ends when the tasks of its scopes have.
enum class Progress : std::uint8_t { running, unwinding, done };

struct LoopList;
struct TaskList;

struct Frame;
/// Cancels the tasks of the frame's scopes; the frame is done with the last of them.
void unwind(Frame& frame) noexcept;

/// What every coroutine's promise has: who awaits it, in which context, and how it ended.
struct Frame {
  std::coroutine_handle<> handle;
  Frame* awaiter = nullptr;  ///< the coroutine that awaits this one; null for a root
  Context* context = nullptr;
  Frame* next_ready = nullptr;                 ///< link of the loop's ready list
  void (*on_done)(Frame&) noexcept = nullptr;  ///< for a root
  void* root = nullptr;                        ///< what `on_done` belongs to
  Scope* scopes = nullptr;                     ///< that this coroutine opened, the latest first
  Status status;                               ///< why it failed, once done
  std::source_location place;                  ///< of the co_await it is in
  Progress progress = Progress::running;
  bool started = false;
  bool caught = false;  ///< the awaiter wants a failure as a value

  /// Ends this coroutine where it stands; its frame is destroyed by its owner, later. It is done at once,
  /// unless tasks of its scopes still run.
  void fail(Status reason) noexcept {
    reason.passed(place);
    status = std::move(reason);
    progress = Progress::done;
    if (scopes) [[unlikely]]
      unwind(*this);
  }
  /// Runs `child` in this frame's context, on this stack. True: this frame is now suspended, or has ended
  /// with the child's failure. Asking the child whether it finished, instead of symmetric transfer, keeps a
  /// loop of ready awaits from growing the stack on compilers that make no tail call of it.
  bool await_child(Frame& child, bool catches) noexcept {
    child.awaiter = this;
    child.context = context;
    child.caught = catches;
    child.started = true;
    child.handle.resume();
    if (child.progress != Progress::done) return true;
    if (child.status.ok() || catches) return false;
    fail(std::move(child.status));
    return true;
  }
};

/// What runs on a thread: a strand, and its coroutine that was resumed or started, from which others may have
/// been called since.
struct Running {
  Context* context = nullptr;
  Frame* frame = nullptr;
};
/// Makes `now` what runs on this thread; returns what did before.
Running exchange_running(Running now) noexcept;
/// Null outside of tasks. Also from a signal handler.
const Frame* running_frame() noexcept;

/// For tests: called on every thread whenever a coroutine has been suspended. Null in programs.
using SuspensionHook = void (*)() noexcept;
extern constinit SuspensionHook suspension_hook;

/// Runs a coroutine that is ready, and then each awaiter that this completes.
void resume(Frame* frame) noexcept;

}  // namespace detail

/// One strand's cancellation and deadline. Lives on the thread of its loop; must not move.
class Context {
 public:
  /// Inherits the deadline of `parent` and its cancellation; null for a root.
  explicit Context(Context* parent) noexcept;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();

  /// Ends what the strand and its children wait for now, and whatever they will wait for. The first reason
  /// stays.
  void cancel(Status reason) noexcept;
  bool is_cancelled() const noexcept { return !reason_.ok(); }
  const Status& reason() const noexcept { return reason_; }

  /// Cancels with `deadline_exceeded` at `when` unless an earlier deadline was inherited.
  void set_deadline(Instant when);
  Deadline deadline() const noexcept { return deadline_; }

  /// What everything in this strand, and in those begun below it from now on, can find: the call that a
  /// handler serves. It must outlive them. Null: nothing.
  void carry(void* what) noexcept { carried_ = what; }
  void* carried() const noexcept { return carried_; }

 private:
  friend class Loop;
  friend class Suspension;
  friend struct detail::LoopList;
  friend struct detail::TaskList;
  struct DeadlineTimer : detail::Timer {
    explicit DeadlineTimer(Context& context) noexcept : Timer(&deadline_passed), context(context) {}
    Context& context;
  };
  static void deadline_passed(detail::Timer& timer) noexcept;

  Context* first_child_ = nullptr;
  Context* next_ = nullptr;
  Context** previous_ = nullptr;   ///< the pointer that points here; null: in no list
  Suspension* waiting_ = nullptr;  ///< what the strand waits for now
  Instant waiting_since_;
  Status reason_;
  Deadline deadline_ = Instant::never();
  void* carried_ = nullptr;
  DeadlineTimer timer_;
};

/// The context of the task that runs now on this thread; null outside of tasks.
Context* current_context() noexcept;

/// The base of every awaitable that really waits. A derived class has
///
///   bool await_ready() noexcept;      nothing to wait for?
///   void start() noexcept override;   begins to wait; may call `finish` at once
///   void cancel() noexcept override;  asked to end early: `finish` must still come, exactly once
///   T await_resume();                 the value, after a `finish` with OK
///
/// It lives in the awaiting coroutine's frame and stays where it is until it has finished.
class Suspension {
 public:
  Suspension() noexcept = default;
  /// Only before it waits: awaitables are handed around by value.
  Suspension(Suspension&& other) noexcept : shielded_(other.shielded_) {}
  Suspension& operator=(Suspension&&) = delete;

  /// For the awaiter. True: the coroutine stays suspended, or has ended with a failure nobody catches.
  bool begin(detail::Frame& frame, bool catches) noexcept;
  /// How the wait ended, if the failure was to be caught.
  Status take_status() noexcept { return std::move(status_); }

 protected:
  /// A wait that must run to its end also when the strand is cancelled, as that for one's own children.
  struct Shielded {};
  explicit Suspension(Shielded) noexcept : shielded_(true) {}
  ~Suspension() = default;
  virtual void start() noexcept = 0;
  virtual void cancel() noexcept = 0;

  bool is_waiting() const noexcept { return frame_ != nullptr; }
  /// Ends the wait: the coroutine becomes ready, or ends with `status` where that is a failure nobody
  /// catches.
  void finish(Status status = {}) noexcept;
  /// Ends it with the reason for which the strand was cancelled: what `cancel` usually does.
  void finish_cancelled() noexcept;
  /// Why the strand was cancelled; for `cancel` to look at.
  const Status& cancel_reason() const noexcept { return frame_->context->reason(); }

 private:
  friend class Context;
  friend struct detail::LoopList;
  friend struct detail::TaskList;

  detail::Frame* frame_ = nullptr;
  Status status_;
  bool catches_ = false;
  bool starting_ = false;
  bool shielded_ = false;
};

/// An awaitable that may wait: see Suspension.
template <class A>
concept Operation = std::derived_from<std::remove_cvref_t<A>, Suspension>;

}  // namespace weft
