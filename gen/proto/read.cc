#include "read.h"

#include <algorithm>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "../folders.h"
#include "lower.h"
#include "place.h"

namespace weft::gen::proto {

namespace {

namespace compiler = google::protobuf::compiler;

/// The text stays in the program's source, where diagnostics look for it.
class Tree final : public compiler::SourceTree {
 public:
  Tree(std::vector<std::string> folders, Files& files, std::deque<Source>& sources)
      : folders_(std::move(folders)), files_(files), sources_(sources) {}

  google::protobuf::io::ZeroCopyInputStream* Open(const std::string& name) override {
    const Source* source = find(name);
    if (!source) return nullptr;
    return new google::protobuf::io::ArrayInputStream(source->text().data(),
                                                      static_cast<int>(source->text().size()));
  }
  std::string GetLastErrorMessage() override { return "there is no such file"; }

  const Source* find(const std::string& name) {
    if (auto known = known_.find(name); known != known_.end()) return known->second;
    for (const std::string& folder : folders_) {
      const std::string path = folder.empty() ? name : fmt::format("{}/{}", folder, name);
      if (auto text = files_.read(path); text && text->size() < (std::size_t{64} << 20))
        return known_[name] = &sources_.emplace_back(normal_path(path), std::move(*text));
    }
    if (name == "weft/options.proto")
      return known_[name] = &sources_.emplace_back(name, std::string(weft_options));
    return nullptr;
  }

 private:
  std::vector<std::string> folders_;
  Files& files_;
  std::deque<Source>& sources_;
  std::map<std::string, const Source*> known_;
};

class Errors final : public compiler::MultiFileErrorCollector {
 public:
  Errors(Tree& tree, Diagnostics& diagnostics) : tree_(tree), diagnostics_(diagnostics) {}

  void AddError(const std::string& name, int line, int column, const std::string& message) override {
    const Place at = place(name, line, column);
    if (!at.source) {
      missing_.insert(name);  // which is said where the file is imported
      return;
    }
    constexpr std::string_view head = "Import \"", tail = "\" was not found or had errors.";
    if (message.starts_with(head) && message.ends_with(tail)) {
      const std::string import = message.substr(head.size(), message.size() - head.size() - tail.size());
      if (missing_.contains(import)) {
        diagnostics_.error(at, fmt::format("there is no file `{}`", import));
        return diagnostics_.note(
            at, "looked for it in the folders given with -I, and among the well-known types");
      }
    }
    diagnostics_.error(at, message);
  }
  void AddWarning(const std::string& name, int line, int column, const std::string& message) override {
    diagnostics_.warning(place(name, line, column), message);
  }

 private:
  Place place(const std::string& name, int line, int column) {
    const Source* source = tree_.find(name);
    return source ? place_at(*source, line, column) : Place{};
  }

  Tree& tree_;
  Diagnostics& diagnostics_;
  std::set<std::string> missing_;
};

}  // namespace

Program read_program(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                     const Options& options, Files& files, Diagnostics& diagnostics) {
  Program program;
  const Folders called_from{folders, paths};
  std::vector<std::string> searched = called_from.all();
  searched.emplace_back(WEFT_PROTOBUF_INCLUDE);
  Tree tree{searched, files, program.sources};
  Errors errors{tree, diagnostics};
  compiler::Importer importer{&tree, &errors};

  Known known;
  const auto source = [&](const google::protobuf::FileDescriptor& file) -> const Source& {
    return *tree.find(file.name());
  };
  for (const std::string& path : paths) {
    std::string name = called_from.name_of(path);
    const Source* found = tree.find(name);
    if (!found) {
      // As imports call it.
      name = path;
      found = tree.find(name);
      if (!found) {
        diagnostics.error({}, fmt::format("cannot read `{}`", path));
        continue;
      }
    } else if (!is_same(found->path(), path)) {
      diagnostics.error({}, fmt::format("`{}` cannot be imported: `{}` is found first", path, found->path()));
      continue;
    }
    const auto* file = importer.Import(name);
    if (!file || !diagnostics.ok()) continue;
    Module& module = lower_all(*file, source, options, program, known, diagnostics);
    if (std::find(program.roots.begin(), program.roots.end(), &module) == program.roots.end())
      program.roots.push_back(&module);
  }
  return program;
}

}  // namespace weft::gen::proto
