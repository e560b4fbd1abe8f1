#include "stall.h"

#include <cerrno>
#include <execinfo.h>
#include <ucontext.h>

#include <weft/runtime/cancel.h>
#include <weft/runtime/cores.h>

#include "driver.h"
#include "stall_watcher.h"

namespace weft::detail {
namespace {

constinit thread_local StallWatch* watch_of_thread = nullptr;

const void* interrupted_at([[maybe_unused]] const void* context) noexcept {
#if defined(__x86_64__)
  return reinterpret_cast<const void*>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<const void*>(static_cast<const ucontext_t*>(context)->uc_mcontext.pc);
#else
  return nullptr;
#endif
}

}  // namespace

std::atomic<bool> StallWatch::watcher_sleeps{false};

StallWatch::StallWatch(Duration limit, const std::uint64_t& resumed)
    : resumed_(resumed), limit_(limit), core_(this_core()), thread_(pthread_self()) {
  void* first;
  backtrace(&first, 1);  // loads the unwinder, which a signal handler must not
  watch_of_thread = this;
  StallWatcher::add(*this);
}

StallWatch::~StallWatch() {
  StallWatcher::remove(*this);
  watch_of_thread = nullptr;
}

void StallWatch::on_signal(int, siginfo_t*, void* context) noexcept {
  int error = errno;
  if (watch_of_thread) watch_of_thread->capture(interrupted_at(context));
  errno = error;
}

void StallWatch::capture(const void* interrupted) noexcept {
  std::int64_t since = since_.load(std::memory_order_relaxed);
  if (since == 0 || asked_.load(std::memory_order_acquire) != since) return;  // too late
  if (captured_.load(std::memory_order_relaxed) == since) return;
  capture_.task = resumed_ - resumed_before_;
  capture_.place_count = 0;
  for (const Frame* frame = running_frame(); frame && capture_.place_count < places_max;
       frame = frame->awaiter)
    capture_.places[capture_.place_count++] = frame->place;
  capture_.stack_size = backtrace(capture_.stack, stack_max);
  capture_.interrupted = interrupted;
  captured_.store(since, std::memory_order_release);
}

void StallWatch::note_end(std::int64_t since) noexcept {
  (void)asked_.load(std::memory_order_acquire);  // the watcher is done with the last one
  total_ = machine_time().since_start.count() - since;
  ended_.store(since, std::memory_order_release);
}

void StallWatch::wake_watcher() noexcept { StallWatcher::wake(); }

bool StallWatch::handle_signal() noexcept {
  struct sigaction now{};
  if (sigaction(stall_signal, nullptr, &now) != 0) return false;
  if (now.sa_flags & SA_SIGINFO) return now.sa_sigaction == &on_signal;
  if (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN) return false;  // the program uses it
  struct sigaction ours{};
  ours.sa_sigaction = &on_signal;
  ours.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&ours.sa_mask);
  return sigaction(stall_signal, &ours, nullptr) == 0;
}

}  // namespace weft::detail
