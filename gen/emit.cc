#include "emit.h"

#include <algorithm>
#include <set>

#include "emit_descriptors.h"
#include "parts.h"

namespace weft::gen {

namespace {

using Kind = Type::Kind;

bool is_foreign(const Module& module) { return module.foreign.messages != Messages::weft; }

/// The standard headers that a module's types need.
class Includes {
 public:
  explicit Includes(const Module& module) {
    is_foreign_ = is_foreign(module);
    if (is_foreign_) {
      for (const Service& service : module.services) look(service);
      return;
    }
    for (const Typedef& alias : module.typedefs) look(alias.type);
    if (!module.enums.empty()) names_.insert("cstdint");
    for (const Enum& enumeration : module.enums)
      if (enumeration.closed) names_.insert("array");
    for (const Constant& constant : module.constants) look(constant);
    for (const Struct& structure : module.structs) look(structure);
    for (const Service& service : module.services) look(service);
  }

  /// Those of Weft's codec, behind <weft/codec/codec.h>.
  void print_codec(Printer& out) const {
    for (const std::string_view name : codec_) out.line("#include <weft/codec/{}.h>", name);
  }

  void print(Printer& out) const {
    if (names_.empty()) return;
    out.blank();
    for (const std::string_view name : names_) out.line("#include <{}>", name);
  }

 private:
  void look(const Constant& constant) {
    const Kind kind = bare(constant.type).kind;
    if (kind == Kind::string || kind == Kind::binary)
      names_.insert("string_view");
    else
      look(constant.type);
    if (kind == Kind::real) names_.insert("limits");
  }

  void look(const Struct& structure) {
    names_.insert("string_view");  // for its name
    if (structure.form == Struct::Form::union_) names_.insert("variant");
    if (structure.keeps_unknown) names_.insert("string");
    if (structure.derives.order) names_.insert("compare");
    if (structure.derives.trivial) names_.insert("type_traits");
    for (const Field& field : structure.fields) {
      look(field.type);
      if (is_optional(structure, field) && !field.boxed) names_.insert("optional");
      if (field.shared) codec_.insert("shared");
      const Kind kind = bare(field.type).kind;
      if ((field.value || field.fallback) && (kind == Kind::single || kind == Kind::real))
        names_.insert("limits");
    }
  }

  void look(const Service& service) {
    if (!service.base) names_.insert("utility");
    for (const Method& method : service.methods) {
      look(method.result);
      for (const Field& argument : method.arguments) look(argument.type);
    }
  }

  void look(const Type& type) {
    switch (type.kind) {
      case Kind::i8:
      case Kind::i16:
      case Kind::i32:
      case Kind::i64:
      case Kind::u32:
      case Kind::u64:
        names_.insert("cstdint");
        break;
      case Kind::binary:
        if (is_foreign_) names_.insert("string");  // Apache's
        break;
      case Kind::string:
        names_.insert("string");
        break;
      case Kind::list:
        names_.insert("vector");
        break;
      case Kind::set:
      case Kind::map:
        if (type.container == Container::usual)
          names_.insert(type.kind == Kind::set ? "set" : "map");
        else
          codec_.insert(type.container == Container::flat ? "flat_map" : "unordered");
        break;
      default:
        break;
    }
    for (const Type& argument : type.arguments) look(argument);
  }

