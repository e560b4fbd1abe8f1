// Timeout: the call ends after `limit`, whatever happens below.
//
// Outermost it bounds a call with all its retries, below Retry it bounds each attempt; in a server's stack it
// bounds the handler and every call the handler makes. It never extends the deadline that was inherited. A
// failure says whose deadline passed: one's own is the peer's fault (it was too slow), the inherited one is
// the caller's. Cost: a frame and a timer.
#pragma once

#include <optional>

#include <weft/middleware/stack.h>

namespace weft {

struct Timeout {
  /// For everything below this layer. `Timeout{}` takes each method's own, as the IDL has it, or `usual`.
  std::optional<Duration> limit{};

  static constexpr Duration usual = 5s;

  Task<Reply> operator()(Call call, Next next) const;
};

}  // namespace weft
