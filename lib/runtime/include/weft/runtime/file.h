// File: reading and writing files without blocking the loop; and what makes changes of a folder durable.
//
//   weft::File file = co_await weft::File::open("data.log", {.write = true, .create = true});
//   co_await file.write(offset, bytes);
//   co_await file.sync();
//
// On io_uring each is an operation of the ring; elsewhere, and for what the kernel's ring lacks, one of the
// threads of `blocking` does it: an allocation and two thread switches more. It goes through the page cache:
// what was read before comes from memory, and what is written is on the disk after `sync`.
//
// Failures: not_found; permission_denied; already_exists; failed_precondition (it is a folder, it was not
// opened for this, it is closed); resource_exhausted (no room on the disk, no memory, no descriptors, too
// much waits for a thread); out_of_range (larger than the file system allows); data_loss (the disk failed).
// Cancelled, an operation that has begun is waited for: most then go on to their end and succeed, the others
// fail with `cancelled` or `deadline_exceeded`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <weft/runtime/bytes.h>
#include <weft/runtime/task.h>

namespace weft {

namespace detail {
class OpenFile;
}

struct FileOptions {
  bool read = true;
  bool write = false;
  bool create = false;          ///< make it when it is not there. It is durable after `sync_folder`
  bool exclusive = false;       ///< with `create`: already_exists when it is there
  bool truncate = false;        ///< with `write`: to nothing
  unsigned permissions = 0666;  ///< of one that is made, less the process's umask
};

/// A regular file. It belongs to the thread that opened it. Any number of operations may be in flight on it,
/// in no order; they keep it open also when the File is gone.
class File {
 public:
  /// Of one `read`, in bytes: what a Bytes can hold.
  static constexpr std::size_t read_max = 0xffff'0000;

  File() noexcept = default;
  File(File&&) noexcept = default;
  File& operator=(File&&) noexcept = default;
  /// Closes it after its last operation, and does not wait for that.
  ~File() = default;

  static Task<File> open(std::string path, FileOptions options = {});

  /// `size` bytes, fewer only where the file ends, none behind its end. Takes memory for `size` before it
  /// looks; more than `read_max` is an invalid_argument.
  Task<Bytes> read(std::uint64_t offset, std::size_t size) const;
  /// All of it, or a failure that says how much was written before. A file that ends before `offset` is
  /// filled with zeros between. Its room is durable after `sync`.
  Task<void> write(std::uint64_t offset, Bytes bytes);

  /// Waits until all that was written before is on the disk. When it fails, nobody knows how much of that is,
  /// and a second `sync` does not tell: read it again, or write it elsewhere.
  Task<void> sync();
  /// The same without what nobody needs to read the data, as the time of the last change: often one write of
  /// the disk instead of two.
  Task<void> sync_data();

  /// In bytes.
  Task<std::uint64_t> size() const;
  /// Cuts it off at `size` bytes, or extends it with zeros.
  Task<void> truncate(std::uint64_t size);
  /// Keeps other processes, and other Files of this one, from locking it until this is closed or the process
  /// ends. `unavailable` when one has it: this does not wait.
  Task<void> lock();

  /// Closes it when its operations are over; those that begin later fail. Some file systems tell only here
  /// that a write failed. Cancelled while it waits for them, it closes all the same.
  Task<void> close();
  bool is_open() const noexcept { return open_ != nullptr; }
  /// As it was opened.
  const std::string& path() const noexcept;

 private:
  explicit File(std::shared_ptr<detail::OpenFile> open) noexcept : open_(std::move(open)) {}
  std::shared_ptr<detail::OpenFile> open_;
};

/// The whole file, also one of /proc that does not know its size. `resource_exhausted` when it has more than
/// `size_max` bytes; no memory is taken then.
Task<Bytes> read_file(std::string path, std::size_t size_max);

/// In one step: whoever opens `to` gets the old file or the new one. Durable after `sync_folder`; and what is
/// in the new one only when it was synced before.
Task<void> rename_file(std::string from, std::string to);
/// Takes away the name; who has it open keeps the file.
Task<void> remove_file(std::string path);
/// Waits until the files that were made, renamed and removed in this folder before are so on the disk.
Task<void> sync_folder(std::string path);

}  // namespace weft
