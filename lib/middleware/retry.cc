#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include <weft/middleware/retry.h>
#include <weft/runtime/sleep.h>

namespace weft {
namespace {

Status after(std::uint32_t attempts, std::string_view why, Status failure) {
  if (attempts == 1 && why.empty()) return failure;  // as if there were no Retry
  return std::move(failure).with_context(
      fmt::format("after {} attempt{}{}", attempts, attempts == 1 ? "" : "s", why));
}

}  // namespace

bool Retry::may_send_again(const Call& call, const Status& failure) const noexcept {
  // What is wrong with the call itself (too large, too late) is as wrong the next time, sent or not.
  if (failure.reach() == Reach::never_sent) return failure.fault() != Fault::caller;
  // A stream of requests has been read by then, at least in part.
  return call.method().idempotent && !call.messages &&
         std::ranges::find(codes, failure.code()) != codes.end();
}

Task<Reply> Retry::operator()(Call call, Next next) const {
  budget->deposit();
  Tried tried;
  if (!call.tried) call.tried = &tried;
  for (std::uint32_t made = 1;; ++made, ++call.attempt) {
    auto reply = co_await attempt(next(call));
    if (reply) co_return reply;
    Status failure = std::move(reply).status();
    if (made >= attempts || !may_send_again(call, failure) || current_context()->is_cancelled())
      co_return after(made, "", std::move(failure));

    Duration wait = backoff.delay(made);
    if (now() + wait >= current_deadline())
      co_return after(made, " (the deadline leaves no time for another)", std::move(failure));
    // Also for what was never sent, and counted as an attempt: nothing reached the peer, but a refused
    // connection costs it a handshake and this process a turn, and a dead peer would otherwise be asked for
    // as long as the deadline lasts.
    if (!budget->withdraw()) co_return after(made, " (the retry budget is empty)", std::move(failure));
    auto slept = co_await attempt(sleep(wait));
    if (!slept) co_return after(made, "", std::move(slept).status());
  }
}

}  // namespace weft
