// Reach: what of a program is needed by the services of the files named on the command line, and by what is
// kept besides. The rest is dropped: of a large tree of IDL files, most.
#pragma once

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model.h"

namespace weft::gen {

/// Of one or more programs.
class Census {
 public:
  enum Kind : std::uint8_t { files, services, structs, enums, typedefs, constants, kinds };

  void add(Kind kind, std::size_t kept, std::size_t all) {
    kept_[kind] += kept;
    all_[kind] += all;
  }
  std::size_t kept(Kind kind) const { return kept_[kind]; }
  std::size_t all(Kind kind) const { return all_[kind]; }
  /// What `keep` names, and there is.
  void find(const std::string& name) { found_.insert(name); }
  bool has_found(const std::string& name) const { return found_.contains(name); }
  /// A table, with a line for each kind that there is.
  std::string text() const;

 private:
  std::array<std::size_t, kinds> kept_{};
  std::array<std::size_t, kinds> all_{};
  std::set<std::string> found_;
};

/// Drops what is not reached: items, what modules include without using it, and from the roots the modules
/// that have nothing left; a module that has joins them. `keep` holds names of items ("Point",
/// "shared.Point", with the file's stem or a namespace before the dot) and of files, whose items are all
/// kept.
void reach(Program& program, const std::vector<std::string>& keep, Census& census);

}  // namespace weft::gen
