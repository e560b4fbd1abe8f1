#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <weft/runtime/log.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sim.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/tasks.h>

#include "../timer_wheel.h"
#include "simulated_driver.h"

namespace weft {
namespace {

/// What a host's loop runs: its main task, in a strand of its own.
struct Process {
  explicit Process(Task<void> main) : task(std::move(main)), context(nullptr) {}
  Task<void> task;
  Context context;
  bool done = false;

  void begin(Loop& loop) {
    detail::Frame& frame = *task.promise();
    frame.context = &context;
    frame.root = &done;
    frame.on_done = [](detail::Frame& ended) noexcept { *static_cast<bool*>(ended.root) = true; };
    frame.started = true;
    loop.make_ready(&frame);
  }
};

// For who finds a crashed test: asserts and sanitizers may end the process at any point.
char seed_line[64];
void on_abort(int number) {
  [[maybe_unused]] auto written =
      ::write(STDERR_FILENO, seed_line, std::char_traits<char>::length(seed_line));
  std::signal(number, SIG_DFL);
  std::raise(number);
}

std::optional<std::uint64_t> seed_to_replay() {
  const char* text = std::getenv("WEFT_SIM_SEED");
  if (!text) return std::nullopt;
  return std::strtoull(text, nullptr, 0);
}

}  // namespace

struct Host::State {
  State(Simulation::State& simulation, detail::HostId id, Duration turn_time)
      : simulation(simulation), id(id), turn_time(turn_time) {}

  Simulation::State& simulation;
  detail::HostId id;
  Duration turn_time;
  Instant busy_until{};
  std::function<Task<void>()> main{};
  detail::SimulatedDriver* driver = nullptr;  ///< of `loop`
  std::unique_ptr<Loop> loop{};
  std::unique_ptr<Process> process{};
  detail::Disk disk{};
  bool ends = false;    ///< is to be taken down before its next turn
  bool starts = false;  ///< and then to be booted
  Status status{};

  bool is_up() const noexcept { return loop && !ends; }
};

struct Simulation::State {
  explicit State(SimulationOptions wanted)
      : options(std::move(wanted)), world(options.seed), network(world, options.link) {
    world.tracer = options.trace;
  }

  Host& add(std::string_view name) {
    auto id = network.add(std::string(name));
    auto state = std::make_unique<Host::State>(*this, id, options.turn_time);
    hosts.push_back(std::unique_ptr<Host>(new Host(std::move(state))));
    return *hosts.back();
  }
  Host* find(std::string_view name) {
    for (auto& host : hosts)
      if (host->name() == name) return host.get();
    return nullptr;
  }
  detail::HostId id_of(std::string_view name) { return simulation->host(name).state_->id; }

  /// Makes a host's loop the thread's.
  template <class F>
  void on(Host::State& host, F function) {
    Loop* before = std::exchange(Loop::current_, host.loop.get());
    detail::Running running = detail::exchange_running({});
    function();
    detail::exchange_running(running);
    Loop::current_ = before;
  }

  void boot(Host::State& host) {
    Loop* before = std::exchange(Loop::current_, nullptr);
    auto driver = std::make_unique<detail::SimulatedDriver>(network, host.id, host.disk);
    host.driver = driver.get();
    host.loop = std::make_unique<Loop>(std::move(driver));
    host.loop->shuffle_ = options.shuffle ? &world.random : nullptr;
    Loop::current_ = before;
    host.status = {};
    host.busy_until = world.now;
    world.note("{} boots", network.name(host.id));
    if (!host.main) return;
    on(host, [&host] {
      host.process = std::make_unique<Process>(host.main());
      host.process->begin(*host.loop);
    });
  }

  /// Ends what runs there, where nobody sees what it still does.
  void take_down(Host::State& host) {
    if (!host.loop) return;
    host.driver->leave();
    on(host, [&host] {
      if (host.process) {
        if (!host.process->done) host.process->context.cancel(cancelled("the host crashed"));
        while (!host.process->done) host.loop->turn();
        host.process.reset();
      }
      host.loop.reset();
    });
    host.driver = nullptr;
  }

