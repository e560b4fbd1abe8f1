// What is in a log file: a row of batches. A batch has been written, and synced, before the next one is
// begun.
//
//   batch    the size of its changes, a checksum of that size, a checksum of the changes; then these:
//   change   'p', the sizes of key and value, key, value     or: 'r', the size of the key, key
//
// Sizes and checksums are little-endian and have four bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <weft/runtime/bytes.h>
#include <weft/runtime/file.h>
#include <weft/runtime/task.h>

#include "shard.h"

namespace kv {

/// Puts a batch together.
class Changes {
 public:
  void put(const weft::Bytes& key, const weft::Bytes& value);
  void remove(const weft::Bytes& key);
  bool empty() const { return text_.size() == header_size; }
  /// The batch; afterwards there are no changes.
  weft::Bytes take();

  static constexpr std::size_t header_size = 12;

 private:
  void add(std::string_view bytes) { text_ += bytes; }
  void add_size(std::size_t size);

  std::string text_ = std::string(header_size, '\0');
};

/// Null stands for a key that was removed.
using Apply = std::function<void(const weft::Bytes& key, const weft::Bytes* value)>;

/// Calls `apply` with each change. At the end of a log may be a batch that was being written when the server
/// died: nobody was told that it is safe, so it is cut off. Damage elsewhere is `data_loss`.
weft::Task<void> replay(std::string path, Apply apply);

/// A new log that makes an empty shard what this one is; it may change meanwhile, when those changes are
/// added to the log afterwards. It is synced, its name is not.
weft::Task<weft::File> write_log(std::string path, const Shard* shard);

}  // namespace kv
