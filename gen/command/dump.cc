// weft-gen dump: the model as JSON.
#include "../dump.h"

#include <cstdio>

#include <fmt/format.h>

#include "../read.h"
#include "command.h"

namespace weft::gen {

namespace {

constexpr std::string_view help = R"(Usage: weft-gen dump [OPTION]... FILE...
Prints what weft-gen knows of Thrift and Protobuf IDL files, and of those that they include, as JSON:
every name looked up, every constant evaluated, and what all is called in C++.

  -I DIR   look for included files in DIR too
  -o FILE  write to FILE instead of standard output
  --help   print this help and exit

Exits with 1 when a file has errors, and then prints nothing; with 2 when the command line is wrong.
)";

}  // namespace

int dump_command(const std::vector<std::string>& arguments) {
  std::string error;
  const CommandLine line{arguments, {{"-I", true}, {"-o", true}, {"--help"}}, error};
  if (!error.empty()) return usage_error(error);
  if (line.has("--help")) {
    fmt::print("{}", help);
    return 0;
  }
  if (line.files().empty()) return usage_error("no input files");
  Disk disk;
  Diagnostics diagnostics;
  const std::deque<Program> programs = read(line.files(), line.values("-I"), disk, diagnostics);
  fmt::print(stderr, "{}", diagnostics.text());
  if (!diagnostics.ok()) return 1;
  return write_text(line.value("-o").value_or("-"), dump(programs).print()) ? 0 : 1;
}

}  // namespace weft::gen
