// Servers and clients on hosts of their own, while crashes, cuts and loss go on around them.
#include <weft/middleware/balance.h>
#include <weft/middleware/retry.h>
#include <weft/middleware/timeout.h>
#include <weft/runtime/sim.h>

#include "probe_service.h"

using namespace weft;
using namespace std::chrono_literals;
using probe::Probe;

namespace {

struct Tally {
  int answered = 0, failed = 0, running = 0;
};

Task<void> serve() {
  ServerOptions options{.listen = ":9000", .idle_timeout = 10min};
  Server server{options};
  server.add<test::ProbeService>();
  co_await server.serve();
}

constexpr Duration limit = 2s;

Task<void> call_for_ever(Tally* tally, std::uint32_t number) {
  Probe::Client client{stack(Timeout{limit}, Retry{.attempts = 3}, Balance{},
                             endpoints({"one:9000", "two:9000", "three:9000"}))};
  for (;;) {
    std::string text(thread_random().below(20'000), static_cast<char>('a' + number));
    ++tally->running;
    Instant start = now();
    auto reply = co_await attempt(client.echo(text));
    --tally->running;
    if (!reply && reply.status().code() == Code::cancelled) co_return;  // this host is going down
    CHECK(now() - start <= limit + 5ms);
    if (reply) CHECK(*reply == text);
    ++(reply ? tally->answered : tally->failed);
    co_await sleep(Duration(thread_random().below(2'000'000'000)));
  }
}

Task<void> disturb(Simulation* simulation, Duration time) {
  const char* hosts[] = {"one", "two", "three"};
  Random& random = simulation->random();
  for (Instant end = now() + time; now() < end;) {
    const char* host = hosts[random.below(3)];
    switch (random.below(6)) {
      case 0:
        simulation->host(host).crash();
        break;
      case 1:
        simulation->host(host).restart();
        break;
      case 2:
        simulation->isolate(host);
        break;
      case 3:
        simulation->cut_one_way(host, "client");
        break;
      case 4:
        simulation->host(host).pause(Duration(random.below(10)) * 1'000'000'000);
        break;
      default:
        simulation->mend_all();
    }
    co_await sleep(Duration(random.below(60)) * 1'000'000'000);
  }
  simulation->mend_all();
  for (const char* host : hosts) {
    simulation->host(host).restart();
    simulation->set_link(host, "client", {});
  }
}

Status every_call_ends(Simulation& simulation) {
  for (const char* host : {"one", "two", "three"}) simulation.host(host).start(serve);
  Tally tally;
  Host& client = simulation.host("client");
  auto clients = [&tally]() -> Task<void> {
    struct Body {
      static Task<void> run(Tally* tally) {
        Scope scope = co_await Scope::open();
        for (std::uint32_t number = 0; number < 8; ++number) scope.spawn(call_for_ever(tally, number));
        co_await scope.join();
      }
    };
    return Body::run(&tally);
  };
  client.start(clients);
  auto disturbed = simulation.run(disturb(&simulation, 1h));
  if (!disturbed) return std::move(disturbed).status();
  if (tally.answered < 1'000 || tally.failed < 10)
    return internal("answered " + std::to_string(tally.answered) + ", failed " +
                    std::to_string(tally.failed));
  // All is well again: once TCP_USER_TIMEOUT and keepalive have found out what is broken, no call fails.
  simulation.run_for(40s);
  tally.failed = 0;
  simulation.run_for(5min);
  if (tally.failed) return internal(std::to_string(tally.failed) + " calls failed on sound hosts");
  client.crash();
  simulation.run_for(1s);
  if (tally.running) return internal("a call has not ended");
  return {};
}

}  // namespace

TEST_CASE("through an hour of crashes, cuts and pauses every call ends in time, and all is well afterwards") {
  if (test::wants_cancellation()) return;
  SimulationOptions options{.link = {.loss = 0.001, .reset = 0.0005}};
  Status status = simulate_seeds(6, every_call_ends, options);
  CHECK_MESSAGE(status.ok(), status.to_string());
}

TEST_CASE("the same hour comes again with the same seed") {
  if (test::wants_cancellation()) return;
  auto run = [] {
    Simulation simulation{{.seed = 3}};
    CHECK(every_call_ends(simulation).ok());
    return simulation.trace_hash();
  };
  CHECK(run() == run());
}
