#include "folders.h"

#include <map>
#include <system_error>

#include "source.h"

namespace weft::gen {

namespace {

std::filesystem::path whole(std::string_view path) {
  std::error_code unknown;  // without a current folder, paths stay as they are
  std::filesystem::path absolute = std::filesystem::absolute(path.empty() ? "." : path, unknown);
  return (unknown ? std::filesystem::path(path) : absolute).lexically_normal();
}

}  // namespace

Folders::Folders(const std::vector<std::string>& named, const std::vector<std::string>& paths) {
  for (const std::string& folder : named) add(folder);
  // Upper ones first: what lies below them is called from there, whatever the order of the files.
  std::map<std::filesystem::path, std::string> own;
  for (const std::string& path : paths) {
    if (!below(path).empty()) continue;
    std::string folder(folder_of(normal_path(path)));
    std::filesystem::path key = whole(folder);
    own.emplace(std::move(key), std::move(folder));
  }
  for (const auto& [path, folder] : own)
    if (below((path / "x").native()).empty()) add(folder);
}

void Folders::add(const std::string& folder) {
  all_.push_back(folder);
  // With the slash behind it that a prefix needs.
  whole_.push_back((whole(folder) / "").lexically_normal());
}

std::string Folders::below(std::string_view path) const {
  const std::string file = whole(path).string();
  for (const std::filesystem::path& folder : whole_)
    if (file.size() > folder.native().size() && file.starts_with(folder.native()))
      return file.substr(folder.native().size());
  return {};
}

std::string Folders::name_of(std::string_view path) const {
  std::string name = below(path);
  return name.empty() ? std::string(path.substr(path.rfind('/') + 1)) : name;
}

std::string Folders::long_name_of(std::string_view path) const {
  if (whole_.empty()) return name_of(path);
  std::string name = whole(path).lexically_relative(whole_.back()).string();
  while (name.starts_with("../")) name.erase(0, 3);
  return name;
}

bool is_same(std::string_view path, std::string_view other) { return whole(path) == whole(other); }

std::string_view without_ending(std::string_view name) noexcept {
  const auto dot = name.rfind('.');
  const auto slash = name.rfind('/');
  return dot == name.npos || (slash != name.npos && dot < slash) ? name : name.substr(0, dot);
}

}  // namespace weft::gen
