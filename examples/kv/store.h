// The store: a shard on each core, perhaps with a log, and the way to the one that owns a key. Each function
// may be called on any core.
#pragma once

#include <memory>
#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/task.h>

#include "kv.weft.h"
#include "recover.h"

namespace kv::store {

/// On each core of a server, once, before calls from elsewhere are answered there: it takes its part of what
/// `recover` found, and keeps it there from now on; null: in memory alone.
void begin(const std::shared_ptr<Recovered>& found);

// What they return, and what they have changed when they return, is on the disk.
weft::Task<weft::Bytes> get(weft::Bytes key);
weft::Task<void> put(weft::Bytes key, weft::Bytes value);
weft::Task<void> remove(weft::Bytes key);
weft::Task<void> compare_and_swap(Swap swap);
/// Asks all cores side by side and merges what they have.
weft::Task<std::vector<Entry>> scan(Range range);

}  // namespace kv::store
