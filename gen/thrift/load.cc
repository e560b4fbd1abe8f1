#include "load.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "parser.h"

namespace weft::gen::thrift {

namespace {

constexpr std::size_t include_depth_max = 200;
constexpr std::size_t file_size_max = std::size_t{64} << 20;

class Loader {
 public:
  Loader(const std::vector<std::string>& folders, Files& files, std::deque<Source>& sources,
         Diagnostics& diagnostics)
      : folders_(folders), files_(files), sources_(sources), diagnostics_(diagnostics) {}

  void root(const std::string& path) {
    if (loaded_.contains(normal_path(path))) return;
    if (auto text = files_.read(path))
      load(path, std::move(*text));
    else
      diagnostics_.error({}, fmt::format("cannot read `{}`", path));
  }

  std::deque<File> take() { return std::move(done_); }

 private:
  const File* load(const std::string& path, std::string text) {
    if (text.size() > file_size_max) {
      diagnostics_.error({}, fmt::format("`{}` is larger than {} MiB", path, file_size_max >> 20));
      return nullptr;
    }
    const Source& source = sources_.emplace_back(path, std::move(text));
    File file{
        .path = normal_path(path), .source = &source, .node = parse(source, diagnostics_), .includes = {}};
    loaded_[file.path] = nullptr;
    for (const Word& include : file.node.includes) {
      open_.push_back(include.place);
      open_paths_.push_back(file.path);
      if (const File* included = this->include(file, include))
        file.includes.push_back({included, include.place});
      open_.pop_back();
      open_paths_.pop_back();
    }
    const File& done = done_.emplace_back(std::move(file));
    return loaded_[done.path] = &done;
  }

  const File* include(const File& from, const Word& include) {
    for (const std::string& path : candidates(from, include.text)) {
      auto known = loaded_.find(normal_path(path));
      if (known != loaded_.end()) {
        if (!known->second) report_cycle(known->first);
        return known->second;
      }
      auto text = files_.read(path);
      if (!text) continue;
      if (open_.size() > include_depth_max) {
        diagnostics_.error(include.place,
                           fmt::format("files are included deeper than {} levels", include_depth_max));
        return nullptr;
      }
      return load(path, std::move(*text));
    }
    diagnostics_.error(include.place, fmt::format("there is no file `{}`", include.text));
    if (!folders_.empty() || !from.path.empty())
      diagnostics_.note(include.place, "looked for it beside this file and in the folders given with -I");
    return nullptr;
  }

  std::vector<std::string> candidates(const File& from, const std::string& name) const {
    if (name.starts_with('/')) return {name};
    std::vector<std::string> paths;
    auto beside = folder_of(from.source->path());
    paths.push_back(beside.empty() ? name : fmt::format("{}/{}", beside, name));
    for (const std::string& folder : folders_) paths.push_back(fmt::format("{}/{}", folder, name));
    return paths;
  }

  void report_cycle(const std::string& path) {
    diagnostics_.error(open_.back(), "this file is included by itself");
    auto from = std::find(open_paths_.begin(), open_paths_.end(), path) - open_paths_.begin();
    for (auto index = static_cast<std::size_t>(from); index + 1 < open_.size(); ++index)
      diagnostics_.note(open_[index], "the way goes through here");
  }

  const std::vector<std::string>& folders_;
  Files& files_;
  std::deque<Source>& sources_;
  Diagnostics& diagnostics_;
  std::deque<File> done_;
  std::map<std::string, const File*> loaded_;  ///< by normal path; null while it is being loaded, or failed
  std::vector<Place> open_;                    ///< the includes that led to the present file
  std::vector<std::string> open_paths_;        ///< and the files that hold them
};

}  // namespace

std::deque<File> load(const std::vector<std::string>& paths, const std::vector<std::string>& folders,
                      Files& files, std::deque<Source>& sources, Diagnostics& diagnostics) {
  Loader loader{folders, files, sources, diagnostics};
  for (const std::string& path : paths) loader.root(path);
  return loader.take();
}

}  // namespace weft::gen::thrift
