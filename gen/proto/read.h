// Read: .proto files by libprotoc, to the model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../diagnostic.h"
#include "../model.h"

namespace weft::gen::proto {

struct Options;

/// The text of weft/options.proto.
extern const std::string_view weft_options;

/// Reads the files of `paths` and what they import, which is looked for in `folders` and then among the
/// well-known types that came with libprotoc. A file is called by its path below one of the folders, where it
/// is in one; otherwise its own folder is searched too. The program is whole when no error was reported.
Program read_program(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                     const Options& options, Files& files, Diagnostics& diagnostics);

}  // namespace weft::gen::proto
