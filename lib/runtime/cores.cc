#include <sched.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/sync.h>

namespace weft {
namespace {

thread_local constinit Cores* my_cores = nullptr;
thread_local constinit unsigned my_core = 0;

std::vector<int> allowed_cpus() {
  std::vector<int> cpus;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
      if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  if (cpus.empty()) cpus.push_back(-1);
  return cpus;
}

Task<void> until(Event& event) { co_await event.wait(); }

}  // namespace

unsigned this_core() noexcept { return my_core; }
unsigned core_count() noexcept { return my_cores ? my_cores->size() : 1; }
Loop* detail::loop_of_core(unsigned core) noexcept {
  return my_cores ? &my_cores->loop(core) : Loop::current();
}

Cores::Cores(const CoresOptions& options) : options_(options), cpus_(allowed_cpus()) {
  count_ = options.count ? options.count : static_cast<unsigned>(cpus_.size());
}

Cores::~Cores() {
  stop();
  (void)join();
}

Status Cores::start(std::function<Task<void>(unsigned)> main) {
  main_ = std::move(main);
  loops_.assign(count_, nullptr);
  statuses_.assign(count_, Status{});
  quits_ = std::vector<Signal>(count_);
  meetings_ = std::vector<Signal>(count_);
  arrived_ = 0;
  starting_ = running_ = posting_ = count_;
  failed_to_start_ = go_ = exit_ = false;
  for (unsigned core = 0; core < count_; ++core)
    threads_.emplace_back(&Cores::run_core, this, core, options_.pin ? cpus_[core % cpus_.size()] : -1);
  // Nobody goes before every loop is there: from then on each may post to each.
  for (unsigned left; (left = starting_.load()) != 0;) starting_.wait(left);
  go_ = true;
  go_.notify_all();
  if (!failed_to_start_) return {};
  return join();
}

void Cores::run_core(unsigned core, int cpu) noexcept {
  my_cores = this;
  my_core = core;
  LoopOptions options = options_.loop;
  options.cpu = cpu;
  auto loop = Loop::create(options);
  if (loop)
    loops_[core] = loop->get();
  else {
    statuses_[core] = std::move(loop).status();
    failed_to_start_ = true;
  }
  if (starting_.fetch_sub(1) == 1) starting_.notify_all();
  go_.wait(false);
  if (failed_to_start_) return;

  Event quit;
  quits_[core].event = &quit;
  quits_[core].run = [](Message& message) noexcept { static_cast<Signal&>(message).event->set(); };

  auto result = (*loop)->run(main_(core));
  if (!result && result.status().code() != Code::cancelled) statuses_[core] = std::move(result).status();
  if (running_.fetch_sub(1) == 1)
    for (unsigned other = 0; other < count_; ++other) loops_[other]->post(quits_[other]);
  while (!quit.is_set()) (void)(*loop)->run(until(quit));  // a late stop() ends the wait, not the service
  // No loop dies while another thread may still be posting to it.
  if (posting_.fetch_sub(1) == 1) posting_.notify_all();
  exit_.wait(false);
}

Task<void> Cores::rendezvous() {
  Event met;
  Signal& own = meetings_[my_core];
  own.event = &met;
  own.run = [](Message& message) noexcept { static_cast<Signal&>(message).event->set(); };
  if (arrived_.fetch_add(1) + 1 == count_)
    for (unsigned core = 0; core < count_; ++core) loops_[core]->post(meetings_[core]);
  co_await shield(until(met));
}

void Cores::stop() noexcept {
  // May run in a signal handler, on any thread, while `join` is about to let the loops die.
  stopping_.fetch_add(1);
  if (go_ && !failed_to_start_ && !exit_)
    for (Loop* loop : loops_) loop->stop();
  stopping_.fetch_sub(1);
}

Status Cores::join() {
  for (unsigned left; !failed_to_start_ && (left = posting_.load()) != 0;) posting_.wait(left);
  exit_ = true;
  while (stopping_.load()) std::this_thread::yield();
  exit_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  loops_.clear();
  for (Status& status : statuses_)
    if (!status.ok()) return std::exchange(status, Status{});
  return {};
}

}  // namespace weft
