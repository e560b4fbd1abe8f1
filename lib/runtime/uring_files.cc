#include "uring_files.h"

#include <fcntl.h>
#include <iterator>
#include <utility>

namespace weft::detail {
namespace {

using Kind = FileRequest::Kind;

// What is not here has no operation: truncate (before Linux 6.9), lock.
constexpr std::pair<Kind, io_uring_op> operations[] = {
    {Kind::open, IORING_OP_OPENAT}, {Kind::close, IORING_OP_CLOSE},     {Kind::read, IORING_OP_READ},
    {Kind::write, IORING_OP_WRITE}, {Kind::sync, IORING_OP_FSYNC},      {Kind::sync_data, IORING_OP_FSYNC},
    {Kind::ask, IORING_OP_STATX},   {Kind::rename, IORING_OP_RENAMEAT}, {Kind::remove, IORING_OP_UNLINKAT},
};

}  // namespace

bool UringFiles::has(io_uring& ring, Kind kind) {
  if (!probed_) probe(ring);
  return known_[static_cast<std::size_t>(kind)];
}

void UringFiles::probe(io_uring& ring) {
  probed_ = true;
  io_uring_probe* probe = io_uring_get_probe_ring(&ring);
  if (!probe) return;  // out of memory: threads will do
  for (auto [kind, operation] : operations)
    known_[static_cast<std::size_t>(kind)] = io_uring_opcode_supported(probe, operation);
  io_uring_free_probe(probe);
}

void UringFiles::prepare(io_uring_sqe& submission, const FileRequest& request) noexcept {
  switch (request.kind) {
    case Kind::open:
      return io_uring_prep_openat(&submission, AT_FDCWD, request.path, request.flags, request.mode);
    case Kind::close:
      return io_uring_prep_close(&submission, request.file);
    case Kind::read:
      return io_uring_prep_read(&submission, request.file, request.data, request.size, request.offset);
    case Kind::write:
      return io_uring_prep_write(&submission, request.file, request.data, request.size, request.offset);
    case Kind::sync:
      return io_uring_prep_fsync(&submission, request.file, 0);
    case Kind::sync_data:
      return io_uring_prep_fsync(&submission, request.file, IORING_FSYNC_DATASYNC);
    case Kind::ask:
      return io_uring_prep_statx(&submission, request.file, "", AT_EMPTY_PATH, STATX_BASIC_STATS,
                                 request.attributes);
    case Kind::rename:
      return io_uring_prep_renameat(&submission, AT_FDCWD, request.path, AT_FDCWD, request.new_path, 0);
    case Kind::remove:
      return io_uring_prep_unlinkat(&submission, AT_FDCWD, request.path, 0);
    case Kind::truncate:
    case Kind::lock:
      break;
  }
  io_uring_prep_nop(&submission);
}

}  // namespace weft::detail
