#include "generate.h"

#include <set>

#include <fmt/format.h>

#include "clashes.h"
#include "cycles.h"
#include "names.h"
#include "thrift/resolve.h"

namespace weft::gen {

namespace {

void inputs_of(const Module& module, std::vector<std::string>& inputs, std::set<const Module*>& seen) {
  if (!seen.insert(&module).second) return;
  inputs.push_back(module.source->path());
  for (const Module* include : module.includes) inputs_of(*include, inputs, seen);
}

}  // namespace

Generated generate(const std::vector<std::string>& paths, const std::vector<std::string>& include_folders,
                   Files& files, Diagnostics& diagnostics) {
  Generated generated;
  Program program = thrift::read_program(paths, include_folders, files, diagnostics);
  if (!diagnostics.ok()) return generated;
  assign_names(program);
  find_clashes(program, diagnostics);
  arrange(program, diagnostics);
  std::set<std::string> stems;
  for (const Module* module : program.roots)
    if (!stems.insert(module->stem).second)
      diagnostics.error({}, fmt::format("two files would be generated as {}.weft.h", module->stem));
  if (!diagnostics.ok()) return generated;
  for (const Module* module : program.roots) {
    auto& unit = generated.units.emplace_back();
    unit.stem = module->stem;
    unit.output = emit(*module);
    std::set<const Module*> seen;
    inputs_of(*module, unit.inputs, seen);
  }
  return generated;
}

}  // namespace weft::gen
