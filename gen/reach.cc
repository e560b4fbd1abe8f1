#include "reach.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace weft::gen {

namespace {

bool is_file(std::string_view name) { return name.ends_with(".thrift") || name.ends_with(".proto"); }

/// Whether `path` ends with `name`, from a folder on.
bool names_file(std::string_view name, std::string_view path) {
  return path.ends_with(name) &&
         (path.size() == name.size() || name.starts_with('/') || path[path.size() - name.size() - 1] == '/');
}

bool names_item(std::string_view name, const Item& item) {
  if (name == item.name) return true;
  if (!name.ends_with(item.name) || name.size() < item.name.size() + 2) return false;
  name.remove_suffix(item.name.size());
  if (!name.ends_with('.')) return false;
  name.remove_suffix(1);
  const Module& module = *item.module;
  return name == module.stem || std::any_of(module.namespaces.begin(), module.namespaces.end(),
                                            [&](const Namespace& space) { return space.name == name; });
}

Item& item_of(const ItemPtr& pointer) {
  return std::visit([](auto* item) -> Item& { return *item; }, pointer);
}

class Walk {
 public:
  explicit Walk(Program& program) {
    for (Module& module : program.modules)
      for (const ItemPtr& pointer : module.items) pointers_.emplace(&item_of(pointer), pointer);
  }

  void start(const Item& item) { add(item); }

  void run() {
    for (; !left_.empty();) {
      from_ = left_.back();
      left_.pop_back();
      std::visit([&](auto* item) { look(*item); }, pointers_.at(from_));
    }
  }

  bool has(const Item& item) const { return reached_.contains(&item); }
  /// The modules of what the module's items name.
  const std::set<const Module*>& used_by(const Module& module) { return used_[&module]; }

 private:
  void add(const Item& item) {
    if (from_ && from_->module != item.module) used_[from_->module].insert(item.module);
    if (reached_.insert(&item).second) left_.push_back(&item);
  }

  void look(const Typedef& alias) { look(alias.type); }
  void look(const Enum&) {}
  void look(const Constant& constant) {
    look(constant.type);
    look(constant.value);
  }
  void look(const Struct& structure) { look(structure.fields); }
  void look(const Service& service) {
    if (service.base) add(*service.base);
    for (const Method& method : service.methods) {
      look(method.result);
      look(method.arguments);
      look(method.exceptions);
    }
  }
  void look(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
      look(field.type);
      if (field.view) add(*field.view);
      if (field.value) look(*field.value);
      if (field.fallback) look(*field.fallback);
    }
  }
  void look(const Type& type) {
    if (type.structure) add(*type.structure);
    if (type.enumeration) add(*type.enumeration);
    if (type.alias) add(*type.alias);
    for (const Type& argument : type.arguments) look(argument);
  }
  void look(const Value& value) {
    if (value.constant) add(*value.constant);
    for (const Value& item : value.items) look(item);
  }

  std::map<const Item*, ItemPtr> pointers_;
  std::set<const Item*> reached_;
  std::vector<const Item*> left_;
  std::map<const Module*, std::set<const Module*>> used_;
  const Item* from_ = nullptr;
};

void start_with_kept(Walk& walk, const Program& program, const std::string& name, Census& census) {
  for (const Module& module : program.modules) {
    const bool whole = is_file(name) && names_file(name, module.source->path());
    if (whole) census.find(name);
    for (const ItemPtr& pointer : module.items)
      if (const Item& item = item_of(pointer); whole || names_item(name, item)) {
        census.find(name);
        walk.start(item);
      }
  }
}

template <class T>
void prune(Items<T>& items, const Walk& walk, Census::Kind kind, Census& census) {
  const std::size_t all = items.size();
  std::erase_if(items, [&](const T& item) { return !walk.has(item); });
  census.add(kind, items.size(), all);
}

void prune(Module& module, Walk& walk, Census& census) {
  std::erase_if(module.items, [&](const ItemPtr& item) { return !walk.has(item_of(item)); });
  for (Struct& structure : module.structs)
    std::erase_if(structure.nested, [&](const Nested& nested) { return !walk.has(*nested.item); });
  prune(module.services, walk, Census::services, census);
  prune(module.structs, walk, Census::structs, census);
  prune(module.enums, walk, Census::enums, census);
  prune(module.typedefs, walk, Census::typedefs, census);
  prune(module.constants, walk, Census::constants, census);
  census.add(Census::files, module.items.empty() ? 0 : 1, 1);
}

}  // namespace

std::string Census::text() const {
  constexpr std::string_view names[] = {"files", "services", "structs", "enums", "typedefs", "constants"};
  std::string text = fmt::format("{:<10}{:>8}{:>9}\n", "", "kept", "dropped");
  for (std::size_t kind = 0; kind < kinds; ++kind)
    if (all_[kind] > 0)
      text += fmt::format("{:<10}{:>8}{:>9}\n", names[kind], kept_[kind], all_[kind] - kept_[kind]);
  return text;
}

void reach(Program& program, const std::vector<std::string>& keep, Census& census) {
  Walk walk{program};
  for (const Module* module : program.roots)
    for (const Service& service : module->services) walk.start(service);
  for (const std::string& name : keep) start_with_kept(walk, program, name, census);
  walk.run();
  program.roots.clear();
  for (Module& module : program.modules) {
    prune(module, walk, census);
    // In the order of the program, not of addresses; and with what came by way of other includes.
    const std::set<const Module*>& used = walk.used_by(module);
    module.includes.clear();
    for (const Module& other : program.modules)
      if (used.contains(&other)) module.includes.push_back(&other);
    if (!module.items.empty()) program.roots.push_back(&module);
  }
}

}  // namespace weft::gen
