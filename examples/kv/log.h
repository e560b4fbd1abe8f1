// Log: makes the changes of one core's shard durable. Group commit: while one batch of changes is written and
// synced, all that come meanwhile gather in the next one, so the more callers there are, the more of them a
// sync serves. When the log is several times larger than what it stands for, a short one takes its place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>

#include <weft/runtime/bytes.h>
#include <weft/runtime/file.h>
#include <weft/runtime/status.h>
#include <weft/runtime/sync.h>
#include <weft/runtime/task.h>

#include "log_file.h"
#include "shard.h"

namespace kv {

struct LogLimits {
  std::uint64_t compact_from = 1 << 20;  ///< bytes; shorter logs stay as they are
  std::uint64_t compact_factor = 4;      ///< times the size of what is in the shard
};

class Log {
 public:
  /// `path` exists and is what the shard is; both stay where they are. Its tasks run until the loop ends.
  Log(std::string path, const Shard& shard, LogLimits limits = {});

  /// To be asked before the shard changes: OK, or why nothing can be made durable any more.
  const weft::Status& status() const { return status_; }
  // To be told what has changed, at once; then to be awaited until that is on the disk.
  weft::Task<void> put(const weft::Bytes& key, const weft::Bytes& value);
  weft::Task<void> remove(const weft::Bytes& key);
  /// Until what the shard has for `key` now is on the disk: a value that a crash could take back must not be
  /// shown.
  weft::Task<void> settled(const weft::Bytes& key);
  /// Until the whole shard, as it is now, is.
  weft::Task<void> settled();

 private:
  /// What is written together.
  struct Batch {
    Changes changes;
    std::unordered_set<weft::Bytes> keys;
    weft::Event done;
    weft::Status status;
  };
  using BatchPtr = std::shared_ptr<Batch>;

  static weft::Task<void> written(BatchPtr batch);
  weft::Task<void> changed(const weft::Bytes& key);
  weft::Task<void> run();
  weft::Task<void> write_batches();
  weft::Task<void> compact();

  std::string path_;
  const Shard& shard_;
  LogLimits limits_;
  weft::Status status_;
  weft::File file_;
  std::uint64_t end_ = 0;  ///< bytes in the file
  std::uint64_t compact_from_;
  BatchPtr gathering_ = std::make_shared<Batch>();
  BatchPtr writing_;     ///< null: none is
  weft::Event changed_;  ///< there is something in `gathering_`
};

}  // namespace kv
