// Resolve: syntax trees to the model, names looked up and constants evaluated.
#pragma once

#include <string>
#include <vector>

#include "../diagnostic.h"
#include "../model.h"

namespace weft::gen::thrift {

/// Reads and resolves the files of `paths` and what they include. The program is whole when no error was
/// reported.
Program read_program(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                     Files& files, Diagnostics& diagnostics);

}  // namespace weft::gen::thrift
