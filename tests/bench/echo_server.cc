// echo-server [--listen HOST:PORT] [--cores N] [--connections-max N] [--busy-poll MICROSECONDS]
//             [--certificate FILE]: answers Echo.echo with what it was sent; with a certificate (and its key
// in the same file) over TLS too. Made to be measured: when it ends it prints what it did as one line of
// JSON.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/resource.h>

#include <weft/weft.h>

#include "allocations.h"
#include "echo.weft.h"

namespace {

std::atomic<std::uint64_t> calls{0}, system_calls{0}, turns{0};

/// One for each core; what the core's loop did is known when it goes.
struct EchoService : echo::Echo {
  ~EchoService() override {
    auto counters = weft::Loop::current()->counters();
    calls += count;
    system_calls += counters.system_calls;
    turns += counters.turns;
  }
  weft::Task<echo::Msg> echo(echo::Msg m) override {
    ++count;
    co_return m;
  }
  std::uint64_t count = 0;
};

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  weft::ServerOptions options{.listen = "127.0.0.1:9000", .cores = 1, .pin = false};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--listen") == 0) options.listen = argv[i + 1];
    if (std::strcmp(argv[i], "--certificate") == 0) options.tls.certificates.push_back({argv[i + 1], ""});
    if (std::strcmp(argv[i], "--busy-poll") == 0)
      options.loop.busy_poll = std::chrono::microseconds(std::atoi(argv[i + 1]));
    if (std::strcmp(argv[i], "--connections-max") == 0)
      options.connections_max = static_cast<std::size_t>(std::atol(argv[i + 1]));
    if (std::strcmp(argv[i], "--cores") == 0) options.cores = static_cast<unsigned>(std::atoi(argv[i + 1]));
  }
  int result = 0;
  {
    weft::Server server{options};
    server.add<EchoService>();
    result = server.run();
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  double count = calls ? static_cast<double>(calls) : 1;
  std::printf(
      "{\"calls\": %llu, \"user_s\": %.3f, \"system_s\": %.3f, \"system_calls_per_call\": %.4f, "
      "\"turns_per_call\": %.4f, \"allocations_per_call\": %.4f, \"rss_max_kb\": %ld}\n",
      static_cast<unsigned long long>(calls), seconds(usage.ru_utime), seconds(usage.ru_stime),
      static_cast<double>(system_calls) / count, static_cast<double>(turns) / count,
      static_cast<double>(bench::allocations()) / count, usage.ru_maxrss);
  return result;
}
