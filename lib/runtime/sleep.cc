#include <weft/runtime/loop.h>
#include <weft/runtime/sleep.h>

namespace weft {

void Sleep::cancel() noexcept {
  timer_.disarm();
  finish_cancelled();
}

void Sleep::over(detail::Timer& timer) noexcept { static_cast<SleepTimer&>(timer).sleep.finish(); }

void Yield::suspend(detail::Frame& frame) noexcept {
  if (frame.context->is_cancelled())
    frame.fail(frame.context->reason());
  else
    Loop::current()->make_ready(&frame);
}

}  // namespace weft
