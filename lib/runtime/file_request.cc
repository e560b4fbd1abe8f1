#include "file_request.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weft::detail {
namespace {

ssize_t perform_once(const FileRequest& request) noexcept {
  auto offset = static_cast<off_t>(request.offset);
  switch (request.kind) {
    case FileRequest::Kind::open:
      return ::open(request.path, request.flags, request.mode);
    case FileRequest::Kind::close:
      return ::close(request.file);
    case FileRequest::Kind::read:
      return ::pread(request.file, request.data, request.size, offset);
    case FileRequest::Kind::write:
      return ::pwrite(request.file, request.data, request.size, offset);
    case FileRequest::Kind::sync:
      return ::fsync(request.file);
    case FileRequest::Kind::sync_data:
      return ::fdatasync(request.file);
    case FileRequest::Kind::ask:
      return ::statx(request.file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, request.attributes);
    case FileRequest::Kind::truncate:
      return ::ftruncate(request.file, offset);
    case FileRequest::Kind::lock:
      return ::flock(request.file, LOCK_EX | LOCK_NB);
    case FileRequest::Kind::rename:
      return ::rename(request.path, request.new_path);
    case FileRequest::Kind::remove:
      return ::unlink(request.path);
  }
  errno = ENOSYS;
  return -1;
}

}  // namespace

int perform(const FileRequest& request) noexcept {
  for (;;) {
    ssize_t result = perform_once(request);
    if (result >= 0) return static_cast<int>(result);
    if (errno != EINTR || request.kind == FileRequest::Kind::close) return -errno;
  }
}

}  // namespace weft::detail
