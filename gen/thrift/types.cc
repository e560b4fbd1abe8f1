#include "types.h"

#include <algorithm>

#include <fmt/format.h>

#include "parser.h"

namespace weft::gen::thrift {

namespace {

using Kind = Type::Kind;

constexpr std::pair<std::string_view, Kind> base_types[] = {
    {"bool", Kind::boolean},  {"byte", Kind::i8},      {"i8", Kind::i8},       {"i16", Kind::i16},
    {"i32", Kind::i32},       {"i64", Kind::i64},      {"double", Kind::real}, {"string", Kind::string},
    {"binary", Kind::binary}, {"slist", Kind::string}, {"uuid", Kind::uuid},
};

Type type_of(Kind kind) {
  Type type;
  type.kind = kind;
  return type;
}

}  // namespace

std::string name_of(const Type& type) {
  switch (type.kind) {
    case Kind::nothing:
      return "void";
    case Kind::boolean:
      return "bool";
    case Kind::i8:
      return "i8";
    case Kind::i16:
      return "i16";
    case Kind::i32:
      return "i32";
    case Kind::i64:
      return "i64";
    case Kind::u32:
      return "u32";
    case Kind::u64:
      return "u64";
    case Kind::single:
      return "float";
    case Kind::real:
      return "double";
    case Kind::string:
      return "string";
    case Kind::binary:
      return "binary";
    case Kind::uuid:
      return "uuid";
    case Kind::list:
      return fmt::format("list<{}>", name_of(type.arguments[0]));
    case Kind::set:
      return fmt::format("set<{}>", name_of(type.arguments[0]));
    case Kind::map:
      return fmt::format("map<{}, {}>", name_of(type.arguments[0]), name_of(type.arguments[1]));
    case Kind::enumeration:
      return type.enumeration->name;
    case Kind::structure:
      return type.structure->name;
    case Kind::alias:
      return type.alias->name;
  }
  return {};
}

void Types::resolve_typedefs() {
  for (const Typedef* alias : order_) finish(*alias, alias->place);
}

void Types::finish(const Typedef& alias, Place place) {
  auto found = pending_.find(&alias);
  if (found == pending_.end()) return;
  Pending& pending = found->second;
  if (pending.open || depth_ > depth_max) {
    diagnostics_.error(
        place, pending.open ? fmt::format("the typedef `{}` leads back to itself", alias.name)
                            : fmt::format("typedefs name one another deeper than {} levels", depth_max));
    return;
  }
  pending.open = true;
  pending.alias->type = type_of(Kind::i32);  // what it is to itself, after the error
  ++depth_;
  Type type = resolve(*pending.node);
  --depth_;
  pending.alias->type = std::move(type);
  pending_.erase(&alias);
}

Type Types::resolve(const TypeNode& node) {
  if (!node.arguments.empty()) {
    Type type = type_of(node.name == "list" ? Kind::list : node.name == "set" ? Kind::set : Kind::map);
    for (const TypeNode& argument : node.arguments) {
      type.arguments.push_back(resolve(argument));
      type.depth = std::max(type.depth, type.arguments.back().depth + 1);
    }
    if (type.depth <= depth_max) return type;
    diagnostics_.error(node.place, fmt::format("typedefs make this type deeper than {} levels", depth_max));
    return type_of(Kind::i32);
  }
  for (auto [name, kind] : base_types)
    if (node.name == name && !(kind == Kind::uuid && symbols_.declares(name))) return type_of(kind);
  if (node.name == "void") {
    diagnostics_.error(node.place, "`void` is no type of values: only a function can return nothing");
    return type_of(Kind::i32);
  }
  return named(node);
}

Type Types::named(const TypeNode& node) {
  auto symbol = symbols_.find_type(node.name, node.place);
  Type type = type_of(Kind::i32);
  if (!symbol) return type;
  if (auto* alias = std::get_if<Typedef*>(&*symbol)) {
    finish(**alias, node.place);
    type.kind = Kind::alias;
    type.alias = *alias;
    type.depth = (*alias)->type.depth;
    auto open = pending_.find(*alias);
    if (open != pending_.end()) return type_of(Kind::i32);
  } else if (auto* enumeration = std::get_if<Enum*>(&*symbol)) {
    type.kind = Kind::enumeration;
    type.enumeration = *enumeration;
  } else if (auto* structure = std::get_if<Struct*>(&*symbol)) {
    type.kind = Kind::structure;
    type.structure = *structure;
  } else {
    diagnostics_.error(node.place, fmt::format("`{}` is a service, not a type", node.name));
  }
  return type;
}

}  // namespace weft::gen::thrift