  bool is_foreign_ = false;
  std::set<std::string_view> names_;
  std::set<std::string_view> codec_;
};

std::string file_name(const Module& module) {
  const std::string& path = module.source->path();
  return path.substr(path.rfind('/') + 1);
}

template <class Predicate>
bool any_struct(const Module& module, Predicate predicate) {
  return std::any_of(module.structs.begin(), module.structs.end(), predicate);
}

/// Whether something that the module's code names is deprecated: that is for its users to hear, not for
/// those who compile it.
bool names_deprecated(const Module& module) {
  const auto look = [](const Module& module) {
    bool found = false;
    each_entity(const_cast<Module&>(module), [&](const Entity& entity) {
      found |= entity.attribute.find("deprecated") != std::string::npos;
    });
    return found;
  };
  bool found = look(module);
  for (const Module* include : module.includes) found = found || look(*include);
  return found;
}

void add_code(Printer& out, const Module& module, std::vector<std::string> Item::* code) {
  for (const ItemPtr& pointer : module.items) {
    const Item& item = std::visit([](const auto* item) -> const Item& { return *item; }, pointer);
    if ((item.*code).empty()) continue;
    out.blank();
    for (const std::string& line : item.*code) out.line("{}", line);
  }
}

bool has_times(const Module& module) {
  for (const Service& service : module.services)
    for (const Method& method : service.methods)
      if (method.timeout_ns > 0 || method.hedge.attempts > 0) return true;
  return false;
}

std::string emit_header(const Module& module) {
  Printer out;
  out.line("// Generated by weft-gen from {}. Do not edit.", file_name(module));
  out.line("#pragma once");
  const Includes needed{module};
  needed.print(out);
  out.blank();
  out.line("#include <weft/codec/codec.h>");
  if (any_struct(module, [](const Struct& structure) { return structure.derives.hash; }))
    out.line("#include <weft/codec/hash.h>");
  needed.print_codec(out);
  if (!module.services.empty()) out.line("#include <weft/middleware/service.h>");
  if (any_struct(module, [](const Struct& structure) { return structure.form == Struct::Form::exception; }))
    out.line("#include <weft/runtime/status.h>");
  out.blank();
  std::set<std::string> includes;
  for (const Module* include : module.includes) includes.insert(include->path);
  for (const std::string& path : includes) out.line("#include \"{}.weft.h\"", path);
  if (!module.headers.empty()) out.blank();
  for (const std::string& header : module.headers) out.line("#include {}", header);
  const bool quiet = names_deprecated(module);
  if (quiet) {
    out.blank();
    out.line("#pragma GCC diagnostic push");
    out.line("#pragma GCC diagnostic ignored \"-Wdeprecated-declarations\"");
  }

  const std::string space = namespace_of(module);
  if (!module.items.empty()) {
    out.blank();
    out.line("namespace {} {{", space);
    declare_types(out, module);
    for (const ItemPtr& item : module.order)
      if (auto* service = std::get_if<Service*>(&item)) declare_service(out, **service);
    out.blank();
    out.line("}}  // namespace {}", space);
  }
  for (const Enum& enumeration : module.enums)
    if (enumeration.closed) describe(out, enumeration);
  for (const Struct& structure : module.structs) describe(out, structure);
  add_code(out, module, &Item::code);
  if (quiet) {
    out.blank();
    out.line("#pragma GCC diagnostic pop");
  }
  return out.take();
}

/// Services alone: the messages are another compiler's.
std::string emit_foreign_header(const Module& module) {
  const bool protoc = module.foreign.messages == Messages::protoc;
  Printer out;
  out.line("// Generated by weft-gen from {}, for the messages that {} makes of it. Do not edit.",
           file_name(module), protoc ? "protoc" : "thrift");
  out.line("#pragma once");
  Includes{module}.print(out);
  out.blank();
  if (module.foreign.on_arena) out.line("#include <weft/codec/on_arena.h>");
  if (!module.services.empty()) out.line("#include <weft/middleware/service.h>");
  out.blank();
  out.line("#include \"{}\"", module.foreign.header);
  std::set<std::string> bases;
  for (const Service& service : module.services)
    if (service.base && service.base->module != &module) bases.insert(service.base->module->path);
  for (const std::string& path : bases) out.line("#include \"{}.weft.h\"", path);
  if (module.services.empty()) return out.take();

  const std::string space = namespace_of(module);
  out.blank();
  out.line("namespace {} {{", space);
  for (const Service& service : module.services) declare_service(out, service);
  out.blank();
  out.line("}}  // namespace {}", space);
  return out.take();
}

std::string emit_foreign_source(const Module& module) {
  const bool protoc = module.foreign.messages == Messages::protoc;
  Printer out;
  out.line("// Generated by weft-gen from {}. Do not edit.", file_name(module));
  out.line("#include \"{}.weft.h\"", module.path);
  if (module.services.empty()) return out.take();
  out.blank();
  if (has_times(module)) out.line("#include <chrono>");
  if (!protoc) out.line("#include <optional>");
  out.line("#include <utility>");
  out.blank();
  out.line("#include <weft/codec/adapt_{}.h>", protoc ? "protobuf" : "thrift");
  if (protoc) out.line("#include <weft/middleware/stub.h>");
  if (has_descriptor(module)) define_descriptors(out, module);
  const std::string space = namespace_of(module);
  out.blank();
  out.line("namespace {} {{", space);
  std::vector<const Service*> services;
  for (const Service& service : module.services) services.push_back(&service);
  define_services(out, module, services);
  out.blank();
  out.line("}}  // namespace {}", space);
  return out.take();
}

std::string emit_source(const Module& module, const Part& part, bool first) {
  Printer out;
  out.line("// Generated by weft-gen from {}. Do not edit.", file_name(module));
  out.line("#include \"{}.weft.h\"", module.path);
  if (!part.services.empty()) {
    out.blank();
    if (has_times(module)) out.line("#include <chrono>");
    if (!module.protobuf) out.line("#include <optional>");
    out.line("#include <utility>");
  }
  if (!part.structs.empty() || !part.services.empty()) {
    out.blank();
    out.line("#include <weft/codec/{}.h>", codec(module));
    if (module.protobuf && !part.services.empty()) out.line("#include <weft/middleware/stub.h>");
  }
  if (names_deprecated(module)) {
    out.blank();
    out.line("#pragma GCC diagnostic ignored \"-Wdeprecated-declarations\"");
  }
  out.blank();
  for (const Struct* structure : part.structs)
    if (!structure->oneof)
      out.line("template struct weft::{}::Codec<{}>;", codec(module), Scope{}.name(*structure));
  if (!part.services.empty() && has_descriptor(module)) define_descriptors(out, module);
  const std::string space = namespace_of(module);
  if (module.items.empty()) return out.take();
  out.blank();
  out.line("namespace {} {{", space);
  out.blank();
  const Scope operands = Scope(module).with({"a", "b"});
  for (const Struct* structure : part.structs) {
    const std::string name = operands.name(*structure);
    out.function(fmt::format("bool operator==(const {0}& a, const {0}& b)", name),
                 "return weft::equal(a, b);");
    if (structure->derives.order)
      out.function(fmt::format("std::strong_ordering operator<=>(const {0}& a, const {0}& b)", name),
                   "return weft::compare(a, b);");
  }
  out.blank();
  for (const Struct* structure : part.structs)
    if (structure->form == Struct::Form::exception)
      out.function(fmt::format("{}::operator weft::Status() const", structure->cpp_name),
                   fmt::format("return weft::Status::carrying(weft::Code::unknown, {}, *this);",
                               quote(structure->name)));
  if (first) define_constants(out, module);
  define_services(out, module, part.services);
  out.blank();
  out.line("}}  // namespace {}", space);
  if (first) add_code(out, module, &Item::source_code);
  return out.take();
}

}  // namespace

std::string_view codec(const Module& module) { return module.protobuf ? "protobuf" : "compact"; }

Output emit(const Module& module, std::size_t split) {
  if (is_foreign(module))
    return {.header = emit_foreign_header(module), .source = emit_foreign_source(module), .more_sources = {}};
  const std::vector<Part> parts = parts_of(module, split);
  Output output{
      .header = emit_header(module), .source = emit_source(module, parts[0], true), .more_sources = {}};
  for (std::size_t at = 1; at < parts.size(); ++at)
    output.more_sources.push_back(emit_source(module, parts[at], false));
  return output;
}

}  // namespace weft::gen
