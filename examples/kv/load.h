// Load: many calls in flight over one connection, and how long they took.
#pragma once

#include <cstdint>

#include <weft/runtime/task.h>

#include "cluster.h"

namespace kv {

/// Writes and reads back `count` keys, `in_flight` at a time; shows its progress and ends with a summary.
weft::Task<void> load(Cluster cluster, std::uint64_t count, std::uint64_t in_flight);

}  // namespace kv
