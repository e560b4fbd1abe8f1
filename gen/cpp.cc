#include "cpp.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text.h"

namespace weft::gen {

namespace {

using Kind = Type::Kind;
using Form = Value::Form;

/// The modules that `module` sees, itself included.
void collect(const Module& module, std::set<const Module*>& seen) {
  if (!seen.insert(&module).second) return;
  for (const Module* include : module.includes) collect(*include, seen);
}

/// As short as comes back bit by bit.
std::string real(double value, bool single) {
  const std::string_view type = single ? "float" : "double";
  if (std::isnan(value)) return fmt::format("std::numeric_limits<{}>::quiet_NaN()", type);
  if (std::isinf(value))
    return fmt::format("{}std::numeric_limits<{}>::infinity()", value < 0 ? "-" : "", type);
  std::string digits = single ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
  if (digits.find_first_of(".e") == digits.npos) digits += ".0";
  return digits + (single ? "f" : "");
}

std::string uuid(std::string_view text) {
  std::vector<std::string> bytes;
  for (std::size_t at = 0; at < text.size(); at += text[at] == '-' ? 1 : 2)
    if (text[at] != '-') bytes.push_back(fmt::format("0x{}", text.substr(at, 2)));
  return fmt::format("weft::Uuid{{{{{{{}}}}}}}", fmt::join(bytes, ", "));
}

std::string constant(const Constant& constant, const Type& type, const Scope& scope) {
  std::string name = scope.name(constant);
  if (!is_constexpr(type)) return name + "()";
  if (type.borrowed) return name;
  switch (bare(type).kind) {
    case Kind::string:
      return fmt::format("std::string({})", name);
    case Kind::binary:
      return fmt::format("weft::Bytes::of_static({})", name);
    default:
      return name;
  }
}

Expression spell_union(const Value& value, const Struct& structure, const Scope& scope) {
  Expression result{.text = {}, .braces = true, .items = {}};
  if (value.fields.empty()) return result;
  const Field& field = *value.fields[0];
  Expression held = spell_member(value.items[0], structure, field, scope);
  result.items.push_back({.text = fmt::format(".value = {}::{}", scope.name(structure), field.alternative),
                          .braces = true,
                          .items = {std::move(held)}});
  return result;
}

Expression spell_struct(const Value& value, const Struct& structure, const Scope& scope) {
  if (structure.form == Struct::Form::union_) return spell_union(value, structure, scope);
  Expression result{.text = {}, .braces = true, .items = {}};
  std::size_t given = 0;
  for (const Field& field : structure.fields) {
    if (given < value.fields.size() && value.fields[given] == &field) {
      Expression item = spell_member(value.items[given], structure, field, scope);
      item.text.insert(0, fmt::format(".{} = ", field.cpp_name));
      result.items.push_back(std::move(item));
      ++given;
    } else if (field.unfinished) {
      // It has no initialiser of its own.
      result.items.push_back(
          {.text = fmt::format(".{} = {{}}", field.cpp_name), .braces = false, .items = {}});
    }
  }
  return result;
}

}  // namespace

Scope::Scope(const Module& module) : module_(&module) {
  std::set<const Module*> seen;
  collect(module, seen);
  Set around;
  const auto& here = module.cpp_namespace;
  for (const Module* other : seen) {
    const auto& there = other->cpp_namespace;
    // As deep as the two namespaces are the same, the other has names that are nearer than the global ones.
    std::size_t depth = 0;
    while (depth < here.size() && depth < there.size() && here[depth] == there[depth]) {
      if (++depth < there.size()) around.insert(there[depth]);
    }
    if (depth < there.size()) continue;
    for (const ItemPtr& item : other->items)
      std::visit([&](auto* item) { around.insert(item->cpp_name); }, item);
  }
  around_ = std::make_shared<const Set>(std::move(around));
}

Scope Scope::with(const std::vector<std::string>& names) const {
  Scope scope = *this;
  scope.nearer_.insert(names.begin(), names.end());
  return scope;
}

std::string Scope::name(const Item& item) const {
  const auto& space = item.foreign_name.empty() ? item.module->cpp_namespace : item.module->foreign.space;
  if (space.empty()) return fmt::format("::{}", item.cpp_name);
  const bool here = module_ && module_->cpp_namespace == space;
  if (here && !nearer_.contains(item.cpp_name)) return item.cpp_name;
  const bool hidden = nearer_.contains(space[0]) || (around_ && around_->contains(space[0]));
  return fmt::format("{}{}::{}", here || hidden ? "::" : "", fmt::join(space, "::"), item.cpp_name);
}

bool Scope::is_apache() const { return module_ && module_->foreign.messages == Messages::apache; }

std::string namespace_of(const Module& module) {
  const auto& space = module.cpp_namespace;
  std::string name = fmt::format("{}", fmt::join(space, "::"));
  // libprotobuf has types of these names too. A program may be linked with both, so the linker sees other
  // names.
  const bool taken = space.size() >= 2 && space[0] == "google" && space[1] == "protobuf";
  if (taken && module.foreign.messages == Messages::weft) name += "::inline weft_types";
  return name;
}

/// Of a set or a map, which as views are not ordered.
static std::string spell_view(const Type& type, const Scope& scope) {
  const std::string key = spell(type.arguments[0], scope);
  if (type.kind == Kind::set) return fmt::format("weft::SetView<{}>", key);
  return fmt::format("weft::MapView<{}, {}>", key, spell(type.arguments[1], scope));
}

std::string spell(const Type& type, const Scope& scope) {
  switch (type.kind) {
    case Kind::nothing:
      return "void";
    case Kind::boolean:
      return "bool";
    case Kind::i8:
      return "std::int8_t";
    case Kind::i16:
      return "std::int16_t";
    case Kind::i32:
      return "std::int32_t";
    case Kind::i64:
      return "std::int64_t";
    case Kind::u32:
      return "std::uint32_t";
    case Kind::u64:
      return "std::uint64_t";
    case Kind::single:
      return "float";
    case Kind::real:
      return "double";
    case Kind::string:
      return type.borrowed ? "std::string_view" : "std::string";
    case Kind::binary:
      if (type.borrowed) return "std::string_view";
      return scope.is_apache() ? "std::string" : "weft::Bytes";
    case Kind::uuid:
      return "weft::Uuid";
    case Kind::enumeration:
      return scope.name(*type.enumeration) + (scope.is_apache() ? "::type" : "");
    case Kind::structure:
      return scope.name(*type.structure);
    case Kind::alias:
      return scope.name(*type.alias);
    case Kind::list:
      return fmt::format("{}<{}>", type.borrowed ? "weft::ListView" : "std::vector",
                         spell(type.arguments[0], scope));
    case Kind::set:
    case Kind::map:
      break;
  }
  if (type.borrowed) return spell_view(type, scope);
  // Keys that `<` cannot order, or not totally.
  const Kind key = bare(type.arguments[0]).kind;
  const bool less = !scope.is_apache() && (key == Kind::real || key == Kind::structure || key == Kind::list ||
                                           key == Kind::set || key == Kind::map);
  std::vector<std::string> arguments;
  for (const Type& argument : type.arguments) arguments.push_back(spell(argument, scope));
  if (type.container == Container::flat) return fmt::format("weft::FlatMap<{}>", fmt::join(arguments, ", "));
  const bool unordered = type.container == Container::unordered;
  if (less && !unordered) arguments.emplace_back("weft::Less");
  return fmt::format("std::{}{}<{}>", unordered ? "unordered_" : "", type.kind == Kind::set ? "set" : "map",
                     fmt::join(arguments, ", "));
}

bool is_optional(const Struct& structure, const Field& field) {
  return field.presence == Presence::optional && structure.form != Struct::Form::union_;
}

std::string spell_member(const Struct& structure, const Field& field, const Scope& scope) {
  std::string type = spell(field.type, scope);
  if (field.boxed) {
    const char* box = field.type.borrowed ? "BoxView" : field.shared ? "Shared" : "Box";
    return fmt::format("weft::{}<{}>", box, type);
  }
  if (is_optional(structure, field)) return fmt::format("std::optional<{}>", type);
  return type;
}

bool is_scalar(const Type& type) {
  const Kind kind = bare(type).kind;
  return kind <= Kind::real || kind == Kind::enumeration;
}

bool is_constexpr(const Type& type) {
  const Type& target = bare(type);
  if (target.kind == Kind::structure) return target.structure->can.trivial;
  return target.kind <= Kind::uuid || target.kind == Kind::enumeration;
}

std::string_view initializer(const Type& type) {
  const Kind kind = bare(type).kind;
  if (kind == Kind::boolean) return " = false";
  return kind <= Kind::real ? " = 0" : "{}";
}

Expression spell(const Value& value, const Type& type, const Scope& scope, bool typed) {
  const Type& target = bare(type);
  auto plain = [](std::string text) {
    return Expression{.text = std::move(text), .braces = false, .items = {}};
  };
  Expression result;
  switch (value.form) {
    case Form::boolean:
      return plain(value.integer ? "true" : "false");
    case Form::integer:
      if (target.kind == Kind::u64)
        return plain(fmt::format("{}u", static_cast<std::uint64_t>(value.integer)));
      // The literal would be the negative of one that does not exist.
      return plain(value.integer == INT64_MIN ? "INT64_MIN" : fmt::format("{}", value.integer));
    case Form::real:
      return plain(real(value.real, target.kind == Kind::single));
    case Form::text:
      if (target.kind == Kind::binary && !target.borrowed && !scope.is_apache())
        return plain(fmt::format("weft::Bytes::of_static({})", quote(value.text)));
      return plain(target.kind == Kind::uuid ? uuid(value.text) : quote(value.text));
    case Form::enumerator:
      if (!value.enumerator)
        return plain(fmt::format("static_cast<{}>({})", scope.name(*target.enumeration), value.integer));
      return plain(fmt::format("{}::{}", scope.name(*target.enumeration), value.enumerator->cpp_name));
    case Form::constant:
      return plain(constant(*value.constant, type, scope));
    case Form::list:
      for (const Value& item : value.items) result.items.push_back(spell(item, target.arguments[0], scope));
      break;
    case Form::map:
      for (std::size_t index = 0; index < value.items.size(); index += 2)
        result.items.push_back({.text = {},
                                .braces = true,
                                .items = {spell(value.items[index], target.arguments[0], scope),
                                          spell(value.items[index + 1], target.arguments[1], scope)}});
      break;
    case Form::structure:
      result = spell_struct(value, *target.structure, scope);
      break;
  }
  result.braces = true;
  if (typed) result.text = spell(type, scope);
  return result;
}

Expression spell_member(const Value& value, const Struct& structure, const Field& field, const Scope& scope) {
  Expression result = spell(value, field.type, scope, is_optional(structure, field) || field.boxed);
  // A Box takes a T, not what converts to one.
  if (field.boxed && value.form == Form::text && bare(field.type).kind == Kind::string)
    result.text = fmt::format("std::string({})", result.text);
  return result;
}

std::string flat(const Expression& expression) {
  if (!expression.braces) return expression.text;
  std::vector<std::string> items;
  for (const Expression& item : expression.items) items.push_back(flat(item));
  return fmt::format("{}{{{}}}", expression.text, fmt::join(items, ", "));
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = plain_character(text.substr(at));
    const char c = text[at];
    if (size > 1 || (size == 1 && c != '"' && c != '\\' && !(c == '?' && quoted.back() == '?')))
      quoted += text.substr(at, size);
    else if (c == '\n')
      quoted += "\\n";
    else if (c == '\t')
      quoted += "\\t";
    else if (c == '\r')
      quoted += "\\r";
    else if (c == '"' || c == '\\' || c == '?')
      quoted += fmt::format("\\{}", c);
    else
      quoted += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    at += std::max<std::size_t>(size, 1);
  }
  return quoted + '"';
}

}  // namespace weft::gen
