// The table that a type's codec, comparison and printing are made of.
#include <algorithm>

#include <fmt/ranges.h>

#include "emit.h"

namespace weft::gen {

namespace {

std::string_view base_of(Struct::Form form) {
  switch (form) {
    case Struct::Form::union_:
      return "UnionSchema";
    case Struct::Form::exception:
      return "ExceptionSchema";
    default:
      return "StructSchema";
  }
}

/// ", Coding::zigzag | Coding::unpacked".
std::string coding(const Coding& coding) {
  std::vector<std::string_view> flags;
  const auto flag = [&](bool is, std::string_view name) {
    if (is) flags.push_back(name);
  };
  flag(coding.zigzag, "Coding::zigzag");
  flag(coding.fixed, "Coding::fixed");
  flag(coding.unpacked, "Coding::unpacked");
  flag(coding.unchecked, "Coding::unchecked");
  flag(coding.group, "Coding::group");
  flag(coding.zigzag_keys, "Coding::zigzag_keys");
  flag(coding.fixed_keys, "Coding::fixed_keys");
  return flags.empty() ? "" : fmt::format(", {}", fmt::join(flags, " | "));
}

std::string entry(const Struct& structure, const Field& field) {
  if (structure.form == Struct::Form::union_)
    return fmt::format("alternative<{}, T::{}>({}{})", field.id, field.alternative, quote(field.name),
                       coding(field.coding));
  if (field.type.structure && field.type.structure->oneof)
    return fmt::format("oneof({}, &T::{})", quote(field.name), field.cpp_name);
  std::string_view presence;
  if (field.presence == Presence::required)
    presence = ", Presence::required";
  else if (field.presence == Presence::optional || field.boxed)
    presence = ", Presence::optional";
  return fmt::format("field<{}>({}, &T::{}{}{})", field.id, quote(field.name), field.cpp_name, presence,
                     coding(field.coding));
}

}  // namespace

void describe(Printer& out, const Enum& enumeration) {
  std::vector<std::string> values;
  for (const Enumerator& value : enumeration.values) values.push_back(fmt::format("{}", value.value));
  out.blank();
  out.line("template <>");
  out.line("struct weft::ClosedEnum<{}> {{", Scope{}.name(enumeration));
  out.indent();
  out.braces(fmt::format("static constexpr auto values = std::array<std::int32_t, {}>", values.size()),
             values, ";");
  out.outdent();
  out.line("}};");
}

void describe(Printer& out, const Struct& structure) {
  const std::string type = Scope{}.name(structure);
  std::vector<const Field*> fields;
  for (const Field& field : structure.fields) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(), [](const Field* a, const Field* b) { return a->id < b->id; });
  std::vector<std::string> entries;
  for (const Field* field : fields) entries.push_back(entry(structure, *field));
  out.blank();
  out.line("template <>");
  const std::string head = fmt::format("struct weft::Schema<{}>", type);
  const std::string base = fmt::format(": {}<::{}> {{", base_of(structure.form), type);
  if (head.size() + 1 + base.size() <= Printer::width) {
    out.line("{} {}", head, base);
  } else {
    out.line("{}", head);
    out.line("    {}", base);
  }
  out.indent();
  out.line("static constexpr std::string_view name = {};", quote(structure.name));
  if (structure.borrowed) out.line("static constexpr bool borrowed = true;");
  if (structure.keeps_unknown) out.line("static constexpr auto unknown = &T::{};", structure.unknown_name);
  out.braces("static constexpr auto fields = Table", entries, ";");
  out.outdent();
  out.line("}};");
  if (!structure.oneof)
    out.line("extern template struct weft::{}::Codec<{}>;", codec(*structure.module), type);
  if (structure.derives.hash) {
    out.line("template <>");
    out.line("struct std::hash<{}> : weft::Hash {{}};", type);
  }
}

}  // namespace weft::gen
