#include "match.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::gen::check {

namespace {

const Item& item_of(const ItemPtr& pointer) {
  return std::visit([](const auto* item) -> const Item& { return *item; }, pointer);
}

}  // namespace

std::string space_of(const Module& module) { return fmt::format("{}", fmt::join(module.cpp_namespace, ".")); }

Match::Match(const std::deque<Program>& before, const std::deque<Program>& now) {
  std::map<std::pair<bool, std::string>, const Module*> known;
  std::vector<const Module*> roots;
  for (const Program& program : now) {
    for (const Module& module : program.modules) known[{module.protobuf, module.path}] = &module;
    roots.insert(roots.end(), program.roots.begin(), program.roots.end());
  }
  std::size_t old_roots = 0;
  for (const Program& program : before) old_roots += program.roots.size();
  for (const Program& program : before)
    for (const Module& module : program.modules) {
      const auto found = known.find({module.protobuf, module.path});
      const Module* other = found == known.end() ? nullptr : found->second;
      // Two files named alone are two versions of one, whatever they are called.
      const bool root = std::find(program.roots.begin(), program.roots.end(), &module) != program.roots.end();
      if (root && old_roots == 1 && roots.size() == 1 && roots[0]->protobuf == module.protobuf)
        other = roots[0];
      modules_.emplace_back(&module, other);
      if (other) match(module, *other);
    }
  match_moved(before, now);
}

void Match::match(const Module& before, const Module& now) {
  // Constants and types may share a name, but not a kind.
  std::map<std::pair<std::size_t, std::string_view>, const Item*> known;
  for (const ItemPtr& item : now.items) known[{item.index(), item_of(item).name}] = &item_of(item);
  for (const ItemPtr& item : before.items)
    if (const auto found = known.find({item.index(), item_of(item).name}); found != known.end())
      items_[&item_of(item)] = found->second;
}

void Match::match_moved(const std::deque<Program>& before, const std::deque<Program>& now) {
  std::map<std::pair<std::size_t, std::string>, const Item*> known;
  for (const Program& program : now)
    for (const Module& module : program.modules)
      for (const ItemPtr& item : module.items)
        known[{item.index(), space_of(module) + "." + item_of(item).name}] = &item_of(item);
  for (const Program& program : before)
    for (const Module& module : program.modules)
      for (const ItemPtr& item : module.items) {
        if (items_.contains(&item_of(item))) continue;
        const auto found = known.find({item.index(), space_of(module) + "." + item_of(item).name});
        if (found != known.end() && found->second->module->protobuf == module.protobuf)
          items_[&item_of(item)] = found->second;
      }
}

const Module* Match::of(const Module& before) const {
  for (const auto& [old, now] : modules_)
    if (old == &before) return now;
  return nullptr;
}

bool Match::same(const Type& before, const Type& now) const {
  const Type& a = bare(before);
  const Type& b = bare(now);
  if (a.kind != b.kind || a.arguments.size() != b.arguments.size()) return false;
  if (a.structure && of(*a.structure) != b.structure) return false;
  if (a.enumeration && of(*a.enumeration) != b.enumeration) return false;
  for (std::size_t index = 0; index < a.arguments.size(); ++index)
    if (!same(a.arguments[index], b.arguments[index])) return false;
  return true;
}

}  // namespace weft::gen::check
