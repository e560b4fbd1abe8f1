// Derive: which operations a type has because all that it is made of has them, and which of them are written.
//
//   ==       holds always
//   order    <=>, a std::strong_ordering: not where a float or double is in it, whose == is no total order
//   hash     std::hash: not where a float or double is in it (0.0 == -0.0, but their bits differ)
//   trivial  std::is_trivially_copyable: not where text, a container or a Box is in it
//
// Types that hold each other have what none of them refuses: the greatest fixpoint. Keys of sets and maps
// need none of this; weft::Less orders all types.
#pragma once

#include <string_view>

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// Sets each struct's `can`, and its `derives`: what `everywhere` asks for and it can, and what its
/// annotation `weft.derive = "order, hash, trivial"` asks for. Boxes have to be known. An annotation that
/// asks for what does not hold is an error that names the member that refuses.
void derive(Program& program, const Operations& everywhere, Diagnostics& diagnostics);

/// Adds the operations of a list such as "order,hash" to `operations`; the first word that is none, or
/// nothing.
std::string_view parse_operations(std::string_view list, Operations& operations);

}  // namespace weft::gen
