#include "place.h"

namespace weft::gen::proto {

Place place_at(const Source& source, int line, int column) {
  Place place{.source = &source, .offset = 0, .size = 0};
  if (line < 0) return place;
  const std::string_view text = source.line(static_cast<std::size_t>(line) + 1);
  std::size_t at = 0;
  for (int reached = 0; at < text.size() && reached < column; ++at)
    reached += text[at] == '\t' ? 8 - reached % 8 : 1;
  const auto is_word = [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  if (text.data()) place.offset = static_cast<std::uint32_t>(text.data() + at - source.text().data());
  place.size = static_cast<std::uint32_t>(end - at);
  return place;
}

}  // namespace weft::gen::proto
