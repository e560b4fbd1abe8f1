// Source: one IDL file in memory. Place: a stretch of it, which every name, type and value of the IDL
// remembers so that a diagnostic can point at it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::gen {

class Source {
 public:
  /// `path` is how the file is called in diagnostics.
  Source(std::string path, std::string text);

  /// A file whose text is not at hand; its places are made by `place_at`.
  static Source without_text(std::string path);

  const std::string& path() const noexcept { return path_; }
  std::string_view text() const noexcept { return text_; }

  struct Position {
    std::size_t line = 1;    ///< from 1
    std::size_t column = 1;  ///< in bytes, from 1
  };
  Position position(std::size_t offset) const noexcept;
  /// Line `number`, without its end.
  std::string_view line(std::size_t number) const noexcept;

 private:
  std::string path_;
  std::string text_;
  bool has_text_ = true;
  std::vector<std::size_t> line_starts_;
};

struct Place {
  const Source* source = nullptr;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

/// Line and column of a file without text, as far as there are bits for them.
Place place_at(const Source& source, std::size_t line, std::size_t column) noexcept;

/// From the first byte of `from` to the last of `to`.
Place join(Place from, Place to) noexcept;

/// Where the text of files comes from: the disk, or a map in a test.
class Files {
 public:
  virtual ~Files() = default;
  virtual std::optional<std::string> read(const std::string& path) = 0;
};

class Disk final : public Files {
 public:
  std::optional<std::string> read(const std::string& path) override;
};

/// `a/b/x.thrift` in parts: its folder ("a/b"), and its stem ("x").
std::string_view folder_of(std::string_view path) noexcept;
std::string_view stem_of(std::string_view path) noexcept;
/// Without `.`, `..` and doubled slashes, so that two ways to one file have one name. Links are not followed.
std::string normal_path(std::string_view path);

}  // namespace weft::gen
