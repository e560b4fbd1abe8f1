#include "store.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include <weft/runtime/combine.h>
#include <weft/runtime/core_local.h>
#include <weft/runtime/cores.h>

#include "shard.h"

namespace kv::store {
namespace {

// This core's shard. It belongs to the loop and not to the service: while a server drains, one core's
// service may be gone already when another core still asks for its keys.
weft::CoreLocal<Shard> shard;

unsigned owner_of(const weft::Bytes& key) { return std::hash<weft::Bytes>{}(key) % weft::core_count(); }

// These run on the core that owns the key.
weft::Task<weft::Bytes> get_here(weft::Bytes key) { co_return shard->get(key); }
weft::Task<void> put_here(weft::Bytes key, weft::Bytes value) {
  shard->put(key, value);
  co_return;
}
weft::Task<void> remove_here(weft::Bytes key) { co_await shard->remove(key); }
weft::Task<void> swap_here(Swap swap) { co_await shard->compare_and_swap(swap); }
weft::Task<std::vector<Entry>> scan_here(Range range) { co_return shard->scan(range); }

}  // namespace

weft::Task<weft::Bytes> get(weft::Bytes key) {
  unsigned owner = owner_of(key);
  return weft::on(owner, get_here, std::move(key));
}

weft::Task<void> put(weft::Bytes key, weft::Bytes value) {
  unsigned owner = owner_of(key);
  return weft::on(owner, put_here, std::move(key), std::move(value));
}

weft::Task<void> remove(weft::Bytes key) {
  unsigned owner = owner_of(key);
  return weft::on(owner, remove_here, std::move(key));
}

weft::Task<void> compare_and_swap(Swap swap) {
  unsigned owner = owner_of(swap.key);
  return weft::on(owner, swap_here, std::move(swap));
}

weft::Task<std::vector<Entry>> scan(Range range) {
  std::vector<weft::Task<std::vector<Entry>>> asked;
  for (unsigned core = 0; core < weft::core_count(); ++core)
    asked.push_back(weft::on(core, scan_here, range));
  auto parts = co_await weft::all(std::move(asked));

  // Any of the shards may hold the first `limit` keys, so each gave that many.
  std::vector<Entry> merged;
  for (std::vector<Entry>& part : parts) std::ranges::move(part, std::back_inserter(merged));
  std::ranges::sort(merged, {}, &Entry::key);
  if (auto limit = static_cast<std::size_t>(range.limit); merged.size() > limit) merged.resize(limit);
  co_return merged;
}

}  // namespace kv::store
