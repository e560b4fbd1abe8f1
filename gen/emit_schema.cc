// The table that a type's codec, comparison and printing are made of.
#include <algorithm>

#include "emit.h"

namespace weft::gen {

namespace {

std::string_view shape(Struct::Form form) {
  switch (form) {
    case Struct::Form::union_:
      return "union_";
    case Struct::Form::exception:
      return "exception";
    default:
      return "structure";
  }
}

std::string entry(const Struct& structure, const Field& field) {
  if (structure.form == Struct::Form::union_)
    return fmt::format("alternative<{}, T::{}>({})", field.id, field.alternative, quote(field.name));
  std::string_view presence;
  if (field.presence == Presence::required)
    presence = ", Presence::required";
  else if (field.presence == Presence::optional || field.boxed)
    presence = ", Presence::optional";
  return fmt::format("field<{}>({}, &T::{}{})", field.id, quote(field.name), field.cpp_name, presence);
}

}  // namespace

void describe(Printer& out, const Struct& structure) {
  const std::string type = Scope{}.name(structure);
  std::vector<const Field*> fields;
  for (const Field& field : structure.fields) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(), [](const Field* a, const Field* b) { return a->id < b->id; });
  std::vector<std::string> entries;
  for (const Field* field : fields) entries.push_back(entry(structure, *field));
  out.blank();
  out.line("template <>");
  out.line("struct weft::Schema<{}> {{", type);
  out.indent();
  if (!fields.empty()) out.line("using T = ::{};", type);
  out.line("static constexpr std::string_view name = {};", quote(structure.name));
  out.line("static constexpr Shape shape = Shape::{};", shape(structure.form));
  out.braces("static constexpr auto fields = Table", entries, ";");
  out.outdent();
  out.line("}};");
  out.line("extern template struct weft::compact::Codec<{}>;", type);
}

}  // namespace weft::gen
