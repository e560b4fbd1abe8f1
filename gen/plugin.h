// Plugin: somebody else's look at the model: a function in this program, or a program of its own in any
// language, which gets the dump (see dump.h) on its standard input and writes its answer to its standard
// output:
//
//   {"adjustments": {"x.S": {"member": ["..."]}}, "files": [{"path": "x.fmt.h", "text": "..."}],
//    "errors": ["..."], "warnings": ["..."]}
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "adjust.h"
#include "diagnostic.h"
#include "json.h"

namespace weft::gen {

struct Plugin {
  std::string name;
  std::string command;  ///< a program's path; empty: one that is built in, or `weft-gen-NAME` in the PATH
  std::chrono::milliseconds limit{60'000};  ///< for a program's run
};

/// "NAME" or "NAME=PATH".
Plugin parse_plugin(std::string_view text);

struct PluginFile {
  std::string path;  ///< below the output folder
  std::string text;
};

struct PluginAnswer {
  Adjustments adjustments;
  std::vector<PluginFile> files;
};

/// What goes wrong (the program cannot be run, ends badly, takes too long, answers nonsense, or reports
/// errors of its own) is an error.
PluginAnswer run(const Plugin& plugin, const Json& dump, Diagnostics& diagnostics);

/// What a plugin in this program is: from a dump to an answer.
using BuiltIn = Json (*)(const Json& dump);
/// Null when there is none.
BuiltIn find_built_in(std::string_view name);

}  // namespace weft::gen
