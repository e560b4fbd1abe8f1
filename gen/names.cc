#include "names.h"

#include <functional>
#include <set>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

namespace weft::gen {

namespace {

using Words = std::unordered_set<std::string_view>;

Words words(std::string_view text) {
  Words result;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \n", at)) != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    result.insert(text.substr(at, end - at));
    at = end;
  }
  return result;
}

// Alternative tokens are keywords here; `std` and `weft` begin what generated code says itself.
constexpr std::string_view keywords = R"(
alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case catch char
char16_t char32_t char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr constinit
continue contract_assert decltype default delete do double dynamic_cast else enum explicit export extern false float for
friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected
public register reinterpret_cast requires return short signed sizeof static static_assert static_cast std struct switch
synchronized template this thread_local throw true try typedef typeid typename typeof union unsigned using virtual void
volatile wchar_t weft while xor xor_eq
)";

constexpr std::string_view macros =
#include "macros.inc"
    ;

constexpr std::string_view globals =
#include "globals.inc"
    ;

void name_module(Module& module) {
  static const Words known_globals = words(globals);
  std::string name = module.stem;
  for (std::string_view language : {"*", "cpp"})
    for (const Namespace& space : module.namespaces)
      if (space.language == language) name = space.name;
  for (char& c : name)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'))
      c = '_';
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    std::string part = name.substr(at, end - at);
    if (part.empty() || (part[0] >= '0' && part[0] <= '9')) part = fmt::format("_{}", part);
    // `namespace cpp weft.demo` is fine: `weft` still finds the library from there.
    const bool inside_weft = part == "weft" && module.cpp_namespace.empty() && end < name.size();
    if (inside_weft) {
      module.cpp_namespace.push_back(part);
    } else {
      // A namespace beside the functions and types of C cannot be called as one of them.
      const bool global = module.cpp_namespace.empty() && known_globals.contains(part);
      module.cpp_namespace.push_back(global ? part + '_' : Names{}.claim(part));
    }
    at = end + 1;
  }
}

void name_alternatives(Struct& structure) {
  Names names{structure.cpp_name, "value"};
  for (Field& field : structure.fields) field.alternative = names.claim(title_case(field.name));
}

void name_members(Struct& structure) {
  Names names{structure.cpp_name};
  // Types before fields, but what the IDL has not named comes last: the types of oneofs, and constants.
  for (Nested& nested : structure.nested)
    if (!nested.is_oneof) nested.cpp_name = names.claim(nested.name);
  names.name_all(structure.fields);
  for (Nested& nested : structure.nested)
    if (nested.is_oneof) nested.cpp_name = names.claim(nested.name);
  for (Field& field : structure.fields)
    if (field.fallback) field.fallback_name = names.claim(field.name + "_default");
  if (structure.keeps_unknown) structure.unknown_name = names.claim("unknown_fields");
}

void name_service(Service& service) {
  Names names{service.cpp_name, "Client", "info", "weft_service", "service_"};
  for (const Service* base = service.base; base; base = base->base) {
    names.take(base->cpp_name);
    for (const Method& method : base->methods) names.take(method.cpp_name);
  }
  names.name_all(service.methods);
  for (Method& method : service.methods) {
    // In the client's method the arguments stand beside the member that it uses.
    Names{"service_"}.name_all(method.arguments);
    Names{}.name_all(method.exceptions);
  }
}

/// What the files that the module includes have put into its namespace: all names, or those of views alone,
/// which no IDL has made way for.
void take_included(const Module& module, bool views_alone, Names& names) {
  std::set<const Module*> seen{&module};
  std::vector<const Module*> open{&module};
  while (!open.empty()) {
    const Module& at = *open.back();
    open.pop_back();
    for (const Module* include : at.includes)
      if (seen.insert(include).second) open.push_back(include);
    if (&at == &module || at.cpp_namespace != module.cpp_namespace) continue;
    if (views_alone) {
      for (const Struct& structure : at.structs)
        if (structure.borrowed) names.take(structure.cpp_name);
    } else {
      for (const ItemPtr& item : at.items)
        std::visit([&](const Item* item) { names.take(item->cpp_name); }, item);
    }
  }
}

