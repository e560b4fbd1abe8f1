// Shard: the keys that one core owns. A plain data structure: it is touched by one thread, so it knows
// neither locks nor coroutines. The declared exceptions begin here and travel to the client by themselves.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/result.h>

#include "kv.weft.h"

namespace kv {

class Shard {
 public:
  /// The value is shared, not copied, and stays what it was when the key gets another one.
  weft::Result<weft::Bytes> get(const weft::Bytes& key) const {
    auto found = entries_.find(key);
    if (found == entries_.end()) return weft::Status{NotFound{.key = key}};
    return found->second;
  }

  void put(const weft::Bytes& key, const weft::Bytes& value) {
    // Received bytes are slices of large receive buffers: what is kept for long gets memory of its own.
    auto found = entries_.find(key);
    if (found == entries_.end()) {
      entries_.emplace(key.copy(), value.copy());
      bytes_ += key.size() + value.size();
    } else {
      bytes_ += value.size() - found->second.size();
      found->second = value.copy();
    }
  }

  weft::Status remove(const weft::Bytes& key) {
    auto found = entries_.find(key);
    if (found == entries_.end()) return NotFound{.key = key};
    bytes_ -= key.size() + found->second.size();
    entries_.erase(found);
    return {};
  }

  weft::Status compare_and_swap(const Swap& swap) {
    auto found = entries_.find(swap.key);
    Mismatch mismatch;
    if (found != entries_.end()) mismatch.actual = found->second;
    if (mismatch.actual != swap.expected) return mismatch;
    put(swap.key, swap.value);
    return {};
  }

  std::vector<Entry> scan(const Range& range) const {
    std::vector<Entry> entries;
    weft::Bytes prefix = range.prefix.value_or(weft::Bytes{});
    auto limit = static_cast<std::size_t>(std::max(range.limit, 0));
    for (auto at = entries_.lower_bound(std::max(range.from, prefix)); at != entries_.end(); ++at) {
      const auto& [key, value] = *at;
      if (entries.size() == limit || !key.view().starts_with(prefix.view())) break;
      if (range.to && key >= *range.to) break;
      entries.push_back(Entry{.key = key, .value = value});
    }
    return entries;
  }

  /// Of all keys and values.
  std::size_t bytes() const { return bytes_; }

 private:
  std::map<weft::Bytes, weft::Bytes> entries_;
  std::size_t bytes_ = 0;
};

/// Puts together what several shards have, each in order and any of them perhaps the first `limit`.
inline std::vector<Entry> merge(std::vector<std::vector<Entry>> parts, std::size_t limit) {
  std::vector<Entry> merged;
  for (std::vector<Entry>& part : parts) std::ranges::move(part, std::back_inserter(merged));
  std::ranges::sort(merged, {}, &Entry::key);
  if (merged.size() > limit) merged.resize(limit);
  return merged;
}

}  // namespace kv
