// PeakEwma: how long an endpoint takes to answer. Believes bad news at once and good news slowly, and forgets
// with time: the estimate of an endpoint that is not asked sinks, until it is asked again (after Finagle's).
#pragma once

#include <cmath>

#include <weft/runtime/clock.h>

namespace weft {

class PeakEwma {
 public:
  explicit PeakEwma(Duration tau) noexcept : tau_(static_cast<double>(tau.count())) {}

  /// Nanoseconds; 0 when nothing is known.
  double value(Instant at) const noexcept { return cost_ * weight(at); }

  void observe(double sample, Instant at) noexcept {
    double old = weight(at), decayed = cost_ * old;
    cost_ = sample > decayed ? sample : sample * (1 - old) + decayed;
    at_ = at;
  }
  /// For a call that was given up: it would have taken at least so long. Good news there is none in it.
  void observe_at_least(double sample, Instant at) noexcept {
    if (sample > value(at)) observe(sample, at);
  }

 private:
  /// What the past still counts for.
  double weight(Instant at) const noexcept {
    return std::exp(-static_cast<double>((at - at_).count()) / tau_);
  }

  double tau_;
  double cost_ = 0;
  Instant at_;
};

}  // namespace weft
