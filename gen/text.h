// Text from the IDL that goes into C++: what of it a compiler and a reader can take as it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace weft::gen {

/// The size of the printable character that `text` begins with; 0 when it is a control character, is not
/// UTF-8, or changes the direction of what follows (GCC warns of those).
std::size_t plain_character(std::string_view text);

}  // namespace weft::gen
