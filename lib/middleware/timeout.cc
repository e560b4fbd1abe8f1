#include <fmt/chrono.h>
#include <fmt/format.h>

#include <weft/middleware/timeout.h>
#include <weft/runtime/combine.h>

namespace weft {
namespace {

std::string text(Duration duration) {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::microseconds;
  if (duration % 1ms == Duration::zero()) return fmt::format("{}", duration_cast<milliseconds>(duration));
  return fmt::format("{}us", duration_cast<microseconds>(duration).count());
}

}  // namespace

Task<Reply> Timeout::operator()(Call call, Next next) const {
  const Duration of_method = call.method().timeout > Duration::zero() ? call.method().timeout : usual;
  const Duration time = limit.value_or(of_method);
  Deadline inherited = current_deadline();
  Deadline own = now() + time;
  if (inherited <= now())
    co_return deadline_exceeded("the caller's deadline had passed before the call").with(Reach::never_sent);

  auto reply = co_await attempt(within(time, next(std::move(call))));
  // A peer may answer that its own deadline passed: that is its word, not this clock's.
  if (reply || reply.status().code() != Code::deadline_exceeded || reply.status().reach() == Reach::answered)
    co_return reply;

  Status late = std::move(reply).status();
  if (own < inherited && now() >= own)
    co_return std::move(late).with(Fault::peer).with_context(fmt::format("timeout of {} passed", text(time)));
  if (inherited <= own && now() >= inherited)
    co_return std::move(late)
        .with(Fault::caller)
        .with_context(fmt::format("the caller's deadline passed before the timeout of {}", text(time)));
  co_return late;  // that of a layer below
}

}  // namespace weft
