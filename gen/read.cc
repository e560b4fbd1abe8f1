#include "read.h"

#include <fmt/format.h>

#include "adjust.h"
#include "clashes.h"
#include "cycles.h"
#include "endless.h"
#include "names.h"
#include "thrift/resolve.h"
#if WEFT_PROTOBUF
#include "proto/lower.h"
#include "proto/read.h"
#endif

namespace weft::gen {

std::deque<Program> read(const std::vector<std::string>& paths,
                         const std::vector<std::string>& include_folders, Files& files,
                         Diagnostics& diagnostics) {
  std::deque<Program> programs;
  std::vector<std::string> thrift, proto;
  for (const std::string& path : paths) (path.ends_with(".proto") ? proto : thrift).push_back(path);
  if (!thrift.empty()) programs.push_back(thrift::read_program(thrift, include_folders, files, diagnostics));
  if (!proto.empty()) {
#if WEFT_PROTOBUF
    programs.push_back(proto::read_program(proto, include_folders, {}, files, diagnostics));
#else
    diagnostics.error({},
                      fmt::format("cannot read `{}`: this weft-gen was built without libprotoc", proto[0]));
#endif
  }
  std::vector<const Module*> modules;
  for (const Program& program : programs)
    for (const Module& module : program.modules) modules.push_back(&module);
  if (diagnostics.ok()) find_header_clashes(modules, diagnostics);
  for (Program& program : programs) {
    if (!diagnostics.ok()) break;
    end_structs(program, diagnostics);
    adjust(program, {}, diagnostics);
    if (!diagnostics.ok()) break;
    assign_names(program);
    arrange(program, diagnostics);
  }
  return programs;
}

}  // namespace weft::gen
