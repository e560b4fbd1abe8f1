// FileRequest: what a driver is asked to do with a file, and how a thread that may block does it.
#pragma once

#include <cstddef>
#include <cstdint>

struct statx;

namespace weft::detail {

/// Names memory of its owner, who keeps it in place until the completion; the request itself is copied.
struct FileRequest {
  enum class Kind : std::uint8_t {
    open,       ///< `path`, `flags`, `mode`; the result is a descriptor
    close,      ///< `file`; whatever comes back, it is closed
    read,       ///< `file`, `offset`, `data`, `size`; the result is how much, 0 at the end
    write,      ///< the same; the result may be a part
    sync,       ///< `file`
    sync_data,  ///< `file`, less what is not needed to read the data back
    ask,        ///< `file`, into `attributes`
    truncate,   ///< `file` to `offset` bytes
    lock,       ///< `file`, against other processes; -EWOULDBLOCK when one has it
    rename,     ///< `path` to `new_path`, which it replaces
    remove,     ///< `path`
  };
  static constexpr std::size_t kinds = 11;

  Kind kind;
  int file = -1;
  int flags = 0;      ///< O_...
  unsigned mode = 0;  ///< permissions of a file that `open` makes
  const char* path = nullptr;
  const char* new_path = nullptr;
  std::uint8_t* data = nullptr;
  std::uint32_t size = 0;
  std::uint64_t offset = 0;
  struct statx* attributes = nullptr;
};

/// Does it on this thread, which may block. The result, or a negative errno.
int perform(const FileRequest& request) noexcept;

}  // namespace weft::detail
