// Libraries: the meson.build of a generated tree. Each file with services that was named is a static library,
// with what it alone includes; what several of them share, or none needs, is one called common.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model.h"

namespace weft::gen {

class Libraries {
 public:
  /// `named`: the files of the command line; `emitted`: those that C++ is written for.
  void add(const std::vector<Module*>& named, const std::vector<Module*>& emitted);
  /// A source of what was added, below the output folder.
  void add_source(const std::string& module, const std::string& path) { sources_[module].push_back(path); }

  std::string meson() const;

 private:
  std::vector<std::string> entries_;           ///< paths of modules, each a library
  std::map<std::string, std::string> owners_;  ///< of the path of a module: its entry; empty: common
  std::map<std::string, std::vector<std::string>> sources_;
};

}  // namespace weft::gen
