#include "read.h"

#include <algorithm>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <memory>

#include <fmt/format.h>

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
    diagnostics_.error(at, at.source ? message : fmt::format("`{}`: {}", name, message));
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
};

/// What imports call the file of that path: its path below one of the folders.
std::string name_below(const std::vector<std::string>& folders, const std::string& path) {
  std::string name;
  for (const std::string& folder : folders) {
    const std::string prefix = folder.empty() || folder == "." ? "" : normal_path(folder + "/");
    if (!path.starts_with(prefix) || path.starts_with("/") != prefix.starts_with("/")) continue;
    if (path.starts_with("../") && prefix.empty()) continue;
    const std::string below = path.substr(prefix.size());
    if (name.empty() || below.size() < name.size()) name = below;
  }
  return name;
}

}  // namespace

Program read_program(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                     const Options& options, Files& files, Diagnostics& diagnostics) {
  Program program;
  std::vector<std::string> searched = folders;
  std::vector<std::string> names;
  for (const std::string& path : paths) {
    const std::string normal = normal_path(path);
    std::string name = name_below(searched, normal);
    if (name.empty()) {
      searched.emplace_back(folder_of(normal));
      name = normal.substr(searched.back().empty() ? 0 : searched.back().size() + 1);
    }
    names.push_back(std::move(name));
  }
  searched.emplace_back(WEFT_PROTOBUF_INCLUDE);
  Tree tree{searched, files, program.sources};
  Errors errors{tree, diagnostics};
  compiler::Importer importer{&tree, &errors};

  Known known;
  const auto source = [&](const google::protobuf::FileDescriptor& file) -> const Source& {
    return *tree.find(file.name());
  };
  for (std::size_t at = 0; at < names.size(); ++at) {
    if (!tree.find(names[at])) {
      diagnostics.error({}, fmt::format("cannot read `{}`", paths[at]));
      continue;
    }
    const auto* file = importer.Import(names[at]);
    if (!file || !diagnostics.ok()) continue;
    Module& module = lower_all(*file, source, options, program, known, diagnostics);
    if (std::find(program.roots.begin(), program.roots.end(), &module) == program.roots.end())
      program.roots.push_back(&module);
  }
  return program;
}

}  // namespace weft::gen::proto
