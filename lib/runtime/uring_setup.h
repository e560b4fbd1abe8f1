// Setting up a ring as well as this kernel can.
#pragma once

#include <liburing.h>

#include <weft/runtime/loop.h>

namespace weft::detail {

Status set_up_ring(io_uring& ring, const LoopOptions& options);
/// Why the kernel refused, and what to do about it.
Status ring_refused(int error);

}  // namespace weft::detail
