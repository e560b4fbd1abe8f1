// World: what the hosts of a simulation share: the clock, the seed, the events to come, and the trace.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <weft/runtime/clock.h>
#include <weft/runtime/random.h>

namespace weft::detail {

class World {
 public:
  explicit World(std::uint64_t seed) : random(seed) {}

  Instant now{};
  Random random;
  std::function<void(std::string_view)> tracer;

  void at(Instant when, std::function<void()> event) {
    events_.emplace(std::pair{std::max(when, now), random.next()}, std::move(event));
  }
  Instant next_event() const noexcept {
    return events_.empty() ? Instant::never() : events_.begin()->first.first;
  }
  /// Those due by now, in order of time; at the same time in a random one.
  void run_due() {
    while (!events_.empty() && events_.begin()->first.first <= now) {
      auto event = events_.extract(events_.begin());
      event.mapped()();
    }
  }
  void clear() { events_.clear(); }

  bool happens(double probability) { return probability > 0 && random.between(0, 1) < probability; }

  /// Notes that something happened.
  template <class... Args>
  void note(fmt::format_string<const Args&...> format, const Args&... args) {
    line_.clear();
    fmt::format_to(std::back_inserter(line_), "{} ns: ", now.since_start.count());
    fmt::format_to(std::back_inserter(line_), format, args...);
    std::string_view line{line_.data(), line_.size()};
    for (char character : line)  // FNV-1a
      trace_hash_ = (trace_hash_ ^ static_cast<unsigned char>(character)) * 0x100000001b3;
    if (tracer) tracer(line);
  }
  std::uint64_t trace_hash() const noexcept { return trace_hash_; }

 private:
  std::multimap<std::pair<Instant, std::uint64_t>, std::function<void()>> events_;
  std::uint64_t trace_hash_ = 0xcbf29ce484222325;
  fmt::memory_buffer line_;
};

}  // namespace weft::detail
