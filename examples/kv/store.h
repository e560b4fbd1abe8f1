// The store: a shard on each core, perhaps with a log, and the way to the one that owns a key. Each function
// may be called on any core.
#pragma once

#include <string>
#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/task.h>

#include "kv.weft.h"

namespace kv::store {

/// Before the server starts: the store is kept in that folder, and begins with what is there. Without this it
/// is in memory alone.
weft::Task<void> open(std::string folder, unsigned cores);

unsigned owner_of(const weft::Bytes& key, unsigned cores);

// What they return, and what they have changed when they return, is on the disk.
weft::Task<weft::Bytes> get(weft::Bytes key);
weft::Task<void> put(weft::Bytes key, weft::Bytes value);
weft::Task<void> remove(weft::Bytes key);
weft::Task<void> compare_and_swap(Swap swap);
/// Asks all cores side by side and merges what they have.
weft::Task<std::vector<Entry>> scan(Range range);

}  // namespace kv::store
