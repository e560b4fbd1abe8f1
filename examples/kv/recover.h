// What a server finds in its folder when it starts. A log for each core, of one generation; a file "current"
// says which generation that is, and how many cores it was made for. When keys belong to other cores now, the
// next generation is written, and becomes the current one in a single step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <weft/runtime/file.h>
#include <weft/runtime/task.h>

#include "shard.h"

namespace kv {

struct Recovered {
  std::string folder{};
  weft::File lock{};  ///< while this is open, no other server takes the folder
  std::uint64_t generation = 0;
  std::vector<Shard> shards{};  ///< of each core

  std::string log_path(unsigned core) const;
};

unsigned owner_of(const weft::Bytes& key, unsigned cores);

/// The folder is there; if it is empty, so are the shards. Fails with `data_loss` where a log is damaged.
weft::Task<Recovered> recover(std::string folder, unsigned cores);

}  // namespace kv
