// The io_uring driver.
#pragma once

#include <memory>

#include <weft/runtime/loop.h>

#include "driver.h"

namespace weft::detail {

/// For the calling thread. Fails with a diagnosis that names the cure where the kernel refuses.
Result<std::unique_ptr<Driver>> make_uring(const LoopOptions& options);

}  // namespace weft::detail
