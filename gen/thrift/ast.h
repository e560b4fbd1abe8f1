// The syntax tree of a Thrift file: what was written, with names not yet looked up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "../model.h"
#include "../source.h"

namespace weft::gen::thrift {

struct Word {
  std::string text;
  Place place;
};

struct TypeNode {
  std::string name;                 ///< "i32", "list", "shared.Item", and "void" for a function's result
  std::vector<TypeNode> arguments;  ///< of a list, set or map
  Annotations annotations;
  Place place;
};

/// The value of a constant or a default, whose type is not yet known.
struct Literal {
  enum class Form : std::uint8_t { integer, real, text, name, list, map };

  Form form = Form::integer;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;            ///< of a text or a name
  std::vector<Literal> items;  ///< of a list; of a map: key, value, key, value
  Place place;
};

struct FieldNode {
  std::optional<std::int64_t> id;
  std::optional<Presence> presence;  ///< none: not written
  TypeNode type;
  bool reference = false;  ///< `&`
  Word name;
  std::optional<Literal> value;
  Annotations annotations;
  std::string doc;
  Place place;
};

struct TypedefNode {
  TypeNode type;
  Word name;
  Annotations annotations;
  std::string doc;
};

struct EnumeratorNode {
  Word name;
  std::optional<std::int64_t> value;
  Annotations annotations;
  std::string doc;
  Place place;
};

struct EnumNode {
  Word name;
  std::vector<EnumeratorNode> values;
  Annotations annotations;
  std::string doc;
};

struct ConstantNode {
  TypeNode type;
  Word name;
  Literal value;
  std::string doc;
};

struct StructNode {
  Struct::Form form = Struct::Form::structure;
  Word name;
  std::vector<FieldNode> fields;
  Annotations annotations;
  std::string doc;
};

struct FunctionNode {
  bool oneway = false;
  TypeNode result;
  Word name;
  std::vector<FieldNode> arguments;
  std::vector<FieldNode> exceptions;
  Annotations annotations;
  std::string doc;
};

struct ServiceNode {
  Word name;
  std::optional<Word> base;
  std::vector<FunctionNode> functions;
  Annotations annotations;
  std::string doc;
};

using Definition = std::variant<TypedefNode, EnumNode, ConstantNode, StructNode, ServiceNode>;

struct FileNode {
  std::vector<Word> includes;
  std::vector<Word> cpp_includes;
  std::vector<Namespace> namespaces;
  std::vector<Definition> definitions;
};

}  // namespace weft::gen::thrift
