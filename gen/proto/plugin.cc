// protoc-gen-weft: weft-gen as a plugin of protoc, for builds that have protoc at work already.
//
//   protoc --weft_out=FOLDER x.proto
//   protoc --weft_out=keep_unknown,descriptors:FOLDER x.proto
//   protoc --cpp_out=FOLDER --weft_out=messages=protoc,arena:FOLDER x.proto
#include <cstdio>
#include <google/protobuf/compiler/code_generator.h>
#include <google/protobuf/compiler/plugin.h>
#include <google/protobuf/io/printer.h>
#include <google/protobuf/io/zero_copy_stream.h>
#include <memory>

#include <fmt/format.h>

#include "../generate.h"
#include "lower.h"

namespace {

using namespace weft::gen;
namespace compiler = google::protobuf::compiler;

class Generator final : public compiler::CodeGenerator {
 public:
  std::uint64_t GetSupportedFeatures() const override { return FEATURE_PROTO3_OPTIONAL; }

  bool Generate(const google::protobuf::FileDescriptor* file, const std::string& parameter,
                compiler::GeneratorContext* context, std::string* error) const override {
    return GenerateAll({file}, parameter, context, error);
  }

  bool GenerateAll(const std::vector<const google::protobuf::FileDescriptor*>& files,
                   const std::string& parameter, compiler::GeneratorContext* context,
                   std::string* error) const override {
    std::vector<std::pair<std::string, std::string>> parameters;
    compiler::ParseGeneratorParameter(parameter, &parameters);
    Choices choices;
    for (const auto& [name, value] : parameters) {
      if (name == "keep_unknown" && value.empty()) {
        choices.keep_unknown = true;
      } else if (name == "descriptors" && value.empty()) {
        choices.descriptors = true;
      } else if (name == "no_comments" && value.empty()) {
        choices.comments = false;
      } else if (name == "arena" && value.empty()) {
        choices.on_arena = true;
      } else if (name == "messages" && parse_messages(value, choices.messages) &&
                 choices.messages != Messages::apache) {
        // Known by now.
      } else {
        *error = fmt::format(
            "unknown parameter `{}`; there are `keep_unknown`, `descriptors`, `no_comments`, "
            "`messages=protoc` and `arena`",
            name);
        return false;
      }
    }
    if (choices.on_arena && choices.messages != Messages::protoc) {
      *error = "only protoc's messages can be on an arena: `messages=protoc,arena`";
      return false;
    }
    proto::Options options;
    options.keep_unknown = choices.keep_unknown;
    options.descriptors = choices.descriptors;
    options.foreign.messages = choices.messages;
    options.foreign.on_arena = choices.on_arena;
    Program program;
    proto::Known known;
    Diagnostics diagnostics;
    // protoc does not hand on the text: what is reported has names, but no places.
    const auto source = [&](const google::protobuf::FileDescriptor& file) -> const Source& {
      return program.sources.emplace_back(file.name(), "");
    };
    for (const auto* file : files)
      program.roots.push_back(&proto::lower_all(*file, source, options, program, known, diagnostics));
    Generated generated;
    if (diagnostics.ok()) finish(program, choices, generated, diagnostics);
    if (!diagnostics.ok()) {
      *error = diagnostics.text();
      return false;
    }
    fmt::print(stderr, "{}", diagnostics.text());
    for (const auto& unit : generated.units)
      for (const auto& [path, text] : unit.files()) write(*context, path, *text);
    return true;
  }

 private:
  static void write(compiler::GeneratorContext& context, const std::string& name, const std::string& text) {
    const std::unique_ptr<google::protobuf::io::ZeroCopyOutputStream> stream{context.Open(name)};
    google::protobuf::io::Printer printer{stream.get(), '\0'};
    printer.WriteRaw(text.data(), static_cast<int>(text.size()));
  }
};

}  // namespace

int main(int argc, char** argv) {
  const Generator generator;
  return compiler::PluginMain(argc, argv, &generator);
}
