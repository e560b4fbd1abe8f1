// Typedefs, enums, constants, structs, unions and exceptions, as the header declares them.
#include "cpp.h"
#include "emit.h"

namespace weft::gen {

namespace {

using Kind = Type::Kind;

class TypePrinter {
 public:
  TypePrinter(Printer& out, const Module& module) : out_(out), scope_(module) {}

  void print(const Typedef& alias) {
    space(alias, "typedef");
    out_.doc(alias.doc);
    out_.line("using {}{}{} = {};", alias.cpp_name, alias.attribute.empty() ? "" : " ", alias.attribute,
              spell(alias.type, scope_));
  }

  void print(const Enum& enumeration) {
    space(enumeration, "enum");
    out_.doc(enumeration.doc);
    if (enumeration.values.empty())
      return out_.line("enum class {}{} : std::int32_t {{}};", attribute(enumeration), enumeration.cpp_name);
    out_.line("enum class {}{} : std::int32_t {{", attribute(enumeration), enumeration.cpp_name);
    out_.indent();
    for (const Enumerator& value : enumeration.values) {
      out_.doc(value.doc);
      out_.line("{}{}{} = {},", value.cpp_name, value.attribute.empty() ? "" : " ", value.attribute,
                value.value);
    }
    out_.outdent();
    out_.line("}};");
  }

  void print(const Constant& constant) {
    space(constant, "constant");
    out_.doc(constant.doc);
    const std::string type = spell(constant.type, scope_);
    if (!is_constexpr(constant.type))
      return out_.line("{}const {}& {}();", attribute(constant), type, constant.cpp_name);
    const Kind kind = bare(constant.type).kind;
    const bool text = kind == Kind::string || kind == Kind::binary;
    out_.value(fmt::format("{}inline constexpr {} {} = ", attribute(constant),
                           text ? "std::string_view" : type, constant.cpp_name),
               text ? view(constant.value) : spell(constant.value, constant.type, scope_));
  }

  void print(const Struct& structure) {
    space(structure, "struct");
    out_.doc(structure.doc);
    if (structure.form == Struct::Form::union_)
      union_body(structure);
    else
      struct_body(structure);
    const std::string name = scope_.with({"a", "b"}).name(structure);
    out_.line("bool operator==(const {0}& a, const {0}& b);", name);
    if (structure.derives.order)
      out_.line("std::strong_ordering operator<=>(const {0}& a, const {0}& b);", name);
    if (structure.derives.trivial) out_.line("static_assert(std::is_trivially_copyable_v<{}>);", name);
  }

  void print(const Service&) {}

 private:
  /// An empty line before what is large or explained; constants and typedefs stand together.
  void space(const Item& item, std::string_view kind) {
    const bool large = kind == "struct" || kind == "enum";
    if (large || kind != last_ || !item.doc.empty()) out_.blank();
    last_ = kind;
  }

  /// Text as a std::string_view, whichever constant it comes from.
  Expression view(const Value& value) const {
    const bool named = value.form == Value::Form::constant;
    return {.text = named ? scope_.name(*value.constant) : quote(value.text), .braces = false, .items = {}};
  }

  /// "[[deprecated]] ", or nothing.
  static std::string attribute(const Entity& entity) {
    return entity.attribute.empty() ? "" : entity.attribute + " ";
  }

  /// What somebody asked for.
  void own_members(const Struct& structure) {
    if (structure.members.empty()) return;
    out_.blank();
    for (const std::string& line : structure.members) out_.line("{}", line);
  }

