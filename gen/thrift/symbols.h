// Symbols: what the names of one file stand for, in three name spaces: types (and services), values
// (constants and the values of enums), and modules (the prefixes of included files).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../diagnostic.h"
#include "../model.h"
#include "ast.h"

namespace weft::gen::thrift {

using TypeSymbol = std::variant<Typedef*, Enum*, Struct*, Service*>;

const Item& item_of(const TypeSymbol& symbol);

/// What a value's name stands for: one of these.
struct ValueSymbol {
  const Constant* constant = nullptr;
  const Enum* enumeration = nullptr;  ///< with its enumerator
  const Enumerator* enumerator = nullptr;
};

class Symbols {
 public:
  explicit Symbols(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void declare(TypeSymbol symbol);
  void declare(Constant& constant);
  /// Its names become visible behind `prefix.`; those that it includes itself do not.
  void include(std::string_view prefix, const Symbols& symbols) { includes_.emplace_back(prefix, &symbols); }

  /// Whether this file has a type of that name: `uuid` is younger than many files that call something so.
  bool declares(std::string_view type) const { return types_.contains(type); }
  /// Reports a name that stands for nothing, or for two things.
  std::optional<TypeSymbol> find_type(const std::string& name, Place place) const;
  std::optional<ValueSymbol> find_value(const std::string& name, Place place) const;
  /// The same without a report of what stands for nothing.
  std::optional<ValueSymbol> look_up_value(std::string_view name, Place place) const;

 private:
  template <class T>
  using Table = std::map<std::string, T, std::less<>>;

  std::optional<TypeSymbol> look_up_type(std::string_view name, Place place) const;
  std::string suggest(std::string_view name) const;

  Diagnostics& diagnostics_;
  Table<TypeSymbol> types_;
  Table<Constant*> constants_;
  std::vector<std::pair<std::string, const Symbols*>> includes_;
};

/// The enumerator of that name; null if there is none.
const Enumerator* find(const Enum& enumeration, std::string_view name);

}  // namespace weft::gen::thrift