  /// As a process that exits: what it has open is closed, and its peers are told.
  void exit(Host::State& host) {
    host.status = std::move(host.process->task.promise()->status);
    world.note("{} exits: {}", network.name(host.id), host.status.to_string());
    if (!host.status.ok() && host.status.code() != Code::cancelled)
      log(LogLevel::warning,
          fmt::format("simulated host {}: {}", network.name(host.id), host.status.to_string(true)));
    on(host, [&host] {
      host.process.reset();
      host.driver->leave_time();
      host.loop.reset();
    });
    host.driver = nullptr;
  }

  /// When it has something to do next.
  Instant ready_at(const Host::State& host) const noexcept {
    if (host.ends || host.starts) return world.now;
    if (!host.loop) return Instant::never();
    bool works = host.loop->has_work() || host.driver->has_work();
    return std::max(works ? world.now : host.loop->timers().next(), host.busy_until);
  }

  void take_turn(Host::State& host) {
    if (host.ends) {
      host.ends = false;
      take_down(host);
    }
    if (host.starts) {
      host.starts = false;
      boot(host);
    }
    if (!host.loop || ready_at(host) > world.now) return;
    on(host, [&host] { host.loop->turn(); });
    host.busy_until = world.now + host.turn_time;
    if (host.process && host.process->done && !host.ends) exit(host);
  }

  /// All that can happen now, or else the next thing that can, unless it is later than `until`. False: it is.
  bool step(Instant until) {
    world.run_due();
    std::vector<Host::State*> ready;
    Instant next = world.next_event();
    for (auto& host : hosts) {
      Instant at = ready_at(*host->state_);
      if (at <= world.now) ready.push_back(host->state_.get());
      next = std::min(next, at);
    }
    if (ready.empty()) {
      if (next > until) {
        world.now = std::max(world.now, until);
        return false;
      }
      if (next.is_never()) nothing_can_happen();
      world.now = next;
      return true;
    }
    for (std::size_t left = ready.size(); left; --left) {
      if (options.shuffle)
        std::swap(ready[world.random.below(static_cast<std::uint32_t>(left))], ready[left - 1]);
      take_turn(*ready[left - 1]);
    }
    return true;
  }

  [[noreturn]] void nothing_can_happen() {
    std::fprintf(stderr, "weft: every task waits and no timer is armed: nothing can happen any more\n");
    for (auto& host : hosts) {
      if (!host->state_->loop) continue;
      on(*host->state_,
         [&host] { std::fprintf(stderr, "host %s: %s", host->name().c_str(), describe_tasks().c_str()); });
    }
    std::abort();
  }