  void struct_body(const Struct& structure) {
    const bool exception = structure.form == Struct::Form::exception;
    if (structure.fields.empty() && structure.nested.empty() && !structure.keeps_unknown && !exception &&
        structure.members.empty())
      return out_.line("struct {}{} {{}};", attribute(structure), structure.cpp_name);
    std::vector<std::string> names;
    for (const Field& field : structure.fields) names.push_back(field.cpp_name);
    for (const Nested& nested : structure.nested) names.push_back(nested.cpp_name);
    const Scope scope = scope_.with(names);
    out_.line("struct {}{} {{", attribute(structure), structure.cpp_name);
    out_.indent();
    for (const Nested& nested : structure.nested)
      out_.line("using {} = {};", nested.cpp_name, scope.name(*nested.item));
    if (!structure.nested.empty()) out_.blank();
    for (const Field& field : structure.fields) {
      out_.doc(field.doc);
      member(structure, field, field.cpp_name, scope);
      if (field.fallback) fallback(field, scope);
    }
    if (structure.keeps_unknown) {
      out_.line("/// Fields that this type does not know, as they came; written behind the others.");
      out_.line("std::string {}{{}};", structure.unknown_name);
    }
    if (structure.fields.empty() && !structure.keeps_unknown && !exception) out_.no_blank();
    if (exception) {
      if (!structure.fields.empty()) out_.blank();
      out_.line("/// A handler may `co_return` it. A caller finds it with `status.get_if<{}>()`.",
                structure.cpp_name);
      out_.line("operator weft::Status() const;");
    }
    own_members(structure);
    out_.outdent();
    out_.line("}};");
  }

  void member(const Struct& structure, const Field& field, std::string_view name, const Scope& scope) {
    std::string type = spell_member(structure, field, scope);
    // Of an alternative it stands before the alternative.
    if (structure.form != Struct::Form::union_) type.insert(0, attribute(field));
    const bool wrapped = field.boxed || is_optional(structure, field);
    if (field.value)
      out_.value(fmt::format("{} {} = ", type, name), spell_member(*field.value, structure, field, scope));
    else if (field.unfinished)
      out_.line("{} {};", type, name);
    else
      out_.line("{} {}{};", type, name, wrapped ? "{}" : initializer(field.type));
  }

  /// What an optional field stands for when it is not set.
  void fallback(const Field& field, const Scope& scope) {
    const Kind kind = bare(field.type).kind;
    const bool text = kind == Kind::string || kind == Kind::binary;
    out_.value(fmt::format("static constexpr {} {} = ", text ? "std::string_view" : spell(field.type, scope),
                           field.fallback_name),
               text ? view(*field.fallback) : spell(*field.fallback, field.type, scope));
  }

  void union_body(const Struct& structure) {
    std::vector<std::string> names{"value"}, alternatives{"std::monostate"};
    for (const Field& field : structure.fields) {
      names.push_back(field.alternative);
      alternatives.push_back(field.alternative);
    }
    const Scope scope = scope_.with(names);
    out_.line("struct {}{} {{", attribute(structure), structure.cpp_name);
    out_.indent();
    for (const Field& field : structure.fields) {
      out_.doc(field.doc);
      out_.line("struct {}{} {{", attribute(field), field.alternative);
      out_.indent();
      member(structure, field, "value", scope);
      out_.outdent();
      out_.line("}};");
    }
    out_.list("std::variant<", alternatives, "> value;");
    own_members(structure);
    out_.outdent();
    out_.line("}};");
  }

  Printer& out_;
  const Scope scope_;
  std::string_view last_;
};

}  // namespace

void declare_types(Printer& out, const Module& module) {
  out.blank();
  for (const Struct* structure : module.forwards) out.line("struct {};", structure->cpp_name);
  TypePrinter printer{out, module};
  for (const ItemPtr& item : module.order) std::visit([&](auto* item) { printer.print(*item); }, item);
}

void define_constants(Printer& out, const Module& module) {
  const Scope scope = Scope(module).with({"value"});
  for (const Constant& constant : module.constants) {
    if (is_constexpr(constant.type)) continue;
    const std::string type = spell(constant.type, scope);
    out.blank();
    out.line("const {}& {}() {{", type, constant.cpp_name);
    out.indent();
    out.value(fmt::format("static const {} value = ", type), spell(constant.value, constant.type, scope));
    out.line("return value;");
    out.outdent();
    out.line("}}");
  }
}

}  // namespace weft::gen
