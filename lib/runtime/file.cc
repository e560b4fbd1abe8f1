#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <utility>

#include <fmt/format.h>

#include <weft/runtime/combine.h>
#include <weft/runtime/file.h>

#include "open_file.h"

namespace weft {
namespace {

using detail::file_failed;
using detail::FilePtr;
using detail::FileRequest;
using detail::OpenFile;
using detail::Perform;
using Kind = detail::FileRequest::Kind;

/// Of one request. The kernel takes somewhat less than 2 GiB.
constexpr std::size_t piece_max = 1 << 30;

int open_flags(const FileOptions& options) {
  int flags = O_CLOEXEC | (options.write ? options.read ? O_RDWR : O_WRONLY : O_RDONLY);
  if (options.create) flags |= O_CREAT;
  if (options.create && options.exclusive) flags |= O_EXCL;
  if (options.truncate && options.write) flags |= O_TRUNC;
  return flags;
}

Status check_open(const FilePtr& file) {
  if (file && !file->is_closing()) return {};
  return failed_precondition("the file is closed");
}

/// The kernel takes what is beyond for the place where the file stands.
Status check_place(std::uint64_t offset, std::uint64_t size) {
  constexpr std::uint64_t end_max = INT64_MAX;
  if (size <= end_max && offset <= end_max - size) return {};
  return out_of_range(fmt::format("{} bytes from byte {}", size, offset));
}

Status check_path(std::string_view path) {
  if (path.find('\0') == path.npos) return {};
  return invalid_argument("a path has no zero byte");
}

/// Reads behind the first `used` bytes of the buffer until it is full or the file ends; how much it then
/// holds.
Task<std::size_t> fill(FilePtr file, std::uint64_t offset, Buffer* buffer, std::size_t used,
                       std::size_t full) {
  while (used < full) {
    FileRequest request = file->request(Kind::read);
    request.offset = offset + used;
    request.data = buffer->data() + used;
    request.size = static_cast<std::uint32_t>(std::min(full - used, piece_max));
    Perform reading{request};
    int got = co_await reading;
    if (got < 0) co_return file_failed(got, "read", file->path());
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
  }
  co_return used;
}

/// Not a large block for the few bytes that were there.
Bytes shrink(Buffer buffer, std::size_t used) {
  bool is_small = used < buffer.capacity() / 4;
  Bytes bytes = buffer.freeze(used);
  return is_small ? bytes.copy() : bytes;
}

Task<Bytes> read_some(FilePtr file, std::uint64_t offset, std::size_t size) {
  co_await check_open(file);
  if (size > File::read_max)
    co_return invalid_argument(fmt::format("read of {} bytes; at most {}", size, File::read_max));
  co_await check_place(offset, size);
  if (size == 0) co_return Bytes{};
  OpenFile::Use use{*file};
  Buffer buffer{size};
  std::size_t used = co_await fill(file, offset, &buffer, 0, size);
  co_return shrink(std::move(buffer), used);
}

Task<void> write_all(FilePtr file, std::uint64_t offset, Bytes bytes) {
  co_await check_open(file);
  co_await check_place(offset, bytes.size());
  OpenFile::Use use{*file};
  for (std::size_t written = 0; written < bytes.size();) {
    FileRequest request = file->request(Kind::write);
    request.offset = offset + written;
    request.data = const_cast<std::uint8_t*>(bytes.data()) + written;
    request.size = static_cast<std::uint32_t>(std::min(bytes.size() - written, piece_max));
    Perform writing{request};
    auto done = co_await attempt(writing);
    if (done && *done > 0) {
      written += static_cast<std::size_t>(*done);
      continue;
    }
    // Nothing taken and no failure: no file system does that for long, but nobody should wait for it.
    Status status =
        done ? file_failed(*done == 0 ? -EIO : *done, "write", file->path()) : std::move(done).status();
    co_await std::move(status).with_context(fmt::format("{} of {} bytes written", written, bytes.size()));
  }
}

/// For what has no other result than its success.
Task<void> perform_on(FilePtr file, FileRequest request, const char* what) {
  co_await check_open(file);
  OpenFile::Use use{*file};
  request.file = file->request(request.kind).file;
  Perform performing{request};
  int result = co_await performing;
  if (result < 0) co_await file_failed(result, what, file->path());
}

Task<void> sync_file(FilePtr file, Kind kind) {
  FileRequest request{.kind = kind};
  co_await perform_on(std::move(file), request, "sync");
}

Task<std::uint64_t> size_of(FilePtr file) {
  struct statx attributes{};
  FileRequest request{.kind = Kind::ask, .attributes = &attributes};
  co_await perform_on(std::move(file), request, "size of");
  co_return attributes.stx_size;
}

Task<void> truncate_file(FilePtr file, std::uint64_t size) {
  FileRequest request{.kind = Kind::truncate, .offset = size};
  co_await perform_on(std::move(file), request, "truncate");
}

Task<void> lock_file(FilePtr file) {
  co_await check_open(file);
  OpenFile::Use use{*file};
  Perform locking{file->request(Kind::lock)};
  int result = co_await locking;
  if (result == -EWOULDBLOCK)
    co_await unavailable(fmt::format("lock {}: somebody else has locked it", file->path()));
  if (result < 0) co_await file_failed(result, "lock", file->path());
}

Task<int> perform_close(int descriptor) {
  Perform closing{{.kind = Kind::close, .file = descriptor}};
  co_return co_await closing;
}

Task<void> close_file(FilePtr file) {
  if (!file) co_return;
  file->begin_to_close();
  co_await file->unused();
  // From here on the descriptor may be anybody's: closing must not be begun twice, or be given up.
  int result = co_await shield(perform_close(file->take_descriptor()));
  if (result < 0 && result != -EINTR) co_await file_failed(result, "close", file->path());
}

Task<void> perform_path(std::string path, std::string new_path, Kind kind, const char* what) {
  co_await check_path(path);
  co_await check_path(new_path);
  Perform performing{{.kind = kind, .path = path.c_str(), .new_path = new_path.c_str()}};
  int result = co_await performing;
  if (result < 0) co_await file_failed(result, what, path);
}

Task<FilePtr> open_file(std::string path, int flags, unsigned mode) {
  co_await check_path(path);
  Perform opening{{.kind = Kind::open, .flags = flags, .mode = mode, .path = path.c_str()}};
  int result = co_await opening;
  if (result < 0) co_return file_failed(result, "open", path);
  co_return std::make_shared<OpenFile>(result, std::move(path));
}

}  // namespace

Task<File> File::open(std::string path, FileOptions options) {
  FilePtr open = co_await open_file(std::move(path), open_flags(options), options.permissions);
  co_return File{std::move(open)};
}

// Not coroutines: a task may begin when its File has moved.
Task<Bytes> File::read(std::uint64_t offset, std::size_t size) const {
  return read_some(open_, offset, size);
}
Task<void> File::write(std::uint64_t offset, Bytes bytes) {
  return write_all(open_, offset, std::move(bytes));
}
Task<void> File::sync() { return sync_file(open_, Kind::sync); }
Task<void> File::sync_data() { return sync_file(open_, Kind::sync_data); }
Task<std::uint64_t> File::size() const { return size_of(open_); }
Task<void> File::truncate(std::uint64_t size) { return truncate_file(open_, size); }
Task<void> File::lock() { return lock_file(open_); }
Task<void> File::close() { return close_file(std::exchange(open_, nullptr)); }

const std::string& File::path() const noexcept {
  static const std::string none;
  return open_ ? open_->path() : none;
}

Task<Bytes> read_file(std::string path, std::size_t size_max) {
  FilePtr file = co_await open_file(path, O_RDONLY | O_CLOEXEC, 0);
  std::uint64_t size = co_await size_of(file);
  size_max = std::min(size_max, File::read_max - 1);
  Status too_large = resource_exhausted(fmt::format("{} has more than {} bytes", path, size_max));
  if (size > size_max) co_return too_large;
  // A byte more shows that it ends there. What the kernel makes up while it is read claims to be empty.
  std::size_t full = std::max<std::size_t>(static_cast<std::size_t>(size), 4096) + 1, used = 0;
  Buffer buffer{full};
  for (;;) {
    used = co_await fill(file, 0, &buffer, used, full);
    if (used > size_max) co_return too_large;
    if (used < full) co_return shrink(std::move(buffer), used);
    full = std::min(full * 2, size_max + 1);
    buffer.grow(full, used);
  }
}

Task<void> rename_file(std::string from, std::string to) {
  return perform_path(std::move(from), std::move(to), Kind::rename, "rename");
}
Task<void> remove_file(std::string path) { return perform_path(std::move(path), {}, Kind::remove, "remove"); }

Task<void> sync_folder(std::string path) {
  FilePtr folder = co_await open_file(std::move(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  co_await sync_file(std::move(folder), Kind::sync);
}

}  // namespace weft
