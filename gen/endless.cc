#include "endless.h"

#include <map>
#include <vector>

#include <fmt/format.h>

#include "graph.h"

namespace weft::gen {

namespace {

class Ender {
 public:
  Ender(Module& module, Diagnostics& diagnostics) : module_(module), diagnostics_(diagnostics) {
    for (Struct& structure : module.structs) nodes_.emplace(&structure, nodes_.size());
    for (Struct& structure : module.structs)
      if (structure.form != Struct::Form::union_)
        for (Field& field : structure.fields) look(structure, field);
  }

  void run() {
    if (holds_.empty()) return;
    auto component = components(graph());
    // Enough for what people write: behind that, more fields become optional than would have to.
    int patience = 100;
    for (Hold& hold : holds_) {
      const bool endless = hold.from == hold.to || component[hold.from] == component[hold.to];
      if (!endless || (!module_.protobuf && hold.field->presence == Presence::required)) continue;
      hold.field->presence = Presence::optional;
      diagnostics_.warning(
          hold.field->place,
          fmt::format("`{}` makes {} contain itself, which has no end: it is taken to be `optional`",
                      hold.field->name, hold.structure->name));
      if (--patience > 0) component = components(graph());
    }
  }

 private:
  /// A field that holds a struct of the same file.
  struct Hold {
    std::size_t from = 0;
    std::size_t to = 0;
    const Struct* structure = nullptr;
    Field* field = nullptr;
  };

  void look(const Struct& structure, Field& field) {
    const Type& type = bare(field.type);
    if (type.kind != Type::Kind::structure || field.presence == Presence::optional || field.reference) return;
    if (auto to = nodes_.find(type.structure); to != nodes_.end())
      holds_.push_back({nodes_.at(&structure), to->second, &structure, &field});
  }

  Graph graph() const {
    Graph graph(nodes_.size());
    for (const Hold& hold : holds_)
      if (hold.field->presence != Presence::optional) graph[hold.from].push_back(hold.to);
    return graph;
  }

  Module& module_;
  Diagnostics& diagnostics_;
  std::map<const Struct*, std::size_t> nodes_;
  std::vector<Hold> holds_;  ///< in the order of declaration
};

}  // namespace

void end_structs(Program& program, Diagnostics& diagnostics) {
  for (Module& module : program.modules) Ender{module, diagnostics}.run();
}

}  // namespace weft::gen
