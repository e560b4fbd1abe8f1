// Folders: what a file is called in the output, and by the files that include it: its path below one of the
// folders that includes are looked for in.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weft::gen {

class Folders {
 public:
  /// Those named with -I come first, in their order; behind them those of the files of `paths` that lie in
  /// none of them, and in no other file's.
  Folders(const std::vector<std::string>& named, const std::vector<std::string>& paths);

  /// All of them, as they were named.
  const std::vector<std::string>& all() const noexcept { return all_; }

  /// "google/api/http.proto": below the first of the folders that it lies in. The file's name alone where it
  /// lies in none.
  std::string name_of(std::string_view path) const;
  /// Whether it lies in one of them.
  bool hold(std::string_view path) const { return !below(path).empty(); }
  /// Of a file that lies in none: with the folders that the last of these folders does not share,
  /// "b/c/x.thrift" for "a/b/c/x.thrift" and "a/d".
  std::string long_name_of(std::string_view path) const;

 private:
  void add(const std::string& folder);
  /// Empty where it lies in none.
  std::string below(std::string_view path) const;

  std::vector<std::string> all_;
  std::vector<std::filesystem::path> whole_;  ///< the same, from the root of the disk
};

/// Whether both name one file. Links are not followed.
bool is_same(std::string_view path, std::string_view other);

/// "google/api/http": a name without what tells the language.
std::string_view without_ending(std::string_view name) noexcept;

}  // namespace weft::gen
