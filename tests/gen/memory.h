// Memory: IDL files that a test holds in its hands.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "generate.h"
#include "thrift/resolve.h"

namespace weft::gen {

struct Memory final : Files {
  std::map<std::string, std::string> texts;

  explicit Memory(std::map<std::string, std::string> texts) : texts(std::move(texts)) {}
  std::optional<std::string> read(const std::string& path) override {
    auto found = texts.find(normal_path(path));
    return found == texts.end() ? std::nullopt : std::optional(found->second);
  }
};

/// What weft-gen prints about `text`, called x.thrift, and the files beside it.
inline std::string reports(const std::string& text, std::map<std::string, std::string> others = {}) {
  others["x.thrift"] = text;
  Memory memory{std::move(others)};
  Diagnostics diagnostics;
  generate({"x.thrift"}, {"include"}, memory, diagnostics);
  return diagnostics.text();
}

/// The model of `text`. It has to be right.
struct Model {
  Program program;
  std::string errors;

  explicit Model(const std::string& text, std::map<std::string, std::string> others = {}) {
    others["x.thrift"] = text;
    Memory memory{std::move(others)};
    Diagnostics diagnostics;
    program = thrift::read_program({"x.thrift"}, {}, memory, diagnostics);
    errors = diagnostics.ok() ? "" : diagnostics.text();
  }
  const Module& module() const { return *program.roots.at(0); }
};

/// The header and the source of `text`.
inline Output output(const std::string& text) {
  Memory memory{{{"x.thrift", text}}};
  Diagnostics diagnostics;
  Generated generated = generate({"x.thrift"}, {}, memory, diagnostics);
  return generated.units.empty() ? Output{.header = diagnostics.text(), .source = {}}
                                 : generated.units[0].output;
}

}  // namespace weft::gen
