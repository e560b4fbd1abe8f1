// The epoll driver: for machines and containers that refuse io_uring.
#pragma once

#include <memory>

#include <weft/runtime/loop.h>

#include "driver.h"

namespace weft::detail {

/// For the calling thread.
Result<std::unique_ptr<Driver>> make_epoll(const LoopOptions& options);

}  // namespace weft::detail
