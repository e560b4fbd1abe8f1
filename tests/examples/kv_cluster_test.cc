// The kv example's servers and clients, unchanged, through hours of power failures, cuts and pauses: what was
// acknowledged is there, and every call ends.
#include <deque>
#include <string>

#include <doctest/doctest.h>

#include <weft/middleware/retry.h>
#include <weft/middleware/timeout.h>
#include <weft/runtime/sim.h>
#include <weft/weft.h>

#include "../../examples/kv/cluster.h"
#include "../../examples/kv/kv_service.h"
#include "../../examples/kv/recover.h"

using namespace std::chrono_literals;

namespace {

constexpr const char* server_names[] = {"one", "two", "three"};
constexpr weft::Duration call_limit = 3s;

weft::Task<void> serve() {
  auto recovered = co_await kv::recover("data", 1);
  auto found = std::make_shared<kv::Recovered>(std::move(recovered));
  weft::Server server{{.listen = ":9000", .drain_timeout = 1s}};
  server.add<kv::KeyValueService>(kv::Limits{}, found);
  co_await server.serve();
}

kv::Cluster cluster() {
  std::vector<kv::Cluster::Server> servers;
  for (const char* name : server_names) {
    std::string address = std::string(name) + ":9000";
    servers.push_back({address, kv::KeyValue::Client{weft::stack(weft::Timeout{call_limit}, weft::Retry{},
                                                                 weft::channel(address))}});
  }
  return kv::Cluster{std::move(servers)};
}

/// What the clients know; it outlives their host's crashes, as their users would.
struct Known {
  std::deque<std::pair<std::string, std::string>> acknowledged{};
  std::uint64_t written = 0, failed = 0, counted = 0, perhaps_counted = 0, calls = 0;
  weft::Status wrong{};

  void note(weft::Status what) {
    if (wrong.ok()) wrong = std::move(what);
  }
};

template <class T>
weft::Task<weft::Result<T>> in_time(weft::Task<T> call, Known* known) {
  ++known->calls;
  weft::Instant start = weft::now();
  auto result = co_await weft::attempt(std::move(call));
  if (weft::now() - start > call_limit + 5ms) known->note(weft::internal("a call took longer than it may"));
  --known->calls;
  co_return result;
}

/// Writes keys that nobody else writes, each until it is acknowledged or given up, and reads old ones back.
weft::Task<void> write_and_read(Known* known) {
  kv::Cluster store = cluster();
  for (;;) {
    std::string key = fmt::format("key {}", known->written++);
    std::string value =
        fmt::format("value of {} {}", key, std::string(weft::thread_random().below(500), '.'));
    auto put = co_await in_time(store.put(key, value), known);
    if (put.ok())
      known->acknowledged.emplace_back(key, value);
    else
      ++known->failed;
    if (!known->acknowledged.empty()) {
      auto [old_key, old_value] = known->acknowledged[weft::thread_random().below(
          static_cast<std::uint32_t>(known->acknowledged.size()))];
      auto got = co_await in_time(store.get(old_key), known);
      bool lost =
          got.ok() ? got->view() != old_value : got.status().template get_if<kv::NotFound>() != nullptr;
      if (lost) known->note(weft::data_loss(fmt::format("{} was acknowledged and is not there", old_key)));
    }
    co_await weft::sleep(weft::Duration(weft::thread_random().below(3'000'000'000)));
  }
}

/// Adds one to a counter that others add to as well.
weft::Task<void> count(Known* known) {
  kv::Cluster store = cluster();
  kv::Swap swap{.key = "counter"};
  for (;;) {
    std::uint64_t before = swap.expected ? std::stoull(swap.expected->str()) : 0;
    swap.value = std::to_string(before + 1);
    auto swapped = co_await in_time(store.compare_and_swap(swap), known);
    if (swapped.ok()) {
      ++known->counted;
      swap.expected = swap.value;
    } else if (const auto* mismatch = swapped.status().template get_if<kv::Mismatch>()) {
      swap.expected = mismatch->actual;
    } else {
      ++known->perhaps_counted;
    }
    co_await weft::sleep(weft::Duration(weft::thread_random().below(2'000'000'000)));
  }
}

weft::Task<void> use(Known* known) {
  weft::Scope scope = co_await weft::Scope::open();
  for (int i = 0; i < 5; ++i) scope.spawn(write_and_read(known));
  for (int i = 0; i < 3; ++i) scope.spawn(count(known));
  co_await scope.join();
}

weft::Task<void> disturb(weft::Simulation* simulation, weft::Duration time) {
  weft::Random& random = simulation->random();
  for (weft::Instant end = weft::now() + time; weft::now() < end;) {
    const char* name = server_names[random.below(3)];
    switch (random.below(6)) {
      case 0:
        simulation->host(name).crash();
        break;
      case 1:
      case 2:
        simulation->host(name).restart();
        break;
      case 3:
        simulation->isolate(name);
        break;
      case 4:
        simulation->host(name).pause(weft::Duration(random.below(20)) * 1'000'000'000);
        break;
      default:
        simulation->mend_all();
    }
    co_await weft::sleep(weft::Duration(random.below(60)) * 1'000'000'000);
  }
  simulation->mend_all();
  for (const char* name : server_names) simulation->host(name).restart();
  co_await weft::sleep(60s);
}

weft::Task<void> check(const Known* known) {
  kv::Cluster store = cluster();
  for (const auto& [key, value] : known->acknowledged) {
    auto got = co_await store.get(key);
    if (got.view() != value) co_await weft::data_loss(key + " has another value");
  }
  auto counter = co_await store.get("counter");
  std::uint64_t counted = std::stoull(counter.str());
  if (counted < known->counted || counted > known->counted + known->perhaps_counted)
    co_await weft::data_loss(fmt::format("counted {} times, perhaps {} more; the counter is {}",
                                         known->counted, known->perhaps_counted, counted));
}

weft::Status survive(weft::Simulation& simulation, weft::Duration time) {
  for (const char* name : server_names) simulation.host(name).start(serve);
  Known known;
  weft::Host& client = simulation.host("client");
  client.start([&known] { return use(&known); });
  auto disturbed = simulation.run(disturb(&simulation, time));
  if (!disturbed) return std::move(disturbed).status();
  client.crash();
  simulation.run_for(1s);
  if (!known.wrong.ok()) return known.wrong;
  if (known.calls) return weft::internal("a call has not ended");
  if (known.acknowledged.size() < 500 || known.failed < 10 || known.counted < 500)
    return weft::internal(fmt::format("{} written, {} failed, counted {} times: nothing was tested",
                                      known.acknowledged.size(), known.failed, known.counted));
  return std::move(simulation.run(check(&known))).status();
}

}  // namespace

TEST_CASE(
    "through hours of power failures, cuts and pauses no acknowledged write is lost and every call ends") {
  weft::SimulationOptions options{.link = {.loss = 0.001, .reset = 0.0005}};
  auto status = weft::simulate_seeds(
      4, [](weft::Simulation& simulation) { return survive(simulation, std::chrono::hours(1)); }, options);
  CHECK_MESSAGE(status.ok(), status.to_string());
}
