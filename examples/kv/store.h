// The store: a shard on each core, and the way to the one that owns a key. Each function may be called on any
// core.
#pragma once

#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/task.h>

#include "kv.weft.h"

namespace kv::store {

weft::Task<weft::Bytes> get(weft::Bytes key);
weft::Task<void> put(weft::Bytes key, weft::Bytes value);
weft::Task<void> remove(weft::Bytes key);
weft::Task<void> compare_and_swap(Swap swap);
/// Asks all cores side by side and merges what they have.
weft::Task<std::vector<Entry>> scan(Range range);

}  // namespace kv::store