  SimulationOptions options;
  detail::World world;
  detail::Network network;
  std::vector<std::unique_ptr<Host>> hosts;
  Simulation* simulation = nullptr;
  Random random_before{0};
  void (*abort_before)(int) = SIG_DFL;
};

Host::Host(std::unique_ptr<State> state) : state_(std::move(state)) {}
Host::~Host() = default;

const std::string& Host::name() const noexcept { return state_->simulation.network.name(state_->id); }
std::string Host::target(std::uint16_t port) const { return fmt::format("{}:{}", name(), port); }

void Host::start(std::function<Task<void>()> main) {
  state_->main = std::move(main);
  restart();
}

void Host::crash() {
  state_->starts = false;
  if (!state_->is_up()) return;
  state_->simulation.world.note("{} crashes", name());
  state_->disk.lose_unsynced(state_->simulation.world.random);
  state_->driver->leave();  // the peers' side of it is now, the rest when it is not in the middle of a turn
  state_->ends = true;
}

void Host::restart() {
  crash();
  state_->starts = true;
}

void Host::pause(Duration duration) {
  state_->simulation.world.note("{} pauses", name());
  state_->busy_until = std::max(state_->busy_until, state_->simulation.world.now + duration);
}
void Host::set_turn_time(Duration duration) { state_->turn_time = duration; }
void Host::set_disk(const DiskOptions& options) { state_->disk.options = options; }
bool Host::is_running() const noexcept { return state_->is_up() || state_->starts; }
const Status& Host::status() const noexcept { return state_->status; }

Simulation::Simulation(SimulationOptions options) : state_(std::make_unique<State>(std::move(options))) {
  state_->simulation = this;
  // Everything random that Weft does comes from the thread's generator.
  state_->random_before = std::exchange(thread_random(), Random{state_->options.seed});
  std::snprintf(seed_line, sizeof seed_line, "weft: in a simulation with seed %llu\n",
                static_cast<unsigned long long>(state_->options.seed));
  state_->abort_before = std::signal(SIGABRT, &on_abort);
}

Simulation::~Simulation() {
  for (auto& host : state_->hosts) state_->take_down(*host->state_);
  thread_random() = state_->random_before;
  std::signal(SIGABRT, state_->abort_before);
}

Host& Simulation::host(std::string_view name) {
  Host* found = state_->find(name);
  return found ? *found : state_->add(name);
}

void Simulation::run_root(detail::Frame& root) {
  Host::State& test = *host("test").state_;
  if (test.ends) state_->take_down(test);
  test.ends = test.starts = false;
  if (!test.loop) state_->boot(test);
  bool done = false;
  std::optional<Context> context;
  state_->on(test, [&] {
    context.emplace(nullptr);
    root.context = &*context;
    root.root = &done;
    root.on_done = [](detail::Frame& frame) noexcept { *static_cast<bool*>(frame.root) = true; };
    root.started = true;
    test.loop->make_ready(&root);
  });
  while (!done) state_->step(Instant::never());
  state_->on(test, [&] { context.reset(); });
}

void Simulation::on_test(void (*function)(void*) noexcept, void* argument) {
  state_->on(*host("test").state_, [&] { function(argument); });
}

void Simulation::run_for(Duration duration) {
  Instant until = state_->world.now + duration;
  while (state_->step(until)) {
  }
}

Instant Simulation::now() const noexcept { return state_->world.now; }

void Simulation::set_link(std::string_view one, std::string_view other, const LinkOptions& options) {
  auto first = state_->id_of(one), second = state_->id_of(other);
  state_->network.link(first, second).options = options;
  state_->network.link(second, first).options = options;
}

void Simulation::cut_one_way(std::string_view from, std::string_view to) {
  state_->world.note("{} no longer reaches {}", from, to);
  state_->network.link(state_->id_of(from), state_->id_of(to)).is_cut = true;
}

void Simulation::cut(std::string_view one, std::string_view other) {
  cut_one_way(one, other);
  cut_one_way(other, one);
}

void Simulation::isolate(std::string_view host) {
  for (std::size_t index = 0; index < state_->hosts.size(); ++index)
    if (state_->hosts[index]->name() != host) cut(host, state_->hosts[index]->name());
}

void Simulation::mend(std::string_view one, std::string_view other) {
  state_->world.note("{} reaches {} again", one, other);
  auto first = state_->id_of(one), second = state_->id_of(other);
  state_->network.link(first, second).is_cut = false;
  state_->network.link(second, first).is_cut = false;
}

void Simulation::mend_all() {
  for (auto& one : state_->hosts)
    for (auto& other : state_->hosts)
      if (state_->network.is_cut(one->state_->id, other->state_->id)) mend(one->name(), other->name());
}

Random& Simulation::random() noexcept { return state_->world.random; }
std::uint64_t Simulation::seed() const noexcept { return state_->options.seed; }
std::uint64_t Simulation::trace_hash() const noexcept { return state_->world.trace_hash(); }

Status simulate_seeds(std::uint64_t count, const std::function<Status(Simulation&)>& test,
                      const SimulationOptions& options) {
  auto replay = seed_to_replay();
  for (std::uint64_t seed = replay.value_or(1); seed <= (replay ? *replay : count); ++seed) {
    SimulationOptions with_seed = options;
    with_seed.seed = seed;
    Simulation simulation{std::move(with_seed)};
    Status status = test(simulation);
    if (!status.ok())
      return {status.code(), fmt::format("with seed {} (WEFT_SIM_SEED={} repeats it): {}", seed, seed,
                                         status.to_string(true))};
  }
  return {};
}

}  // namespace weft
