#include "generate.h"

#include <set>

#include <fmt/format.h>

#include "clashes.h"
#include "cycles.h"
#include "names.h"
#include "thrift/resolve.h"
#if WEFT_PROTOBUF
#include "proto/lower.h"
#include "proto/read.h"
#endif

namespace weft::gen {

namespace {

void inputs_of(const Module& module, std::vector<std::string>& inputs, std::set<const Module*>& seen) {
  if (!seen.insert(&module).second) return;
  inputs.push_back(module.source->path());
  for (const Module* include : module.includes) inputs_of(*include, inputs, seen);
}

}  // namespace

void finish(Program& program, Generated& generated, Diagnostics& diagnostics) {
  assign_names(program);
  find_clashes(program, diagnostics);
  arrange(program, diagnostics);
  if (!diagnostics.ok()) return;
  for (const Module* module : program.roots) {
    auto& unit = generated.units.emplace_back();
    unit.stem = module->stem;
    unit.output = emit(*module);
    std::set<const Module*> seen;
    inputs_of(*module, unit.inputs, seen);
  }
}

Generated generate(const std::vector<std::string>& paths, const std::vector<std::string>& include_folders,
                   Files& files, Diagnostics& diagnostics, [[maybe_unused]] const Choices& choices) {
  Generated generated;
  std::vector<std::string> thrift, proto;
  for (const std::string& path : paths) (path.ends_with(".proto") ? proto : thrift).push_back(path);
  std::set<std::string, std::less<>> stems, known;
  for (const std::string& path : paths)
    if (known.insert(normal_path(path)).second && !stems.emplace(stem_of(path)).second)
      diagnostics.error({}, fmt::format("two files would be generated as {}.weft.h", stem_of(path)));
  if (!thrift.empty()) {
    Program program = thrift::read_program(thrift, include_folders, files, diagnostics);
    if (diagnostics.ok()) finish(program, generated, diagnostics);
  }
  if (!proto.empty()) {
#if WEFT_PROTOBUF
    Program program = proto::read_program(proto, include_folders, {choices.keep_unknown}, files, diagnostics);
    if (diagnostics.ok()) finish(program, generated, diagnostics);
#else
    diagnostics.error({},
                      fmt::format("cannot read `{}`: this weft-gen was built without libprotoc", proto[0]));
#endif
  }
  if (!diagnostics.ok()) generated.units.clear();
  return generated;
}

}  // namespace weft::gen
