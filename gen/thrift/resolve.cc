#include "resolve.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "../folders.h"
#include "evaluate.h"
#include "load.h"
#include "parser.h"
#include "symbols.h"
#include "types.h"

namespace weft::gen::thrift {

namespace {

/// Resolves one file; those it includes are done.
class Resolver {
 public:
  Resolver(const File& file, Module& module, Symbols& symbols, Diagnostics& diagnostics)
      : file_(file),
        module_(module),
        symbols_(symbols),
        diagnostics_(diagnostics),
        types_(symbols, diagnostics),
        values_(symbols, diagnostics) {}

  void run() {
    for (const Definition& definition : file_.node.definitions)
      std::visit([&](const auto& node) { declare(node); }, definition);
    types_.resolve_typedefs();
    for (auto& [structure, node] : structs_) fields(*node, *structure);
    for (auto& [constant, node] : constants_) constant->type = types_.resolve(node->type);
    for (auto& [constant, node] : constants_) values_.add(*constant, node->value);
    for (auto& [service, node] : services_) service_body(*node, *service);
    values_.evaluate_constants();
    for (auto& [value, literal] : defaults_)
      *value = values_.evaluate(*literal, *types_of_defaults_.at(value));
  }

 private:
  template <class T>
  T& declare_item(Items<T>& items, const Word& name, const std::string& doc) {
    T& item = items.emplace_back();
    item.module = &module_;
    item.name = name.text;
    item.place = name.place;
    item.doc = doc;
    module_.items.push_back(&item);
    if constexpr (std::is_same_v<T, Constant>)
      symbols_.declare(item);
    else
      symbols_.declare(TypeSymbol{&item});
    return item;
  }

  void declare(const TypedefNode& node) {
    Typedef& alias = declare_item(module_.typedefs, node.name, node.doc);
    alias.annotations = node.annotations;
    alias.annotations.insert(alias.annotations.end(), node.type.annotations.begin(),
                             node.type.annotations.end());
    types_.add(alias, node);
  }

  void declare(const EnumNode& node) {
    Enum& enumeration = declare_item(module_.enums, node.name, node.doc);
    enumeration.annotations = node.annotations;
    std::map<std::string, Place> names;
    std::int64_t next = 0;
    for (const EnumeratorNode& value_node : node.values) {
      Enumerator& value = enumeration.values.emplace_back();
      value.name = value_node.name.text;
      value.place = value_node.name.place;
      value.doc = value_node.doc;
      value.annotations = value_node.annotations;
      const std::int64_t number = value_node.value.value_or(next);
      if (number < INT32_MIN || number > INT32_MAX)
        diagnostics_.error(value_node.place,
                           fmt::format("the enum value {} does not fit into 32 bits", number));
      value.value = static_cast<std::int32_t>(number);
      next = std::int64_t{value.value} + 1;
      unique(names, value_node.name, "enum value");
    }
  }

  void declare(const ConstantNode& node) {
    constants_.emplace_back(&declare_item(module_.constants, node.name, node.doc), &node);
  }

  void declare(const StructNode& node) {
    Struct& structure = declare_item(module_.structs, node.name, node.doc);
    structure.form = node.form;
    structure.annotations = node.annotations;
    structs_.emplace_back(&structure, &node);
  }

  void declare(const ServiceNode& node) {
    Service& service = declare_item(module_.services, node.name, node.doc);
    service.annotations = node.annotations;
    services_.emplace_back(&service, &node);
  }

  /// Reports a name that was there before.
  void unique(std::map<std::string, Place>& names, const Word& name, std::string_view what) {
    auto [known, added] = names.emplace(name.text, name.place);
    if (added) return;
    diagnostics_.error(name.place, fmt::format("there are two {}s `{}`", what, name.text));
    diagnostics_.note(known->second, "the first is here");
  }

