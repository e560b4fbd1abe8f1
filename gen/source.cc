#include "source.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace weft::gen {

namespace {

/// How an offset holds a line and a column where there is no text.
constexpr std::size_t columns_max = 1024;

}  // namespace

Source::Source(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {
  line_starts_.push_back(0);
  for (std::size_t at = 0; at < text_.size(); ++at)
    if (text_[at] == '\n') line_starts_.push_back(at + 1);
}

Source Source::without_text(std::string path) {
  Source source{std::move(path), ""};
  source.has_text_ = false;
  return source;
}

Source::Position Source::position(std::size_t offset) const noexcept {
  if (!has_text_) return {offset / columns_max + 1, offset % columns_max + 1};
  auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  auto line = static_cast<std::size_t>(after - line_starts_.begin());
  return {line, offset - line_starts_[line - 1] + 1};
}

std::string_view Source::line(std::size_t number) const noexcept {
  if (number == 0 || number > line_starts_.size()) return {};
  std::string_view rest = std::string_view(text_).substr(line_starts_[number - 1]);
  rest = rest.substr(0, rest.find('\n'));
  if (!rest.empty() && rest.back() == '\r') rest.remove_suffix(1);
  return rest;
}

Place place_at(const Source& source, std::size_t line, std::size_t column) noexcept {
  const std::size_t lines = std::clamp<std::size_t>(line, 1, UINT32_MAX / columns_max) - 1;
  const std::size_t columns = std::clamp<std::size_t>(column, 1, columns_max) - 1;
  return {.source = &source, .offset = static_cast<std::uint32_t>(lines * columns_max + columns), .size = 0};
}

Place join(Place from, Place to) noexcept {
  from.size = std::max(from.offset + from.size, to.offset + to.size) - from.offset;
  return from;
}

std::optional<std::string> Disk::read(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) || std::filesystem::is_directory(path, error))
    return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return std::nullopt;
  return std::move(text).str();
}

std::string_view folder_of(std::string_view path) noexcept {
  auto slash = path.rfind('/');
  if (slash == path.npos) return {};
  return path.substr(0, slash == 0 ? 1 : slash);
}

std::string_view stem_of(std::string_view path) noexcept {
  if (auto slash = path.rfind('/'); slash != path.npos) path.remove_prefix(slash + 1);
  return path.substr(0, path.rfind('.'));
}

std::string normal_path(std::string_view path) {
  return std::filesystem::path(path).lexically_normal().string();
}

}  // namespace weft::gen
