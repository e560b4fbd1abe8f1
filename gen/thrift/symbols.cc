#include "symbols.h"

#include <algorithm>

#include <fmt/format.h>

namespace weft::gen::thrift {

namespace {

/// "a.b" and "c" of "a.b.c"; the first is empty when there is no dot.
std::pair<std::string_view, std::string_view> split(std::string_view name) {
  auto dot = name.rfind('.');
  if (dot == name.npos) return {{}, name};
  return {name.substr(0, dot), name.substr(dot + 1)};
}

/// The enum behind a type's name, if it is one.
const Enum* enum_of(const TypeSymbol& symbol) {
  if (auto* enumeration = std::get_if<Enum*>(&symbol)) return *enumeration;
  if (auto* alias = std::get_if<Typedef*>(&symbol)) return bare((*alias)->type).enumeration;
  return nullptr;
}

bool alike(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

}  // namespace

const Item& item_of(const TypeSymbol& symbol) {
  return std::visit([](auto* item) -> const Item& { return *item; }, symbol);
}

const Enumerator* find(const Enum& enumeration, std::string_view name) {
  for (const Enumerator& value : enumeration.values)
    if (value.name == name) return &value;
  return nullptr;
}

void Symbols::declare(TypeSymbol symbol) {
  const Item& item = item_of(symbol);
  auto [known, added] = types_.emplace(item.name, symbol);
  if (added) return;
  diagnostics_.error(item.place, fmt::format("`{}` is declared twice", item.name));
  diagnostics_.note(item_of(known->second).place, "the first is here");
}

void Symbols::declare(Constant& constant) {
  auto [known, added] = constants_.emplace(constant.name, &constant);
  if (added) return;
  diagnostics_.error(constant.place, fmt::format("the constant `{}` is declared twice", constant.name));
  diagnostics_.note(known->second->place, "the first is here");
}

std::optional<TypeSymbol> Symbols::look_up_type(std::string_view name, Place place) const {
  auto [prefix, last] = split(name);
  if (prefix.empty()) {
    auto found = types_.find(last);
    return found == types_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<TypeSymbol> result;
  for (const auto& [stem, symbols] : includes_) {
    if (stem != prefix) continue;
    auto found = symbols->types_.find(last);
    if (found == symbols->types_.end() || (result && *result == found->second)) continue;
    if (result) {
      diagnostics_.error(place, fmt::format("`{}` is in two included files of that name", name));
      diagnostics_.note(item_of(*result).place, "here");
      diagnostics_.note(item_of(found->second).place, "and here");
      break;
    }
    result = found->second;
  }
  return result;
}

std::optional<ValueSymbol> Symbols::look_up_value(std::string_view name, Place place) const {
  auto [prefix, last] = split(name);
  if (prefix.empty()) {
    auto found = constants_.find(last);
    if (found == constants_.end()) return std::nullopt;
    return ValueSymbol{.constant = found->second};
  }
  if (auto type = look_up_type(prefix, place))
    if (const Enum* enumeration = enum_of(*type))
      if (const Enumerator* value = find(*enumeration, last))
        return ValueSymbol{.enumeration = enumeration, .enumerator = value};
  for (const auto& [stem, symbols] : includes_)
    if (stem == prefix)
      if (auto found = symbols->constants_.find(last); found != symbols->constants_.end())
        return ValueSymbol{.constant = found->second};
  return std::nullopt;
}

std::optional<TypeSymbol> Symbols::find_type(const std::string& name, Place place) const {
  auto result = look_up_type(name, place);
  if (!result) diagnostics_.error(place, fmt::format("there is no type `{}`{}", name, suggest(name)));
  return result;
}

std::optional<ValueSymbol> Symbols::find_value(const std::string& name, Place place) const {
  auto result = look_up_value(name, place);
  if (!result) diagnostics_.error(place, fmt::format("there is no constant or enum value `{}`", name));
  return result;
}

std::string Symbols::suggest(std::string_view name) const {
  constexpr std::pair<std::string_view, std::string_view> foreign[] = {
      {"float", "double"}, {"int", "i32"},      {"long", "i64"},     {"short", "i16"},
      {"char", "i8"},      {"u8", "i8"},        {"u16", "i32"},      {"u32", "i64"},
      {"u64", "i64"},      {"boolean", "bool"}, {"bytes", "binary"}, {"text", "string"}};
  for (auto [word, instead] : foreign)
    if (word == name) return fmt::format("; Thrift has `{}`", instead);
  for (const auto& [known, symbol] : types_)
    if (alike(known, name)) return fmt::format("; did you mean `{}`?", known);
  auto [prefix, last] = split(name);
  if (prefix.empty()) {
    for (const auto& [stem, symbols] : includes_)
      if (symbols->types_.contains(last)) return fmt::format("; did you mean `{}.{}`?", stem, last);
  } else if (std::none_of(includes_.begin(), includes_.end(),
                          [&](const auto& include) { return include.first == prefix; })) {
    return fmt::format(", for no included file is called `{}`", prefix);
  }
  return {};
}

}  // namespace weft::gen::thrift
