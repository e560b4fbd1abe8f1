// Cycles: which members are held in a Box, and in which order C++ can define the items of a module.
//
// A member needs its type to be complete where it is declared, with two exceptions: a vector's element may be
// incomplete by the standard, and a map's or set's is with every standard library there is. A cycle of types
// is broken where that costs least: at a vector, then by boxing as few optional members as possible, and
// where there is none, at a map or set. A cycle that goes only through plain members is an error: such a
// value has no end.
#pragma once

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// Sets `boxed`, `unfinished`, `order` and `forwards`.
void arrange(Program& program, Diagnostics& diagnostics);

}  // namespace weft::gen
