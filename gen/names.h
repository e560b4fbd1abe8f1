// Names: what IDL names are called in C++. A name that C++ or a system header has taken gets a trailing
// underscore, as does one that is taken where it stands. The names on the wire never change.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "model.h"

namespace weft::gen {

/// A keyword, a macro, or a name that belongs to the language: it cannot be used as it is anywhere.
bool is_reserved(std::string_view name);

/// Names that stand side by side, each used once.
class Names {
 public:
  Names() = default;
  Names(std::initializer_list<std::string_view> taken) {
    for (std::string_view name : taken) taken_.emplace(name);
  }

  bool has(std::string_view name) const { return taken_.contains(name); }
  void take(std::string_view name) { taken_.emplace(name); }
  /// `wanted`, with as many underscores behind it as it takes.
  std::string claim(std::string_view wanted);
  /// Gives all of `entities`, a range of them, their C++ names. Those that need no escape are served first.
  template <class Entities>
  void name_all(Entities& entities) {
    for (Entity& entity : entities)
      if (!is_reserved(wish(entity)) && !has(wish(entity))) entity.cpp_name = claim(wish(entity));
    for (Entity& entity : entities)
      if (entity.cpp_name.empty()) entity.cpp_name = claim(wish(entity));
  }

 private:
  static const std::string& wish(const Entity& entity) {
    return entity.cpp_wish.empty() ? entity.name : entity.cpp_wish;
  }

  std::set<std::string, std::less<>> taken_;
};

/// Fills in the C++ names of the whole program.
void assign_names(Program& program);

/// As if none had been assigned.
void forget_names(Program& program);

/// `by_point` as `ByPoint`.
std::string title_case(std::string_view name);

}  // namespace weft::gen
