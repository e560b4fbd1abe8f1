// Balance: sends each call to one of several endpoints.
//
//   stack(Timeout{200ms}, Retry{.attempts = 3}, Balance{p2c}, endpoints)
//
// `p2c`, the usual choice, draws two and takes the one where a call should end sooner, by its latency and by
// what is in flight to it; an endpoint that fails fast looks slow. `round_robin` is for endpoints known to be
// alike. An attempt after a failed one asks somebody who was not asked yet, if there is one. Cost: a frame,
// and for p2c two exp().
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include <weft/middleware/endpoints.h>
#include <weft/middleware/peak_ewma.h>

namespace weft {

/// An endpoint, and what the balancer knows of it.
class Candidate {
 public:
  Candidate(Endpoint endpoint, Duration tau, Duration failure_cost) noexcept
      : endpoint_(std::move(endpoint)), latency_(tau), failure_cost_(failure_cost) {}

  const Endpoint& endpoint() const noexcept { return endpoint_; }
  std::uint32_t in_flight() const noexcept { return in_flight_; }
  /// How long one more call would take, in nanoseconds: for comparing. One that nothing is known of looks
  /// best while nobody waits for it and worst while somebody does, so it is tried by one call at a time.
  double load(Instant at) const noexcept;

  // For the balancer.
  void call_began() noexcept { ++in_flight_; }
  void call_ended() noexcept { --in_flight_; }
  /// Learns from how a call went. `status` is OK for a reply.
  void learn(Instant began, const Status& status) noexcept;

 private:
  void learn_failure(Instant began, double took) noexcept;

  Endpoint endpoint_;
  PeakEwma latency_;
  Duration failure_cost_;
  Instant blamed_at_{Duration{-1}};
  std::uint32_t in_flight_ = 0;
};

using Candidates = std::span<const std::shared_ptr<Candidate>>;

/// Which of the candidates to ask; there is at least one.
using Picker = std::function<std::size_t(Candidates)>;

// A policy is a function that makes a Picker, one for each balancer: what it remembers is the Picker's own.
Picker p2c();
Picker round_robin();

struct Balance {
  Picker (*policy)() = p2c;
  Duration tau = 10s;             ///< how fast latencies are forgotten
  Duration failure_cost = 100ms;  ///< a failed call counts as one that took so long, or twice what is usual

  ServicePtr over(Endpoints endpoints) const;
};

}  // namespace weft
