// Any text as IDL: weft-gen reports what is wrong with it, or writes C++ of a bounded size. Where two files
// are needed, a line of `---` parts them, and the second is what the first includes. Each text is read as
// both IDLs.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "generate.h"

using namespace weft::gen;

namespace {

struct Texts final : Files {
  std::string_view first, second;

  std::optional<std::string> read(const std::string& path) override {
    const std::string name = normal_path(path);
    if (name == "x.thrift" || name == "x.proto") return std::string(first);
    const bool is_idl = name.ends_with(".thrift") || name.ends_with(".proto");
    return is_idl ? std::optional(std::string(second)) : std::nullopt;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view border = "\n---\n";
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  Texts texts;
  texts.first = text.substr(0, text.find(border));
  if (texts.first.size() < text.size()) texts.second = text.substr(texts.first.size() + border.size());
  for (const char* path : {"x.thrift", "x.proto"}) {
    Diagnostics diagnostics;
    const Generated generated = generate({path}, {}, texts, diagnostics);
    if (generated.units.empty() == diagnostics.ok()) std::abort();
    if (!diagnostics.ok() && diagnostics.text().empty()) std::abort();
  }
  return 0;
}
