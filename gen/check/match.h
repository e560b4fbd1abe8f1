// Match: which item of the new version is which of the old one.
#pragma once

#include <deque>
#include <map>

#include "../model.h"

namespace weft::gen::check {

class Match {
 public:
  Match(const std::deque<Program>& before, const std::deque<Program>& now);

  /// Files, old and new (null: gone), in the order of the old ones.
  const std::vector<std::pair<const Module*, const Module*>>& modules() const noexcept { return modules_; }
  const Module* of(const Module& before) const;
  /// The item of that name in the file's new version, or, when it moved, in another file of its namespace;
  /// null when it is gone or is of another kind.
  template <class T>
  const T* of(const T& before) const {
    const auto found = items_.find(&before);
    return found == items_.end() ? nullptr : static_cast<const T*>(found->second);
  }

  /// Whether both types are spelled by the same names, typedefs followed: who compiles against one compiles
  /// against the other.
  bool same(const Type& before, const Type& now) const;

 private:
  void match(const Module& before, const Module& now);
  void match_moved(const std::deque<Program>& before, const std::deque<Program>& now);

  std::vector<std::pair<const Module*, const Module*>> modules_;
  std::map<const Item*, const Item*> items_;
};

/// The package, or what stands for one; with the name of an item it says which one is meant.
std::string space_of(const Module& module);

}  // namespace weft::gen::check
