// Clashes: names of several files that C++ cannot have side by side, because one of the files sees the other,
// and headers that two files would have.
#pragma once

#include <vector>

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// Reports two files that put one name into one namespace, and a name that is another file's namespace.
void find_clashes(const Program& program, Diagnostics& diagnostics);

/// Reports two files, of those named and those that they include, that would have one header.
void find_header_clashes(const std::vector<const Module*>& modules, Diagnostics& diagnostics);

}  // namespace weft::gen
