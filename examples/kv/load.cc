#include "load.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <weft/weft.h>

using namespace std::chrono_literals;

namespace kv {
namespace {

/// One line on standard error: rewritten in place on a terminal, a line a second elsewhere.
class Progress {
 public:
  explicit Progress(std::uint64_t count) : count_(count) {}

  void one_done() {
    ++done_;
    if (weft::now() - shown_ < interval_) return;
    shown_ = weft::now();
    show();
  }
  void finish() {
    show();
    if (terminal_) fmt::print(stderr, "\n");
  }

 private:
  void show() const {
    fmt::print(stderr, "{}{} of {} keys{}", terminal_ ? "\r" : "", done_, count_, terminal_ ? "" : "\n");
  }

  bool terminal_ = isatty(STDERR_FILENO) == 1;
  weft::Duration interval_ = terminal_ ? 100ms : 1s;
  weft::Instant shown_ = weft::now();
  std::uint64_t count_, done_ = 0;
};

struct Load {
  std::uint64_t count;     ///< keys
  std::uint64_t next = 0;  ///< the first that no worker has taken
  Progress progress{count};
  std::vector<weft::Duration> latencies{};
};

/// Takes the next key until none is left. There are as many workers as calls in flight; all of them run on
/// this thread, so what they share needs no lock.
weft::Task<void> work(Cluster cluster, Load* load) {
  while (load->next < load->count) {
    weft::Bytes key = fmt::format("load/{:08}", load->next++);
    weft::Bytes value = fmt::format("value of {}", key.view());

    auto start = weft::now();
    co_await cluster.put(key, value);
    load->latencies.push_back(weft::now() - start);

    start = weft::now();
    auto read = co_await cluster.get(key);
    load->latencies.push_back(weft::now() - start);

    if (read != value)
      co_await weft::data_loss(fmt::format("{} came back as \"{}\"", key.view(), read.view()));
    load->progress.one_done();
  }
}

void summarize(std::vector<weft::Duration> latencies, weft::Duration took) {
  std::ranges::sort(latencies);
  auto percentile = [&](std::size_t percent) {
    return std::chrono::duration<double, std::micro>(latencies[(latencies.size() - 1) * percent / 100])
        .count();
  };
  double seconds = std::chrono::duration<double>(took).count();
  fmt::print("{} calls in {:.2f} s: {:.0f} calls/s, p50 {:.0f} us, p99 {:.0f} us\n", latencies.size(),
             seconds, static_cast<double>(latencies.size()) / seconds, percentile(50), percentile(99));
}

}  // namespace

weft::Task<void> load(Cluster cluster, std::uint64_t count, std::uint64_t in_flight) {
  Load load{.count = count};
  auto start = weft::now();
  std::vector<weft::Task<void>> workers;
  for (std::uint64_t i = 0; i < std::min(in_flight, count); ++i) workers.push_back(work(cluster, &load));
  co_await weft::all(std::move(workers));  // the first failure cancels the others and ends load() here
  load.progress.finish();
  summarize(std::move(load.latencies), weft::now() - start);
}

}  // namespace kv
