// Simulation: hosts, the network between them, their disks and a clock, all in one thread of one process: for
// tests of servers and clients that run in it unchanged.
//
//   weft::Simulation simulation{{.seed = 7}};
//   simulation.host("store").start(serve);              // Task<void> serve(): weft::Server, `co_await
//   serve()` auto outcome = simulation.run(ask_and_disturb(&simulation));   // connects to "store:9000"
//
// The clock stands still while anything can run and then jumps to the next event: hours pass in seconds. The
// same seed and the same program give the same run, event by event; another seed another latency, order of
// tasks, loss. What would be the same on a real machine and is left out: threads. A host has one loop, and
// `blocking` runs in place.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <weft/runtime/loop.h>
#include <weft/runtime/random.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/status.h>
#include <weft/runtime/task.h>

namespace weft {

/// What happens to bytes on their way from one host to another. TCP hides loss: what is lost comes later,
/// when it was sent again after 200 ms, 400 ms, ... up to a minute.
struct LinkOptions {
  Duration latency = std::chrono::microseconds(100);  ///< one way
  Duration jitter = std::chrono::microseconds(50);    ///< added to it, from nothing to this
  std::uint64_t bandwidth = 0;                        ///< bytes a second; 0: no limit
  double loss = 0;                                    ///< of the pieces that are sent, 0 to 1
  double reset = 0;  ///< probability for each piece that the connection breaks with ECONNRESET
};

/// A host's disk. A crash keeps what was synced; of what was not, it keeps some. Its folders need not be
/// made.
struct DiskOptions {
  Duration latency = std::chrono::microseconds(20);  ///< about, of a request
  Duration sync_latency = std::chrono::milliseconds(2);
  std::uint64_t capacity = 1ull << 40;  ///< bytes; beyond, writing fails
};

struct SimulationOptions {
  std::uint64_t seed = 1;
  LinkOptions link{};  ///< between hosts, where set_link says nothing else
  /// Time that each turn of a host's loop takes: a host's speed. Above zero, so that time goes on.
  Duration turn_time = std::chrono::microseconds(1);
  bool shuffle = true;  ///< tasks that are ready run in a random order, by the seed
  std::function<void(std::string_view line)> trace{};  ///< is told each event of the network and the hosts
};

class Simulation;

/// A machine. It belongs to its simulation and stays until that ends, crashed or not.
class Host {
 public:
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host();

  const std::string& name() const noexcept;
  /// As others reach it: its name followed by the port.
  std::string target(std::uint16_t port) const;

  /// Boots with `main`, and does so again after each `restart`. Ended, `main` is as a process that has
  /// exited.
  void start(std::function<Task<void>()> main);
  /// Power off. Nobody is told: its peers find out by their timeouts, or when it is up again. What its disk
  /// was not asked to sync may be lost. Its tasks are cancelled where nobody can see what they still do.
  void crash();
  /// Crashes if it still runs, and boots again.
  void restart();
  /// It does nothing for so long, as a virtual machine that is moved; its connections stay.
  void pause(Duration duration);
  /// Makes it slow, or fast again: see SimulationOptions.
  void set_turn_time(Duration duration);
  void set_disk(const DiskOptions& options);

  bool is_running() const noexcept;
  /// How `main` ended, if it did.
  const Status& status() const noexcept;

 private:
  friend class Simulation;
  struct State;
  explicit Host(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Simulation {
 public:
  explicit Simulation(SimulationOptions options = {});
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;
  /// Cancels what still runs on its hosts and waits for it.
  ~Simulation();

  /// The host of that name; made when first asked for, without anything that runs on it.
  Host& host(std::string_view name);

  /// Runs a task to its end, on a host called "test" that is never disturbed unless the test does it; the
  /// other hosts go on meanwhile. When nothing can ever happen any more, the process aborts with a message.
  template <class T>
  Result<T> run(Task<T> task);
  /// Lets time pass.
  void run_for(Duration duration);
  Instant now() const noexcept;

  /// Both ways, from now on.
  void set_link(std::string_view one, std::string_view other, const LinkOptions& options);
  /// Nothing passes any more, without a word to either: both ways, or one.
  void cut(std::string_view one, std::string_view other);
  void cut_one_way(std::string_view from, std::string_view to);
  /// Cuts off a host from all others.
  void isolate(std::string_view host);
  void mend(std::string_view one, std::string_view other);
  void mend_all();

  /// For the test's own choices: a part of what the seed decides.
  Random& random() noexcept;
  std::uint64_t seed() const noexcept;
  /// Of every event so far: two runs with the same are the same.
  std::uint64_t trace_hash() const noexcept;

 private:
  friend class Host;
  struct State;
  void run_root(detail::Frame& root);
  void on_test(void (*function)(void*) noexcept, void* argument);
  std::unique_ptr<State> state_;
};

/// Runs `test` with the seeds 1 to `count` and ends with the first failure, which names its seed; where the
/// environment has WEFT_SIM_SEED, with that seed alone.
Status simulate_seeds(std::uint64_t count, const std::function<Status(Simulation& simulation)>& test,
                      const SimulationOptions& options = {});

template <class T>
Result<T> Simulation::run(Task<T> task) {
  run_root(*task.promise());
  auto result = detail::outcome(task);
  // On the loop that its parameters may belong to.
  on_test([](void* over) noexcept { *static_cast<Task<T>*>(over) = Task<T>{}; }, &task);
  return result;
}

/// Runs one task in virtual time, on one host, always in the same way: for tests of what waits.
template <class T>
Result<T> simulate(Task<T> task) {
  Simulation simulation{{.turn_time = Duration::zero(), .shuffle = false}};
  return simulation.run(std::move(task));
}

}  // namespace weft
