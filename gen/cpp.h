// Cpp: how types, names and values of the model are spelled in C++, at a given place.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model.h"

namespace weft::gen {

/// A place in the output: what a name may leave out there, and which names mean something else.
class Scope {
 public:
  /// Outside of all namespaces.
  Scope() = default;
  /// In the module's namespace.
  explicit Scope(const Module& module);

  /// The same place, inside of something that has these names: members, arguments, locals. GCC refuses a
  /// class whose member `Point Point` "changes meaning", so a type of such a name is qualified.
  Scope with(const std::vector<std::string>& names) const;

  /// "Point", "shared::Point", "::kitchen::Point".
  std::string name(const Item& item) const;
  /// Whether types are spelled as the thrift compiler does.
  bool is_apache() const;

 private:
  using Set = std::set<std::string, std::less<>>;

  const Module* module_ = nullptr;
  Set nearer_;  ///< names of what this place is in: they hide the namespace's, and namespaces
  std::shared_ptr<const Set> around_;  ///< what the enclosing namespaces hold: it hides namespaces
};

/// As it is opened: "kitchen::shared", "google::protobuf::inline weft_types".
std::string namespace_of(const Module& module);

/// "std::map<std::string, Point>".
std::string spell(const Type& type, const Scope& scope);
/// With the std::optional or Box around it.
std::string spell_member(const Struct& structure, const Field& field, const Scope& scope);
bool is_optional(const Struct& structure, const Field& field);

/// Whether a parameter goes by value: numbers and enums.
bool is_scalar(const Type& type);
/// Whether a constant can be constexpr: what allocates cannot. Known when operations are (see derive.h).
bool is_constexpr(const Type& type);

/// What a member or a local variable of the type is initialised with when the IDL says nothing: " = 0", "{}".
std::string_view initializer(const Type& type);

/// A value as text, or in braces that may be broken over lines.
struct Expression {
  std::string text;  ///< or what stands before the brace: a type, ".x = ", or nothing
  bool braces = false;
  std::vector<Expression> items;  ///< in the braces
};

/// `typed`: with its type before the braces, where the place does not say it.
Expression spell(const Value& value, const Type& type, const Scope& scope, bool typed = false);
/// Of a member, which may be a std::optional or a Box.
Expression spell_member(const Value& value, const Struct& structure, const Field& field, const Scope& scope);
std::string flat(const Expression& expression);

/// A string literal. What is not printable, not UTF-8, or changes the direction of the text is escaped.
std::string quote(std::string_view text);

}  // namespace weft::gen
