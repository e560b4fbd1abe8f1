#include "diagnostic.h"

#include <algorithm>

#include <fmt/format.h>

namespace weft::gen {

namespace {

// A line of a megabyte is not shown whole: only what is around the caret.
constexpr std::size_t shown_max = 160;

/// Text from the file, harmless on a terminal.
std::string printable(std::string_view text) {
  std::string shown(text);
  for (char& c : shown)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') c = '?';
  return shown;
}

/// As wide as `text` is on a terminal, tabs kept: a caret below it stands right.
std::string blank(std::string_view text) {
  std::string spaces;
  for (char c : text)
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) spaces += c == '\t' ? '\t' : ' ';
  return spaces;
}

std::string excerpt(Place place) {
  auto [number, column] = place.source->position(place.offset);
  std::string_view line = place.source->line(number);
  std::size_t at = std::min(column - 1, line.size());
  std::size_t size = std::min<std::size_t>(place.size, line.size() - at);
  std::size_t from = at > shown_max / 2 ? at - shown_max / 2 : 0;
  if (line.size() <= shown_max) from = 0;
  std::string_view shown = line.substr(from, shown_max);
  at -= from;
  std::string marks = blank(shown.substr(at, std::min(size, shown.size() - at)));
  std::string tildes(marks.empty() ? 0 : marks.size() - 1, '~');
  return fmt::format("{}\n{}^{}\n", printable(shown), blank(shown.substr(0, at)), tildes);
}

}  // namespace

void Diagnostics::report(Place place, std::string_view kind, std::string_view message) {
  const bool error = kind == "error";
  if (kind != "note") muted_ = full();
  if (muted_) {
    if (error && errors_++ == kept_) text_ += "too many errors\n";
    return;
  }
  if (error) ++errors_;
  if (!place.source) {
    text_ += fmt::format("weft-gen: {}: {}\n", kind, message);
    return;
  }
  auto [line, column] = place.source->position(place.offset);
  text_ += fmt::format("{}:{}:{}: {}: {}\n", place.source->path(), line, column, kind, printable(message));
  if (!place.source->text().empty()) text_ += excerpt(place);
}

}  // namespace weft::gen
