#include <cassert>
#include <chrono>
#include <cstdio>
#include <sched.h>
#include <string>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include <weft/runtime/cores.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/random.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/tasks.h>

#include "capabilities.h"
#include "driver.h"
#include "loop_list.h"
#include "stall.h"
#include "timer_wheel.h"

namespace weft {
namespace {
std::atomic<unsigned> reports_wanted{0};
}  // namespace

Result<std::unique_ptr<Loop>> Loop::create(const LoopOptions& options) {
  auto driver = detail::make_driver(options);
  if (!driver) return std::move(driver).status();
  auto loop = std::make_unique<Loop>(*std::move(driver), options);
  detail::report_capabilities_once();
  return loop;
}

Loop::Loop(std::unique_ptr<detail::Driver> driver, const LoopOptions& options)
    : driver_(std::move(driver)),
      timers_(std::make_unique<detail::TimerWheel>(driver_->now())),
      options_(options),
      turn_began_(driver_->now()),
      thread_id_(gettid()),
      core_(static_cast<int>(this_core())),
      simulated_(driver_->is_simulated()),
      reports_(reports_wanted.load(std::memory_order_relaxed)) {
  assert(!current_ && "a thread has one loop");
  if (simulated_) options_.busy_poll = {};  // its time would stand still
  current_ = this;
  detail::LoopList::add(*this);
  background_ = std::make_unique<Scope>(ScopeOptions{.keep_going = true});
  if (options.stall_limit > Duration::zero() && !simulated_)
    stall_watch_ = std::make_unique<detail::StallWatch>(options.stall_limit, counters_.resumed);
  if (options.cpu >= 0) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(options.cpu, &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);  // refused in a narrower cpuset: the loop then runs unpinned
  }
}

Loop::~Loop() {
  background_->cancel();
  while (background_->size()) turn();
  background_.reset();
  while (!locals_.empty()) {
    detail::Local local = locals_.back();
    locals_.pop_back();
    if (local.object) local.destroy(local.object);
  }
  // Sockets that were closed still own memory which the kernel may write to, until it says otherwise.
  // What others have posted may be somebody's last word on something that must be freed.
  while (driver_->in_flight() || ready_ || turn_end_ || mailbox_.load(std::memory_order_acquire)) turn();
  stall_watch_.reset();
  timers_.reset();
  driver_.reset();
  // A Scope may live longer than the loop that it was made on.
  while (Context* context = contexts_) {
    contexts_ = context->next_;
    context->next_ = nullptr;
    context->previous_ = nullptr;
  }
  detail::LoopList::remove(*this);
  current_ = nullptr;
}

Instant Loop::now() const noexcept { return driver_->now(); }

bool Loop::is_simulated() const noexcept { return driver_->is_simulated(); }

Loop::Counters Loop::counters() const noexcept {
  Counters counters = counters_;
  counters.system_calls = driver_->system_calls();
  counters.zero_copies = driver_->zero_copies();
  return counters;
}

void Loop::post(Message& message) noexcept {
  message.next = mailbox_.load(std::memory_order_relaxed);
  while (!mailbox_.compare_exchange_weak(message.next, &message, std::memory_order_seq_cst,
                                         std::memory_order_relaxed)) {
  }
  // Either this sees the loop parked and wakes it, or the loop, which looks at its mailbox after it said that
  // it parks, sees the message: both are sequentially consistent. One of those who see it parked wakes it for
  // all of them: it comes back awake, or sees what they posted when it says the next time that it parks.
  if (!parked_.load(std::memory_order_seq_cst) || !parked_.exchange(false, std::memory_order_seq_cst)) return;
  if (current_)
    current_->driver_->wake_other(*driver_);
  else
    driver_->wake();
}

void Loop::stop() noexcept {
  stop_.store(true, std::memory_order_seq_cst);
  driver_->wake();
}

void Loop::run_messages() noexcept {
  if (!mailbox_.load(std::memory_order_relaxed)) return;
  Message* newest = mailbox_.exchange(nullptr, std::memory_order_acquire);
  Message* oldest = nullptr;
  while (newest) {
    Message* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest) {
    Message* message = oldest;
    oldest = message->next;  // it may be gone once it has run
    message->run(*message);
  }
}

