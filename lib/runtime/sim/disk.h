// Disk: the files of a simulated host. They outlive its crashes; what was not synced does so by luck.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <weft/runtime/random.h>
#include <weft/runtime/sim.h>

#include "../file_request.h"

namespace weft::detail {

/// A file without its name.
struct Inode {
  /// A change since the last sync: bytes at an offset, or without any the size that it was cut to.
  struct Change {
    std::uint64_t offset;
    std::string bytes;
    bool truncates;
  };
  std::string content, synced;
  std::vector<Change> unsynced;
  const void* locked_by = nullptr;

  void write(std::uint64_t offset, std::string_view bytes);
  void truncate(std::uint64_t size);
  void sync();
  void lose_unsynced(Random& random);
  static void apply(std::string& content, const Change& change, std::size_t bytes);
};

/// What a descriptor of a file refers to.
struct OpenedFile {
  std::shared_ptr<Inode> inode;  ///< null: a folder
  std::string path;
  bool reads = false, writes = false;
};

class Disk {
 public:
  DiskOptions options;

  /// Opens, renames and removes. 0, or a negative errno; an `open` fills `opened`.
  int name(const FileRequest& request, OpenedFile& opened);
  /// The rest, on a file that is open.
  int perform(const FileRequest& request, OpenedFile& file);
  /// How long a request takes.
  Duration time_of(const FileRequest& request, Random& random) const;
  /// Power off.
  void lose_unsynced(Random& random);

 private:
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  /// A name that was made or taken away since its folder was synced.
  struct Renaming {
    std::string from, to;         ///< empty: none
    std::shared_ptr<Inode> made;  ///< what `to` is then
  };
  int open(const FileRequest& request, OpenedFile& opened);
  bool is_folder(const std::string& path) const;
  void rename(Renaming renaming);
  static void apply(Names& names, const Renaming& renaming);
  void sync_folder(const std::string& path);
  std::uint64_t used() const;

  Names names_, synced_names_;
  std::vector<Renaming> unsynced_;
};

}  // namespace weft::detail
