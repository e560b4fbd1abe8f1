#include "log.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <weft/runtime/log.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/scope.h>

namespace kv {

Log::Log(std::string path, const Shard& shard, LogLimits limits)
    : path_(std::move(path)), shard_(shard), limits_(limits), compact_from_(limits.compact_from) {
  weft::Loop::current()->background().spawn(run());
}

// No coroutines: what they are told must be in the log before anybody else runs.
weft::Task<void> Log::put(const weft::Bytes& key, const weft::Bytes& value) {
  gathering_->changes.put(key, value);
  return changed(key);
}
weft::Task<void> Log::remove(const weft::Bytes& key) {
  gathering_->changes.remove(key);
  return changed(key);
}
weft::Task<void> Log::changed(const weft::Bytes& key) {
  gathering_->keys.insert(key);
  changed_.set();
  return written(gathering_);
}

weft::Task<void> Log::settled(const weft::Bytes& key) {
  for (const BatchPtr& batch : {gathering_, writing_})
    if (batch && batch->keys.contains(key)) return written(batch);
  return written(nullptr);
}
weft::Task<void> Log::settled() {
  return written(gathering_->changes.empty() ? writing_ : gathering_);  // they are written in turn
}

weft::Task<void> Log::written(BatchPtr batch) {
  if (!batch) co_return;
  co_await batch->done.wait();
  co_await weft::Status{batch->status};
}

weft::Task<void> Log::run() {
  auto ended = co_await weft::attempt(write_batches());
  // Whether what could not be written or synced is on the disk, nobody knows: those who wait for it are told
  // so, also those who come later, and the next start finds out.
  status_ = ended.status();
  if (status_.code() != weft::Code::cancelled)
    weft::log(weft::LogLevel::error,
              fmt::format("{}: {}; nothing can be changed any more", path_, status_.to_string()));
  for (const BatchPtr& batch : {writing_, gathering_}) {
    if (!batch) continue;
    batch->status = status_;
    batch->done.set();
  }
}

weft::Task<void> Log::write_batches() {
  weft::FileOptions options{.write = true};
  file_ = co_await weft::File::open(path_, options);
  end_ = co_await file_.size();
  for (;;) {
    co_await changed_.wait();
    changed_.reset();
    writing_ = std::exchange(gathering_, std::make_shared<Batch>());
    weft::Bytes batch = writing_->changes.take();
    co_await file_.write(end_, batch);
    co_await file_.sync_data();
    end_ += batch.size();
    std::exchange(writing_, nullptr)->done.set();
    if (end_ > compact_from_ && end_ > limits_.compact_factor * shard_.bytes()) co_await compact();
  }
}

weft::Task<void> Log::compact() {
  std::string path = path_ + ".new";
  auto shorter = co_await weft::attempt(write_log(path, &shard_));
  if (!shorter) {
    // No harm is done yet. Perhaps there is room on the disk later.
    weft::log(weft::LogLevel::warning, fmt::format("{}: {}", path, shorter.status().to_string()));
    compact_from_ = 2 * end_;
    co_return;
  }
  co_await weft::rename_file(path, path_);
  file_ = *std::move(shorter);
  end_ = co_await file_.size();
  compact_from_ = limits_.compact_from;
  co_await weft::sync_folder(std::filesystem::path(path_).parent_path());
}

}  // namespace kv
