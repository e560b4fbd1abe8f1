// Timeout: the call ends after `limit`, whatever happens below.
//
// Outermost it bounds a call with all its retries, below Retry it bounds each attempt; in a server's stack it
// bounds the handler and every call the handler makes. It never extends the deadline that was inherited. A
// failure says whose deadline passed: one's own is the peer's fault (it was too slow), the inherited one is
// the caller's. Cost: a frame and a timer.
#pragma once

#include <weft/middleware/stack.h>

namespace weft {

struct Timeout {
  Duration limit = 5s;  ///< for everything below this layer

  Task<Reply> operator()(Call call, Next next) const;
};

}  // namespace weft
