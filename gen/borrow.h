// Borrow: for each struct of a program a second one, `RecordView`, whose texts are views into the bytes that
// it came in and whose lists lie in an arena; and handlers that are given these.
#pragma once

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// Adds the views to the modules, before anything is named, and sets `view` of the arguments of methods.
void add_views(Program& program, Diagnostics& diagnostics);

}  // namespace weft::gen