  void fields(const StructNode& node, Struct& structure) {
    structure.fields = fields(node.fields, "field");
    if (structure.form != Struct::Form::union_) return;
    const Field* with_default = nullptr;
    for (Field& field : structure.fields) {
      if (field.presence == Presence::required)
        diagnostics_.warning(field.place, "a union's field cannot be required: one of them is set");
      field.presence = Presence::optional;
      if (!field.value) continue;
      if (with_default) {
        diagnostics_.error(field.place, "only one field of a union can have a default");
        diagnostics_.note(with_default->place, "the other is here");
      }
      with_default = &field;
    }
  }

  /// A list of fields: ids not given count down from -1.
  std::vector<Field> fields(const std::vector<FieldNode>& nodes, std::string_view what) {
    std::vector<Field> result;
    result.reserve(nodes.size());
    std::map<std::string, Place> names;
    std::map<std::int32_t, Place> ids;
    std::int32_t automatic = -1;
    for (const FieldNode& node : nodes) {
      Field& field = result.emplace_back();
      field.name = node.name.text;
      field.place = node.name.place;
      field.doc = node.doc;
      field.annotations = node.annotations;
      field.annotations.insert(field.annotations.end(), node.type.annotations.begin(),
                               node.type.annotations.end());
      field.type = types_.resolve(node.type);
      field.presence = node.presence.value_or(Presence::plain);
      field.reference =
          node.reference || find(node.annotations, "cpp.ref") || find(node.annotations, "cpp2.ref");
      field.id = id(node, automatic);
      unique(names, node.name, what);
      auto [known, added] = ids.emplace(field.id, node.place);
      if (!added) {
        diagnostics_.error(node.place, fmt::format("there are two {}s with the id {}", what, field.id));
        diagnostics_.note(known->second, "the first is here");
      }
    }
    for (std::size_t index = 0; index < nodes.size(); ++index) {
      if (!nodes[index].value) continue;
      result[index].value = std::make_unique<Value>();
      // The value waits until all types and constants are known; a vector's move keeps both addresses.
      defaults_.emplace_back(result[index].value.get(), &*nodes[index].value);
      types_of_defaults_[result[index].value.get()] = &result[index].type;
    }
    return result;
  }

  std::int32_t id(const FieldNode& node, std::int32_t& automatic) {
    if (node.id && *node.id > INT16_MAX) {
      diagnostics_.error(node.place, fmt::format("the id {} is larger than {}", *node.id, INT16_MAX));
      return 0;
    }
    if (node.id && *node.id > 0) return static_cast<std::int32_t>(*node.id);
    if (node.id)
      diagnostics_.warning(node.place, fmt::format("ids start at 1: {} becomes {}", *node.id, automatic));
    if (automatic < INT16_MIN) {
      diagnostics_.error(node.place, "there are no more ids for fields without one");
      return 0;
    }
    return automatic--;
  }

  void service_body(const ServiceNode& node, Service& service) {
    if (node.base) service.base = base(*node.base, service);
    std::map<std::string, Place> names;
    for (const FunctionNode& function : node.functions) {
      unique(names, function.name, "function");
      for (const Service* base = service.base; base; base = base->base)
        for (const Method& method : base->methods)
          if (method.name == function.name.text) {
            diagnostics_.error(function.name.place,
                               fmt::format("{} has a function `{}` already", base->name, method.name));
            diagnostics_.note(method.place, "it is here");
          }
      service.methods.push_back(this->function(function));
    }
  }

  /// Only services declared before are found, so that no service extends itself.
  const Service* base(const Word& name, const Service& service) {
    auto symbol = symbols_.find_type(name.text, name.place);
    if (!symbol) return nullptr;
    auto* base = std::get_if<Service*>(&*symbol);
    if (!base) {
      diagnostics_.error(name.place, fmt::format("`{}` is not a service", name.text));
      return nullptr;
    }
    if ((*base)->module == &module_ && (*base)->place.offset >= service.place.offset) {
      diagnostics_.error(name.place,
                         fmt::format("`{}` has to be declared before what extends it", name.text));
      return nullptr;
    }
    std::size_t levels = 0;
    for (const Service* at = *base; at; at = at->base) ++levels;
    if (levels < depth_max) return *base;
    diagnostics_.error(name.place,
                       fmt::format("services extend one another deeper than {} levels", depth_max));
    return nullptr;
  }

