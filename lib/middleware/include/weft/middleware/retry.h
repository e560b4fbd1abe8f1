// Retry: tries again what failed and may be sent again.
//
// May be sent again: what never left this process; and, for methods that the IDL marks idempotent, what
// failed with one of `codes`. Not the caller's own mistakes, not declared exceptions (those are answers),
// nothing once the call is cancelled, and nothing for which the deadline leaves no time. Put it outside of a
// balancer, so that each attempt asks another endpoint. A failure says how many attempts there were. Cost: a
// frame, and a copy of the call that shares its payload.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <weft/middleware/backoff.h>
#include <weft/middleware/budget.h>
#include <weft/middleware/stack.h>

namespace weft {

struct Retry {
  std::uint32_t attempts = 3;                  ///< in all, the first one included
  Backoff backoff{};                           ///< the wait before each retry
  std::vector<Code> codes{Code::unavailable};  ///< of failures worth a retry, for idempotent methods
  std::shared_ptr<Budget> budget = std::make_shared<Budget>();  ///< its own, unless layers are to share one

  Task<Reply> operator()(Call call, Next next) const;
  /// By the failure alone; attempts, deadline and budget have their say too.
  bool may_send_again(const Call& call, const Status& failure) const noexcept;
};

}  // namespace weft
