// File requests as operations of a ring.
#pragma once

#include <bitset>

#include <liburing.h>

#include "file_request.h"

namespace weft::detail {

class UringFiles {
 public:
  /// Whether the kernel does this on a ring. Asked once, with the first request.
  bool has(io_uring& ring, FileRequest::Kind kind);
  /// Only for what it has.
  static void prepare(io_uring_sqe& submission, const FileRequest& request) noexcept;

 private:
  void probe(io_uring& ring);
  bool probed_ = false;
  std::bitset<FileRequest::kinds> known_;
};

}  // namespace weft::detail
