// Endless: structs that hold themselves by value, which IDL allows and no value can do.
#pragma once

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// Makes fields optional until no struct holds itself, with a warning for each. Thrift's `required` fields
/// stay (see cycles.h, which refuses what is left).
void end_structs(Program& program, Diagnostics& diagnostics);

}  // namespace weft::gen
