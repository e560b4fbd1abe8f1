// Dump: a program as JSON, for tools, plugins and `weft-gen check`, and a program from such JSON.
#pragma once

#include <deque>
#include <string_view>

#include "diagnostic.h"
#include "json.h"
#include "model.h"

namespace weft::gen {

/// The form that README.md describes. It grows by members that readers may ignore; what changes or removes
/// one has the next number.
inline constexpr std::int64_t dump_version = 1;

/// Of programs whose C++ names are assigned: all of their files, in an order in which a file comes after
/// those that it includes.
Json dump(const std::deque<Program>& programs);
Json dump(const Program& program);

/// The program of a dump's files of one IDL. Its places have lines and columns, but no text. What is no dump,
/// or not of this version, is an error.
Program restore(const Json& dump, bool protobuf, Diagnostics& diagnostics);

}  // namespace weft::gen
