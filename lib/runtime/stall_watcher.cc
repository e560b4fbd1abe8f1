#include "stall_watcher.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <weft/runtime/log.h>

#include "code_address.h"
#include "driver.h"

namespace weft::detail {
namespace {

constexpr unsigned reports_a_minute = 10;
/// Between asking a thread where it is, and its answer.
constexpr Duration answer_time = 1ms;
/// A watcher that finds nothing running so often sleeps until a loop wakes it. Should it miss that, as the
/// loop's check for it is not ordered with its own, it still looks now and then.
constexpr unsigned vain_looks_max = 20;
constexpr Duration sleep_max = 10s;

double milliseconds(Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

}  // namespace

StallWatcher& StallWatcher::instance() {
  static const bool made = [] {
    current_ = new StallWatcher;
    // The child of a fork has neither the thread nor the loops of the others; its own is not watched any
    // more.
    pthread_atfork(nullptr, nullptr, [] {
      auto* fresh = new StallWatcher;
      fresh->left_behind_ = current_;
      current_ = fresh;
      StallWatch::watcher_sleeps.store(false, std::memory_order_relaxed);
    });
    return true;
  }();
  (void)made;
  return *current_;
}

void StallWatcher::add(StallWatch& watch) {
  StallWatcher& self = instance();
  std::lock_guard lock{self.mutex_};
  self.watches_.push_back(&watch);
  self.woken_ = true;
  if (!self.thread_.joinable())
    self.start_thread();
  else
    self.changed_.notify_all();
}

void StallWatcher::remove(StallWatch& watch) {
  StallWatcher& self = instance();
  Lines say;
  std::thread idle;
  {
    std::lock_guard lock{self.mutex_};
    if (std::erase(self.watches_, &watch) == 0) return;  // after a fork
    self.look_at(watch, machine_time(), say);
    if (self.watches_.empty()) {
      ++self.threads_;  // a new one may be started before this one has ended
      self.changed_.notify_all();
      idle = std::move(self.thread_);
    }
  }
  if (idle.joinable()) idle.join();
  for (const std::string& line : say) log(LogLevel::warning, line);
}

void StallWatcher::wake() noexcept {
  if (!StallWatch::watcher_sleeps.exchange(false, std::memory_order_relaxed)) return;
  StallWatcher& self = instance();
  std::lock_guard lock{self.mutex_};
  self.woken_ = true;
  self.changed_.notify_all();
}

void StallWatcher::start_thread() {
  // Signals are for the threads of loops and of the program.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    thread_ = std::thread([this, number = ++threads_] { run(number); });
  } catch (const std::system_error&) {
    log(LogLevel::warning, "no thread for finding turns that take too long: they are not reported");
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

bool StallWatcher::some_turn_runs() const noexcept {
  return std::any_of(watches_.begin(), watches_.end(), [](const StallWatch* watch) {
    return watch->since_.load(std::memory_order_seq_cst) != 0;
  });
}

void StallWatcher::run(unsigned number) noexcept {
  std::unique_lock lock{mutex_};
  while (number == threads_) {
    Lines say;
    Duration pause = look(say);
    if (!say.empty()) {
      lock.unlock();
      for (const std::string& line : say) log(LogLevel::warning, line);
      lock.lock();
      continue;
    }
    vain_looks_ = some_turn_runs() ? 0 : vain_looks_ + 1;
    if (vain_looks_ > vain_looks_max) {
      StallWatch::watcher_sleeps.store(true, std::memory_order_seq_cst);
      if (!some_turn_runs()) pause = sleep_max;
    }
    changed_.wait_for(lock, pause, [this, number] { return number != threads_ || woken_; });
    if (number != threads_) return;
    if (std::exchange(woken_, false)) vain_looks_ = 0;
    StallWatch::watcher_sleeps.store(false, std::memory_order_relaxed);
  }
}

Duration StallWatcher::look(Lines& say) {
  Instant now = machine_time();
  Duration pause = sleep_max;
  for (StallWatch* watch : watches_) {
    look_at(*watch, now, say);
    bool asking = watch->asked_.load(std::memory_order_relaxed) != 0 && watch->told_ == StallWatch::Told::no;
    pause = std::min(pause, asking ? answer_time : std::max<Duration>(watch->limit_ / 2, 1ms));
  }
  return pause;
}

void StallWatcher::look_at(StallWatch& watch, Instant now, Lines& say) {
  using Told = StallWatch::Told;
  std::int64_t since = watch.since_.load(std::memory_order_acquire);
  if (std::int64_t asked = watch.asked_.load(std::memory_order_relaxed)) {
    bool over = since != asked;
    bool captured = watch.captured_.load(std::memory_order_acquire) == asked;
    bool timed = over && watch.ended_.load(std::memory_order_acquire) == asked;
    Duration took = timed ? Duration{watch.total_} : now - Instant{Duration{asked}};
    if (watch.told_ == Told::no && (captured || (!over && now >= watch.give_up_))) {
      watch.told_ = may_report(watch, now, say) ? Told::yes : Told::left_out;
      if (watch.told_ == Told::yes) report(watch, captured, took, over, say);
    } else if (watch.told_ == Told::yes && timed) {
      say.push_back(fmt::format("core {}: the turn that ran for too long took {:.0f} ms", watch.core_,
                                milliseconds(took)));
    }
    if (!over) return;
    watch.asked_.store(0, std::memory_order_relaxed);
    watch.told_ = Told::no;
  }
  if (since == 0 || now - Instant{Duration{since}} < watch.limit_) return;
  watch.give_up_ = now + watch.limit_;
  watch.asked_.store(since, std::memory_order_release);
  if (StallWatch::handle_signal()) pthread_kill(watch.thread_, stall_signal);
}

/// One that hangs all the time shall not fill a disk.
bool StallWatcher::may_report(StallWatch& watch, Instant now, Lines& say) {
  if (now - watch.minute_began_ >= 1min) {
    if (watch.left_out_)
      say.push_back(
          fmt::format("core {}: {} more turns ran for too long since", watch.core_, watch.left_out_));
    watch.minute_began_ = now;
    watch.told_in_minute_ = watch.left_out_ = 0;
  }
  if (watch.told_in_minute_ < reports_a_minute) {
    ++watch.told_in_minute_;
    return true;
  }
  ++watch.left_out_;
  return false;
}

void StallWatcher::report(StallWatch& watch, bool captured, Duration so_far, bool over, Lines& say) {
  const StallWatch::Capture& capture = watch.capture_;
  std::string line =
      fmt::format("core {}: a turn {} {:.0f} ms, more than {:.0f}", watch.core_,
                  over ? "took" : "has been running for", milliseconds(so_far), milliseconds(watch.limit_));
  if (!captured) {
    say.push_back(line + fmt::format("; where is not known, as its thread takes no signal {}", stall_signal));
    return;
  }
  auto place = [&capture](int index) {
    const std::source_location& at = capture.places[index];
    return fmt::format("{}:{} ({})", at.file_name(), at.line(), at.function_name());
  };
  // A task that has met no co_await yet has no place.
  int first = 0;
  while (first < capture.place_count && capture.places[first].line() == 0) ++first;
  if (capture.place_count == 0)
    line += ", outside of tasks";
  else
    line += fmt::format(", in task {} of it", capture.task);
  if (first < capture.place_count)
    line += fmt::format(", {} {}", first ? "awaited at" : "last at", place(first));
  say.push_back(std::move(line));
  for (int index = first + 1; index < capture.place_count; ++index)
    say.push_back("  awaited at " + place(index));
  int top = 0;
  for (int index = 0; index < capture.stack_size; ++index)
    if (capture.stack[index] == capture.interrupted) top = index;
  for (int index = top; index < capture.stack_size; ++index) {
    // What stands behind a return address is the next line, perhaps of another function.
    const auto* code = static_cast<const char*>(capture.stack[index]) - (index > top ? 1 : 0);
    std::string name = describe_code(code);
    if (name.starts_with("weft::Loop::") || name.starts_with("weft::detail::resume(")) break;
    if (!name.starts_with("weft::detail::Frame::await_child(")) say.push_back("  in " + name);
  }
}

}  // namespace weft::detail
