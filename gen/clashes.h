// Clashes: names of several files that C++ cannot have side by side, because one of the files sees the other.
#pragma once

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// Reports two files that put one name into one namespace, and a name that is another file's namespace.
void find_clashes(const Program& program, Diagnostics& diagnostics);

}  // namespace weft::gen
