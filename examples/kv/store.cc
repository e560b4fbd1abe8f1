#include "store.h"

#include <memory>
#include <utility>

#include <weft/runtime/combine.h>
#include <weft/runtime/core_local.h>
#include <weft/runtime/cores.h>

#include "log.h"
#include "shard.h"

namespace kv::store {
namespace {

/// What one core has. It belongs to the loop and not to the service: while a server drains, one core's
/// service may be gone already when another core still asks for its keys.
struct Core {
  weft::Event begun;
  Shard shard;
  std::unique_ptr<Log> log;  ///< null: in memory alone

  /// Waits until changes are possible; fails when they no longer are.
  weft::Task<void> writable() {
    co_await begun.wait();
    if (log) co_await weft::Status{log->status()};
  }
};
weft::CoreLocal<Core> core;

// These run on the core that owns the key. Nobody else runs between what they ask the shard and what they
// tell the log; then they wait for the disk.
weft::Task<weft::Bytes> get_here(weft::Bytes key) {
  co_await core->begun.wait();
  auto value = core->shard.get(key);
  if (core->log) co_await core->log->settled(key);
  co_return value;
}
weft::Task<void> put_here(weft::Bytes key, weft::Bytes value) {
  co_await core->writable();
  core->shard.put(key, value);
  if (core->log) co_await core->log->put(key, value);
}
weft::Task<void> remove_here(weft::Bytes key) {
  co_await core->writable();
  weft::Status removed = core->shard.remove(key);
  if (core->log) {
    weft::Task<void> logged = removed.ok() ? core->log->remove(key) : core->log->settled(key);
    co_await std::move(logged);
  }
  co_await std::move(removed);
}
weft::Task<void> swap_here(Swap swap) {
  co_await core->writable();
  weft::Status swapped = core->shard.compare_and_swap(swap);
  if (core->log) {
    weft::Task<void> logged =
        swapped.ok() ? core->log->put(swap.key, swap.value) : core->log->settled(swap.key);
    co_await std::move(logged);
  }
  co_await std::move(swapped);
}
weft::Task<std::vector<Entry>> scan_here(Range range) {
  co_await core->begun.wait();
  std::vector<Entry> entries = core->shard.scan(range);
  if (core->log) co_await core->log->settled();
  co_return entries;
}

unsigned owner_core(const weft::Bytes& key) { return owner_of(key, weft::core_count()); }

}  // namespace

void begin(const std::shared_ptr<Recovered>& found) {
  if (found) {
    core->shard = std::move(found->shards[weft::this_core()]);
    core->log = std::make_unique<Log>(found->log_path(weft::this_core()), core->shard);
  }
  core->begun.set();
}

weft::Task<weft::Bytes> get(weft::Bytes key) {
  unsigned owner = owner_core(key);
  return weft::on(owner, get_here, std::move(key));
}

weft::Task<void> put(weft::Bytes key, weft::Bytes value) {
  unsigned owner = owner_core(key);
  return weft::on(owner, put_here, std::move(key), std::move(value));
}

weft::Task<void> remove(weft::Bytes key) {
  unsigned owner = owner_core(key);
  return weft::on(owner, remove_here, std::move(key));
}

weft::Task<void> compare_and_swap(Swap swap) {
  unsigned owner = owner_core(swap.key);
  return weft::on(owner, swap_here, std::move(swap));
}

weft::Task<std::vector<Entry>> scan(Range range) {
  std::vector<weft::Task<std::vector<Entry>>> asked;
  for (unsigned core = 0; core < weft::core_count(); ++core)
    asked.push_back(weft::on(core, scan_here, range));
  auto parts = co_await weft::all(std::move(asked));
  co_return merge(std::move(parts), static_cast<std::size_t>(range.limit));
}

}  // namespace kv::store
