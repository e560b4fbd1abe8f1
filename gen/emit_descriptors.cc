#include "emit_descriptors.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::gen {

namespace {

/// Letters and digits of the path; all else, underscores too, by its number: no two paths have one name.
std::string identifier(std::string_view path) {
  std::string name;
  for (const char c : path) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    name += plain ? std::string(1, c) : fmt::format("_{:02x}", static_cast<unsigned char>(c));
  }
  return name;
}

/// String literals, one a line, that together are `bytes`.
std::vector<std::string> literals(std::string_view bytes) {
  constexpr std::size_t room = Printer::width - 10;
  std::vector<std::string> lines{"\""};
  for (const char c : bytes) {
    if (lines.back().size() > room - 5) {
      lines.back() += '"';
      lines.emplace_back("\"");
    }
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      lines.back() += {'\\', c};
    else if (byte < 0x20 || byte >= 0x7F || c == '?')  // ?: no trigraphs
      lines.back() += fmt::format("\\{:03o}", byte);
    else
      lines.back() += c;
  }
  lines.back() += '"';
  return lines;
}

/// The imports of a file, in front of it.
void define(Printer& out, const Module& module, std::set<const Module*>& done) {
  if (!done.insert(&module).second) return;
  for (const Module* import : module.imports) define(out, *import, done);
  const std::string name = identifier(module.descriptor->name);
  out.blank();
  std::string imports = "{}";
  if (!module.imports.empty()) {
    std::vector<std::string> names;
    for (const Module* import : module.imports)
      names.push_back(fmt::format("&{}", identifier(import->descriptor->name)));
    imports = "imports_of_" + name;
    out.braces(fmt::format("inline constexpr const FileDescriptor* {}[] = ", imports), names, ";");
  }
  out.line("inline constexpr FileDescriptor {}{{", name);
  out.line("    .name = {},", quote(module.descriptor->name));
  out.line("    .bytes = {{");
  std::vector<std::string> lines = literals(module.descriptor->bytes);
  lines.back() += ',';
  for (const std::string& line : lines) out.line("        {}", line);
  out.line("        {}}},", module.descriptor->bytes.size());
  out.line("    .imports = {}}};", imports);
}

}  // namespace

bool has_descriptor(const Module& module) { return module.descriptor && !module.services.empty(); }

std::string descriptor_of(const Module& module) {
  return fmt::format("weft::descriptors::{}", identifier(module.descriptor->name));
}

void define_descriptors(Printer& out, const Module& module) {
  out.blank();
  out.line("namespace weft::descriptors {{");
  std::set<const Module*> done;
  define(out, module, done);
  out.blank();
  out.line("}}  // namespace weft::descriptors");
}

}  // namespace weft::gen
