// Parser: tokens to a syntax tree. After an error it goes on with the next field or definition, so that one
// run finds several.
#pragma once

#include "../diagnostic.h"
#include "ast.h"

namespace weft::gen::thrift {

/// Types and constants nest no deeper than this, whatever the file says.
inline constexpr std::size_t depth_max = 100;

FileNode parse(const Source& source, Diagnostics& diagnostics);

}  // namespace weft::gen::thrift
