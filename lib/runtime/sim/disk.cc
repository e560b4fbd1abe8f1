#include "disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace weft::detail {
namespace {

std::string folder_of(const std::string& path) {
  std::size_t slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

void Inode::apply(std::string& content, const Change& change, std::size_t bytes) {
  if (change.truncates) return content.resize(change.offset);
  if (bytes == 0) return;
  content.resize(std::max<std::size_t>(content.size(), change.offset + bytes));
  std::memcpy(content.data() + change.offset, change.bytes.data(), bytes);
}

void Inode::write(std::uint64_t offset, std::string_view bytes) {
  unsynced.push_back({offset, std::string(bytes), false});
  apply(content, unsynced.back(), bytes.size());
}

void Inode::truncate(std::uint64_t size) {
  unsynced.push_back({size, {}, true});
  apply(content, unsynced.back(), 0);
}

void Inode::sync() {
  synced = content;
  unsynced.clear();
}

void Inode::lose_unsynced(Random& random) {
  // Each change reached the disk or did not, in any order, a write perhaps in part.
  for (const Change& change : unsynced) {
    std::size_t bytes = change.bytes.size();
    switch (random.below(3)) {
      case 0:
        apply(synced, change, bytes);
        break;
      case 1:
        apply(synced, change, random.below(static_cast<std::uint32_t>(bytes + 1)));
        break;
      default:
        break;
    }
  }
  content = synced;
  unsynced.clear();
  locked_by = nullptr;
}

bool Disk::is_folder(const std::string& path) const {
  // Folders are where files are, and are there before them: a test need not make any.
  return path == "." || path == "/" || path.ends_with('/') ||
         std::ranges::any_of(names_, [&](const auto& each) { return each.first.starts_with(path + '/'); });
}

void Disk::apply(Names& names, const Renaming& renaming) {
  if (!renaming.from.empty()) names.erase(renaming.from);
  if (!renaming.to.empty()) names[renaming.to] = renaming.made;
}

void Disk::rename(Renaming renaming) {
  apply(names_, renaming);
  unsynced_.push_back(std::move(renaming));
}

void Disk::sync_folder(const std::string& path) {
  std::string folder = without_slash(path);
  std::erase_if(unsynced_, [&](const Renaming& renaming) {
    if (folder_of(renaming.to.empty() ? renaming.from : renaming.to) != folder) return false;
    apply(synced_names_, renaming);
    return true;
  });
}

void Disk::lose_unsynced(Random& random) {
  // A journal: what comes later is there only with all that came before.
  std::size_t kept = random.below(static_cast<std::uint32_t>(unsynced_.size() + 1));
  for (std::size_t index = 0; index < kept; ++index) apply(synced_names_, unsynced_[index]);
  unsynced_.clear();
  names_ = synced_names_;
  for (auto& [path, inode] : names_) inode->lose_unsynced(random);
}

std::uint64_t Disk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, inode] : names_) bytes += inode->content.size();
  return bytes;
}

int Disk::open(const FileRequest& request, OpenedFile& opened) {
  std::string path = request.path;
  int access = request.flags & O_ACCMODE;
  auto found = names_.find(path);
  if (found == names_.end() && (request.flags & O_DIRECTORY || is_folder(path))) {
    if (access != O_RDONLY) return -EISDIR;
    opened = {nullptr, std::move(path), false, false};
    return 0;
  }
  if (request.flags & O_DIRECTORY) return -ENOTDIR;
  if (found == names_.end()) {
    if (!(request.flags & O_CREAT)) return -ENOENT;
    auto inode = std::make_shared<Inode>();
    rename({{}, path, inode});
    found = names_.find(path);
  } else if (request.flags & O_CREAT && request.flags & O_EXCL) {
    return -EEXIST;
  }
  opened = {found->second, std::move(path), access != O_WRONLY, access != O_RDONLY};
  if (request.flags & O_TRUNC && opened.writes) opened.inode->truncate(0);
  return 0;
}

int Disk::name(const FileRequest& request, OpenedFile& opened) {
  if (request.kind == FileRequest::Kind::open) return open(request, opened);
  auto found = names_.find(request.path);
  if (found == names_.end()) return is_folder(request.path) ? -EISDIR : -ENOENT;
  if (request.kind == FileRequest::Kind::remove) {
    rename({request.path, {}, nullptr});
    return 0;
  }
  if (is_folder(request.new_path)) return -EISDIR;
  auto inode = found->second;
  rename({request.path, request.new_path, std::move(inode)});
  return 0;
}

int Disk::perform(const FileRequest& request, OpenedFile& file) {
  using Kind = FileRequest::Kind;
  Inode* inode = file.inode.get();
  switch (request.kind) {
    case Kind::read: {
      if (!file.reads) return inode ? -EBADF : -EISDIR;
      if (request.offset >= inode->content.size()) return 0;
      std::size_t size = std::min<std::size_t>(request.size, inode->content.size() - request.offset);
      std::memcpy(request.data, inode->content.data() + request.offset, size);
      return static_cast<int>(size);
    }
    case Kind::write: {
      if (!file.writes) return -EBADF;
      std::uint64_t end = request.offset + request.size, room = options.capacity;
      if (end > inode->content.size() && used() + (end - inode->content.size()) > room) return -ENOSPC;
      inode->write(request.offset, {reinterpret_cast<const char*>(request.data), request.size});
      return static_cast<int>(request.size);
    }
    case Kind::sync:
    case Kind::sync_data:
      if (inode)
        inode->sync();
      else
        sync_folder(file.path);
      return 0;
    case Kind::ask:
      *request.attributes = {};
      request.attributes->stx_mode = inode ? S_IFREG | 0644 : S_IFDIR | 0755;
      request.attributes->stx_size = inode ? inode->content.size() : 0;
      return 0;
    case Kind::truncate:
      if (!file.writes) return -EINVAL;
      if (request.offset > options.capacity) return -ENOSPC;
      inode->truncate(request.offset);
      return 0;
    case Kind::lock:
      if (!inode) return 0;
      if (inode->locked_by && inode->locked_by != &file) return -EWOULDBLOCK;
      inode->locked_by = &file;
      return 0;
    default:
      return -EINVAL;
  }
}

Duration Disk::time_of(const FileRequest& request, Random& random) const {
  using Kind = FileRequest::Kind;
  bool syncs = request.kind == Kind::sync || request.kind == Kind::sync_data;
  double usual = static_cast<double>((syncs ? options.sync_latency : options.latency).count());
  return Duration(static_cast<std::int64_t>(usual * random.between(0.5, 1.5)));
}

}  // namespace weft::detail