std::size_t Loop::shuffle_ready() {
  std::vector<detail::Frame*> frames;
  for (detail::Frame* frame = ready_; frame; frame = frame->next_ready) frames.push_back(frame);
  ready_ = nullptr;
  ready_tail_ = &ready_;
  for (std::size_t left = frames.size(); left; --left) {
    std::swap(frames[shuffle_->below(static_cast<std::uint32_t>(left))], frames[left - 1]);
    make_ready(frames[left - 1]);
  }
  return frames.size();
}

void Loop::run_ready() noexcept {
  std::size_t shuffled = 0;
  for (std::uint32_t budget = options_.turn_budget; ready_ && budget; --budget) {
    if (shuffle_ && shuffled-- == 0) [[unlikely]]
      shuffled = shuffle_ready() - 1;
    detail::Frame* frame = ready_;
    ready_ = frame->next_ready;
    if (!ready_) ready_tail_ = &ready_;
    ++counters_.resumed;
    detail::resume(frame);
  }
  detail::exchange_running({});
}

bool Loop::has_work() const noexcept {
  return ready_ || turn_end_ || mailbox_.load(std::memory_order_acquire) ||
         stop_.load(std::memory_order_relaxed);
}

/// True: there is something to do.
bool Loop::poll_busily() {
  // An idle loop must not burn its CPU: after n polls in vain, the next 2^n sleeps go without.
  constexpr std::uint32_t vain_max = 10;
  if (sleeps_before_poll_ > 0) {
    --sleeps_before_poll_;
    return false;
  }
  Instant next_timer = timers_->next(), time = driver_->now(), end = time + options_.busy_poll;
  while (time < end && time < next_timer) {
    driver_->wait({});  // only looks
    if (has_work()) {
      polls_in_vain_ = 0;
      return true;
    }
    time = driver_->now();
  }
  if (polls_in_vain_ < vain_max) ++polls_in_vain_;
  sleeps_before_poll_ = 1u << polls_in_vain_;
  return false;
}

void Loop::turn() {
  ++counters_.turns;
  if (reports_ != reports_wanted.load(std::memory_order_relaxed)) [[unlikely]]
    report();
  Instant until{};  // the past: only look
  bool polled = options_.busy_poll > Duration::zero() && !has_work() && poll_busily();
  if (!polled && !ready_ && !turn_end_) {
    parked_.store(true, std::memory_order_seq_cst);
    if (!mailbox_.load(std::memory_order_seq_cst) && !stop_.load(std::memory_order_seq_cst))
      until = timers_->next();
  }
  if (!polled) driver_->wait(until);
  parked_.store(false, std::memory_order_relaxed);
  turn_began_ = driver_->now();
  if (stall_watch_) stall_watch_->begin_turn(turn_began_);
  run_messages();
  if (timers_->size()) timers_->advance(turn_began_);
  run_ready();
  while (detail::TurnEnd* work = turn_end_) {
    turn_end_ = work->next;
    work->queued = false;
    work->run(*work);
  }
  if (stall_watch_) stall_watch_->end_turn();
}

void Loop::report() {
  reports_ = reports_wanted.load(std::memory_order_relaxed);
  std::string text = fmt::format("weft core {}: {}", this_core(), describe_tasks());
  std::fwrite(text.data(), 1, text.size(), stderr);
}

std::size_t detail::new_local_slot() noexcept {
  static std::atomic<std::size_t> next{0};
  return next.fetch_add(1, std::memory_order_relaxed);
}

void detail::ask_for_reports() noexcept { reports_wanted.fetch_add(1, std::memory_order_relaxed); }

void Loop::run_root(detail::Frame& root) {
  Context context{nullptr};
  bool done = false;
  root.context = &context;
  root.root = &done;
  root.on_done = [](detail::Frame& frame) noexcept { *static_cast<bool*>(frame.root) = true; };
  root.started = true;
  make_ready(&root);
  while (!done) {
    turn();
    if (stop_.load(std::memory_order_relaxed)) {
      stop_.store(false, std::memory_order_relaxed);
      context.cancel(cancelled("stopped"));
    }
  }
  driver_->submit();
}

Instant now() noexcept {
  if (Loop* loop = Loop::current()) return loop->now();
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

}  // namespace weft