/// Messages of another compiler are called what it calls them; services make way.
void name_foreign(Module& module) {
  if (!module.foreign.space.empty()) {
    module.cpp_namespace = module.foreign.space;
  } else {
    // Beside global types.
    Names names;
    for (const Struct& structure : module.structs) names.take(structure.foreign_name);
    for (const Enum& enumeration : module.enums) names.take(enumeration.foreign_name);
    for (const Typedef& alias : module.typedefs) names.take(alias.foreign_name);
    module.cpp_namespace[0] = names.claim(module.cpp_namespace[0]);
  }
  Names names;
  for (const std::string& name : module.foreign.taken) names.take(name);
  for (const ItemPtr& pointer : module.items)
    std::visit(
        [&](Item* item) {
          item->cpp_name = item->foreign_name;
          names.take(item->cpp_name);
        },
        pointer);
  names.name_all(module.services);
  for (Enum& enumeration : module.enums)
    for (Enumerator& value : enumeration.values) value.cpp_name = value.name;
  for (Service& service : module.services) name_service(service);
}

}  // namespace

bool is_reserved(std::string_view name) {
  static const Words known = words(keywords);
  static const Words known_macros = words(macros);
  // [lex.name]: names with two underscores, or one before a capital, are the implementation's, and many are
  // macros.
  if (name.starts_with("__") || (name.size() > 1 && name[0] == '_' && name[1] >= 'A' && name[1] <= 'Z'))
    return true;
  return known.contains(name) || known_macros.contains(name);
}

std::string Names::claim(std::string_view wanted) {
  std::string name(wanted);
  if (is_reserved(name)) name += '_';
  while (has(name)) name += '_';
  taken_.insert(name);
  return name;
}

std::string title_case(std::string_view name) {
  std::string title;
  bool start = true;
  for (char c : name) {
    if (c != '_') title += start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    start = c == '_';
  }
  if (title.empty() || (title[0] >= '0' && title[0] <= '9')) title.insert(0, "Alternative");
  return title;
}

void assign_names(Program& program) {
  bool borrows = false;
  for (const Module& module : program.modules)
    for (const Struct& structure : module.structs) borrows |= structure.borrowed;
  for (Module& module : program.modules) {
    name_module(module);
    if (module.foreign.messages != Messages::weft) {
      name_foreign(module);
      continue;
    }
    // Types first: a constant that is called as a type makes way for it.
    std::vector<std::reference_wrapper<Item>> types, views, constants;
    for (const ItemPtr& item : module.items)
      std::visit(
          [&](auto* item) {
            constexpr bool is_constant = std::is_same_v<decltype(item), Constant*>;
            constexpr bool is_struct = std::is_same_v<decltype(item), Struct*>;
            if constexpr (is_struct)
              (item->borrowed ? views : types).push_back(*item);
            else
              (is_constant ? constants : types).push_back(*item);
          },
          item);
    Names names;
    if (borrows) take_included(module, true, names);
    names.name_all(types);
    if (borrows) take_included(module, false, names);
    names.name_all(views);
    names.name_all(constants);
    for (Enum& enumeration : module.enums) Names{}.name_all(enumeration.values);
    for (Struct& structure : module.structs) {
      if (structure.form == Struct::Form::union_)
        name_alternatives(structure);
      else
        name_members(structure);
    }
    for (Service& service : module.services) name_service(service);
  }
}

void forget_names(Program& program) {
  for (Module& module : program.modules) {
    module.cpp_namespace.clear();
    each_entity(module, [](Entity& entity) { entity.cpp_name.clear(); });
    for (Struct& structure : module.structs) {
      for (Nested& nested : structure.nested) nested.cpp_name.clear();
      for (Field& field : structure.fields) {
        field.alternative.clear();
        field.fallback_name.clear();
      }
    }
  }
}

}  // namespace weft::gen
