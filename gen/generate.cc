#include "generate.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "apache.h"
#include "borrow.h"
#include "clashes.h"
#include "cycles.h"
#include "derive.h"
#include "dump.h"
#include "endless.h"
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
  for (const Module* include : module.protobuf ? module.imports : module.includes)
    inputs_of(*include, inputs, seen);
}

/// Each sees what those before it made of the program.
void ask_plugins(Program& program, const std::vector<Plugin>& plugins, Generated& generated,
                 Diagnostics& diagnostics) {
  for (const Plugin& plugin : plugins) {
    arrange(program, diagnostics);
    if (!diagnostics.ok()) return;
    PluginAnswer answer = run(plugin, dump(program), diagnostics);
    adjust_more(program, answer.adjustments, diagnostics);
    forget_names(program);
    for (Module& module : program.modules) {
      module.order.clear();
      module.forwards.clear();
      for (Struct& structure : module.structs)
        for (Field& field : structure.fields) field.unfinished = false;
    }
    assign_names(program);
    for (PluginFile& file : answer.files) generated.files.push_back(std::move(file));
  }
}

/// What all programs of a run are in the end.
void finish(Program& program, const Choices& choices, Generated& generated,
            std::vector<const Module*>& modules, Diagnostics& diagnostics) {
  for (Module& module : program.modules) {
    // The well-known types are in the library, unless they are to be generated.
    const bool ours = module.protobuf && module.path.starts_with("google/protobuf/") &&
                      std::find(program.roots.begin(), program.roots.end(), &module) == program.roots.end();
    if (choices.flat && !ours) module.path = module.stem;
    modules.push_back(&module);
  }
  find_header_clashes(modules, diagnostics);
  if (diagnostics.ok()) finish(program, choices, generated, diagnostics);
}

}  // namespace

std::vector<std::pair<std::string, const std::string*>> Generated::Unit::files() const {
  std::vector<std::pair<std::string, const std::string*>> files{{path + ".weft.h", &output.header},
                                                                {path + ".weft.cc", &output.source}};
  for (std::size_t at = 0; at < output.more_sources.size(); ++at)
    files.emplace_back(fmt::format("{}.weft.{}.cc", path, at + 2), &output.more_sources[at]);
  return files;
}

void finish(Program& program, const Choices& choices, Generated& generated, Diagnostics& diagnostics) {
  end_structs(program, diagnostics);
  adjust(program, choices.adjustments, diagnostics);
  if (!diagnostics.ok()) return;
  assign_names(program);
  ask_plugins(program, choices.plugins, generated, diagnostics);
  if (!diagnostics.ok()) return;
  if (choices.borrow) {  // after all that changes what they are the views of
    add_views(program, diagnostics);
    forget_names(program);
    assign_names(program);
  }
  if (!choices.comments)
    for (Module& module : program.modules) each_entity(module, [](Entity& entity) { entity.doc.clear(); });
  const std::vector<Module*> named = program.roots;
  if (choices.reach) reach(program, choices.keep, generated.census);
  find_clashes(program, diagnostics);
  arrange(program, diagnostics);
  derive(program, choices.derive, diagnostics);
  if (!diagnostics.ok()) return;
  generated.libraries.add(named, program.roots);
  for (const Module* module : program.roots) {
    auto& unit = generated.units.emplace_back();
    unit.path = module->path;
    unit.output = emit(*module, choices.split);
    for (const auto& [path, text] : unit.files())
      if (path.ends_with(".cc")) generated.libraries.add_source(module->path, path);
    std::set<const Module*> seen;
    inputs_of(*module, unit.inputs, seen);
    if (!choices.reach) continue;
    // Any file may reach more of any other.
    unit.inputs.clear();
    for (const Module& other : program.modules) unit.inputs.push_back(other.source->path());
  }
}

bool parse_messages(std::string_view word, Messages& messages) {
  if (word != "weft" && word != "protoc" && word != "apache") return false;
  messages = word == "protoc" ? Messages::protoc : word == "apache" ? Messages::apache : Messages::weft;
  return true;
}

Generated generate(const std::vector<std::string>& paths, const std::vector<std::string>& include_folders,
                   Files& files, Diagnostics& diagnostics, const Choices& choices) {
  Generated generated;
  std::vector<std::string> thrift, proto;
  for (const std::string& path : paths) (path.ends_with(".proto") ? proto : thrift).push_back(path);
  const Messages messages = choices.messages;
  if (!(messages == Messages::protoc ? thrift : proto).empty() && messages != Messages::weft)
    diagnostics.error({}, messages == Messages::protoc
                              ? "protoc makes no messages of Thrift files"
                              : "the thrift compiler makes no messages of .proto files");
  if (choices.on_arena && messages != Messages::protoc)
    diagnostics.error({}, "only protoc's messages can be on an arena");
  if (!diagnostics.ok()) return generated;
  std::vector<const Module*> modules;
  Program of_thrift, of_proto;
  if (!thrift.empty()) {
    of_thrift = thrift::read_program(thrift, include_folders, files, diagnostics);
    if (messages == Messages::apache && diagnostics.ok()) use_apache_messages(of_thrift, diagnostics);
    if (diagnostics.ok()) finish(of_thrift, choices, generated, modules, diagnostics);
  }
  if (!proto.empty()) {
#if WEFT_PROTOBUF
    proto::Options options;
    options.keep_unknown = choices.keep_unknown;
    options.descriptors = choices.descriptors;
    options.foreign.messages = messages;
    options.foreign.on_arena = choices.on_arena;
    of_proto = proto::read_program(proto, include_folders, options, files, diagnostics);
    if (diagnostics.ok()) finish(of_proto, choices, generated, modules, diagnostics);
#else
    diagnostics.error({},
                      fmt::format("cannot read `{}`: this weft-gen was built without libprotoc", proto[0]));
#endif
  }
  if (diagnostics.ok() && choices.reach) {
    for (const std::string& name : choices.keep)
      if (!generated.census.has_found(name))
        diagnostics.error({}, fmt::format("there is no `{}` to keep", name));
    if (diagnostics.ok() && generated.units.empty())
      diagnostics.error({},
                        "nothing is reached: these files have no services, and nothing else is to be kept");
  }
  if (!diagnostics.ok()) {
    generated.units.clear();
    generated.files.clear();
  }
  return generated;
}

}  // namespace weft::gen
