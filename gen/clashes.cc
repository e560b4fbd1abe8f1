#include "clashes.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::gen {

namespace {

class Finder {
 public:
  explicit Finder(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// What a source that includes the module's header sees.
  void look(const Module& module) {
    names_.clear();
    namespaces_.clear();
    std::set<const Module*> seen;
    collect(module, seen);
    // In the order of a program's modules, so that reports do not depend on addresses.
    for (const Module* other : order_) declare(*other);
    order_.clear();
  }

 private:
  void collect(const Module& module, std::set<const Module*>& seen) {
    if (!seen.insert(&module).second) return;
    for (const Module* include : module.includes) collect(*include, seen);
    order_.push_back(&module);
    std::string space;
    for (const std::string& part : module.cpp_namespace) {
      space += (space.empty() ? "" : "::") + part;
      namespaces_.emplace(space, &module);
    }
  }

  void declare(const Module& module) {
    const std::string space = fmt::format("{}::", fmt::join(module.cpp_namespace, "::"));
    for (const ItemPtr& pointer : module.items) {
      const Item& item = std::visit([](auto* item) -> const Item& { return *item; }, pointer);
      if (item.cpp_name.empty()) continue;  // another compiler's, which we never name
      const std::string name = space + item.cpp_name;
      auto [first, added] = names_.emplace(name, &item);
      if (!added && reported_.insert({first->second, &item}).second) {
        diagnostics_.error(item.place, fmt::format("two files define `{}` in C++: one of them needs another "
                                                   "namespace",
                                                   name));
        diagnostics_.note(first->second->place, "the other is here");
      }
      auto space_of = namespaces_.find(name);
      if (space_of != namespaces_.end() && reported_.insert({&item, &item}).second)
        diagnostics_.error(item.place, fmt::format("in C++ `{}` is the namespace of {} already", name,
                                                   space_of->second->source->path()));
    }
  }

  Diagnostics& diagnostics_;
  std::vector<const Module*> order_;
  std::map<std::string, const Item*> names_;
  std::map<std::string, const Module*> namespaces_;
  std::set<std::pair<const Item*, const Item*>> reported_;
};

}  // namespace

void find_clashes(const Program& program, Diagnostics& diagnostics) {
  Finder finder{diagnostics};
  for (const Module* module : program.roots) finder.look(*module);
}

void find_header_clashes(const std::vector<const Module*>& modules, Diagnostics& diagnostics) {
  std::map<std::string_view, const Module*> known;
  for (const Module* module : modules) {
    auto [first, added] = known.emplace(module->path, module);
    if (added || first->second->source->path() == module->source->path()) continue;
    diagnostics.error({},
                      fmt::format("{}.weft.h would be the header of two files, `{}` and `{}`: -I names the "
                                  "folder that both are in",
                                  module->path, first->second->source->path(), module->source->path()));
  }
}

}  // namespace weft::gen
