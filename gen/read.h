// Read: IDL files of both kinds to programs whose C++ names are assigned, for those who look at the model and
// generate nothing.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "diagnostic.h"
#include "model.h"

namespace weft::gen {

/// One program for each IDL that there are files of. They are whole when no error was reported.
std::deque<Program> read(const std::vector<std::string>& paths,
                         const std::vector<std::string>& include_folders, Files& files,
                         Diagnostics& diagnostics);

}  // namespace weft::gen