  Method function(const FunctionNode& node) {
    Method method;
    method.name = node.name.text;
    method.place = node.name.place;
    method.doc = node.doc;
    method.annotations = node.annotations;
    method.oneway = node.oneway;
    if (node.result.name != "void") {
      if (node.oneway)
        diagnostics_.warning(node.result.place, "nobody answers a oneway function: it returns `void`");
      else
        method.result = types_.resolve(node.result);
    }
    method.arguments = fields(node.arguments, "argument");
    for (const Field& argument : method.arguments)
      if (argument.presence == Presence::optional)
        diagnostics_.warning(argument.place, "arguments are always sent: `optional` is ignored");
    method.exceptions = fields(node.exceptions, "exception");
    for (const Field& exception : method.exceptions) {
      const Type& type = bare(exception.type);
      if (type.kind != Type::Kind::structure || type.structure->form != Struct::Form::exception)
        diagnostics_.error(exception.place, fmt::format("`{}` is no exception: only those can be thrown",
                                                        name_of(exception.type)));
    }
    if (node.oneway && !node.exceptions.empty())
      diagnostics_.error(node.exceptions[0].place, "nobody answers a oneway function: it cannot throw");
    return method;
  }

  const File& file_;
  Module& module_;
  Symbols& symbols_;
  Diagnostics& diagnostics_;
  Types types_;
  Evaluator values_;
  std::vector<std::pair<Struct*, const StructNode*>> structs_;
  std::vector<std::pair<Constant*, const ConstantNode*>> constants_;
  std::vector<std::pair<Service*, const ServiceNode*>> services_;
  std::vector<std::pair<Value*, const Literal*>> defaults_;
  std::map<const Value*, const Type*> types_of_defaults_;
};

/// An included file that lies in none of the folders is called by its name alone, if that is free.
void keep_apart(Program& program, const Folders& called_from) {
  std::map<std::string, int> count;
  for (const Module& module : program.modules) ++count[module.path];
  for (Module& module : program.modules)
    if (count[module.path] > 1 && !called_from.hold(module.source->path()))
      module.path = without_ending(called_from.long_name_of(module.source->path()));
}

}  // namespace

Program read_program(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                     Files& files, Diagnostics& diagnostics) {
  Program program;
  const Folders called_from{folders, paths};
  std::deque<File> loaded = load(paths, folders, files, program.sources, diagnostics);
  std::map<const File*, std::pair<Module*, std::unique_ptr<Symbols>>> known;
  for (const File& file : loaded) {
    Module& module = program.modules.emplace_back();
    auto symbols = std::make_unique<Symbols>(diagnostics);
    module.source = file.source;
    module.stem = std::string(stem_of(file.source->path()));
    module.path = std::string(without_ending(called_from.name_of(file.path)));
    module.namespaces = file.node.namespaces;
    for (const Word& include : file.node.cpp_includes) module.cpp_includes.push_back(include.text);
    for (const Include& include : file.includes) {
      auto& [included, included_symbols] = known.at(include.file);
      if (std::find(module.includes.begin(), module.includes.end(), included) != module.includes.end())
        continue;
      module.includes.push_back(included);
      symbols->include(included->stem, *included_symbols);
    }
    Resolver{file, module, *symbols, diagnostics}.run();
    known[&file] = {&module, std::move(symbols)};
  }
  keep_apart(program, called_from);
  for (const std::string& path : paths)
    for (const auto& [file, entry] : known)
      if (file->path == normal_path(path) &&
          std::find(program.roots.begin(), program.roots.end(), entry.first) == program.roots.end())
        program.roots.push_back(entry.first);
  return program;
}

}  // namespace weft::gen::thrift
