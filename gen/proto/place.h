// Place: where libprotoc says that something stands, as a place in our source.
#pragma once

#include <google/protobuf/descriptor.h>

#include "../source.h"

namespace weft::gen::proto {

/// Line and column from 0, as libprotoc counts: a tab goes on to the next multiple of eight columns. A
/// negative line is the whole file. The place ends with the word.
Place place_at(const Source& source, int line, int column);

/// Of the name of what is declared: the first word of that name behind where the declaration begins.
template <class Descriptor>
Place place_of(const Source& source, const Descriptor& descriptor) {
  google::protobuf::SourceLocation location;
  if (source.text().empty() || !descriptor.GetSourceLocation(&location)) return {};
  Place place = place_at(source, location.start_line, location.start_column);
  const std::string_view text = source.text();
  const std::string_view name = descriptor.name();
  const auto is_word = [&](std::size_t at) {
    return at < text.size() && (text[at] == '_' || (text[at] >= '0' && text[at] <= '9') ||
                                (text[at] >= 'A' && text[at] <= 'Z') || (text[at] >= 'a' && text[at] <= 'z'));
  };
  for (std::size_t at = place.offset; (at = text.find(name, at)) != text.npos; ++at)
    if ((at == 0 || !is_word(at - 1)) && !is_word(at + name.size()))
      return {&source, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(name.size())};
  return place;
}

}  // namespace weft::gen::proto
