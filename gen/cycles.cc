#include "cycles.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "feedback.h"
#include "graph.h"

namespace weft::gen {

namespace {

using Kind = Type::Kind;

/// How one item needs another before itself, the strictest first.
enum class Need : std::uint8_t {
  whole,     ///< held by value
  boxable,   ///< held by value by an optional member: a Box would do
  keyed,     ///< in a map or set
  declared,  ///< in a vector, a Box, a typedef or a signature: its declaration will do
};

struct Edge {
  std::size_t from = 0;
  std::size_t to = 0;
  Need need = Need::whole;
  Field* field = nullptr;
  bool by_value = false;  ///< the field's default is made of it
};

bool optional(const Struct& structure, const Field& field) {
  return field.presence == Presence::optional || structure.form == Struct::Form::union_;
}

class Arranger {
 public:
  Arranger(Module& module, Diagnostics& diagnostics) : module_(module), diagnostics_(diagnostics) {
    for (std::size_t node = 0; node < module.items.size(); ++node)
      std::visit([&](auto* item) { nodes_[item] = node; }, module.items[node]);
    for (std::size_t node = 0; node < module.items.size(); ++node) {
      from_ = node;
      std::visit([&](auto* item) { look(*item); }, module.items[node]);
    }
  }

  void run() {
    // What stays the order has to respect; what is weaker is dropped, but only inside of cycles.
    drop(Need::declared, components(graph(Need::declared)));
    if (!acyclic(graph(Need::whole))) return report();
    drop(Need::keyed, components(graph_without_boxable()));
    box();
    std::vector<std::size_t> places(module_.items.size());
    for (std::size_t node : order(graph(Need::declared))) {
      places[node] = module_.order.size();
      module_.order.push_back(module_.items[node]);
    }
    declare_ahead(places);
    mark_unfinished(places);
  }

 private:
  void look(Typedef& alias) { need(alias.type, Need::declared, nullptr); }
  void look(Enum&) {}
  void look(Constant& constant) {
    need(constant.type, Need::declared, nullptr);
    need(constant.value, constant.type, nullptr);
  }
  void look(Service& service) {
    if (service.base) add(service.base, Need::whole, nullptr);
  }
  void look(Struct& structure) {
    for (Field& field : structure.fields) {
      field.boxed = field.reference;
      need(field.type,
           field.boxed                  ? Need::declared
           : optional(structure, field) ? Need::boxable
                                        : Need::whole,
           &field);
      if (field.value) need(*field.value, field.type, &field);
    }
    for (const Nested& nested : structure.nested)
      add(nested.item, nested.is_enum ? Need::whole : Need::declared, nullptr);
  }

  void need(const Type& type, Need level, Field* field) {
    switch (type.kind) {
      case Kind::enumeration:
        return add(type.enumeration, Need::whole, field);
      case Kind::structure:
        return add(type.structure, level, field);
      case Kind::alias:
        // The alias itself has to be there; what it stands for, as if it were written out.
        add(type.alias, Need::whole, nullptr);
        return need(type.alias->type, level, field);
      case Kind::list:
        return need(type.arguments[0], Need::declared, field);
      case Kind::set:
      case Kind::map:
        // An optional map can be boxed as a whole. A flat one is a vector, an unordered one takes no less
        // than whole types.
        for (const Type& argument : type.arguments)
          need(argument,
               type.container == Container::flat                                ? Need::declared
               : level == Need::whole && type.container != Container::unordered ? Need::keyed
                                                                                : level,
               field);
        return;
      default:
        return;
    }
  }

  /// Who makes a struct needs it whole, wherever in the value it stands.
  void need(const Value& value, const Type& type, Field* field) {
    const Type& target = bare(type);
    if (value.constant) add(value.constant, Need::whole, field, true);
    if (value.form == Value::Form::structure) {
      add(target.structure, Need::whole, field, true);
      for (std::size_t index = 0; index < value.items.size(); ++index)
        need(value.items[index], value.fields[index]->type, field);
    } else if (!target.arguments.empty()) {
      for (std::size_t index = 0; index < value.items.size(); ++index)
        need(value.items[index], target.arguments[index % target.arguments.size()], field);
    }
  }

  void add(const Item* item, Need level, Field* field, bool by_value = false) {
    auto found = nodes_.find(item);
    if (found == nodes_.end()) return;  // of an included file: it is there
    if (found->second == from_ && level >= Need::keyed) return;
    edges_.push_back({from_, found->second, level, field, by_value});
  }

  /// The edges up to `weakest`.
  Graph graph(Need weakest) const {
    Graph graph(module_.items.size());
    for (const Edge& edge : edges_)
      if (edge.need <= weakest) graph[edge.from].push_back(edge.to);
    return graph;
  }
  Graph graph_without_boxable() const {
    Graph graph(module_.items.size());
    for (const Edge& edge : edges_)
      if (edge.need == Need::whole || edge.need == Need::keyed) graph[edge.from].push_back(edge.to);
    return graph;
  }

  void drop(Need need, const std::vector<std::size_t>& component) {
    std::erase_if(edges_, [&](const Edge& edge) {
      if (edge.need != need || component[edge.from] != component[edge.to]) return false;
      dropped_.push_back(edge);
      return true;
    });
  }

  /// Boxes members until no cycle is left. One member may hold several types: they go together.
  void box() {
    std::map<const Field*, std::size_t> groups;
    std::vector<Field*> fields;  // in the order of declaration
    std::vector<Arc> arcs;
    for (const Edge& edge : edges_) {
      if (edge.need > Need::keyed) continue;
      arcs.push_back({edge.from, edge.to, Arc::fixed});
      if (edge.need != Need::boxable) continue;
      auto [group, added] = groups.emplace(edge.field, fields.size());
      if (added) fields.push_back(edge.field);
      arcs.back().group = group->second;
    }
    for (std::size_t group : feedback(arcs).groups) fields[group]->boxed = true;
    std::erase_if(edges_, [&](const Edge& edge) {
      if (edge.need != Need::boxable || !edge.field->boxed) return false;
      dropped_.push_back(edge);
      return true;
    });
  }

  void report() {
    auto component = components(graph(Need::whole));
    std::set<std::size_t> reported;
    for (const Edge& edge : edges_) {
      if (edge.need != Need::whole || !edge.field || component[edge.from] != component[edge.to]) continue;
      if (!reported.insert(component[edge.from]).second)
        diagnostics_.note(edge.field->place, "the way goes through here too");
      else if (edge.by_value)
        diagnostics_.error(
            edge.field->place,
            fmt::format("the default of `{}` is made of {} itself: such a value has no end, or "
                        "none that C++ can write here",
                        edge.field->name, name_of(edge.from)));
      else
        diagnostics_.error(
            edge.field->place,
            fmt::format("`{}` makes {} contain itself: such a value has no end; it could be {}",
                        edge.field->name, name_of(edge.from),
                        module_.protobuf ? "`optional` or `repeated`"
                                         : "`optional`, in a `list`, or a reference with `&`"));
    }
  }

  std::string_view name_of(std::size_t node) const {
    return std::visit([](auto* item) -> std::string_view { return item->name; }, module_.items[node]);
  }

  void declare_ahead(const std::vector<std::size_t>& places) {
    std::set<std::size_t> nodes;
    for (const Edge& edge : dropped_)
      if (places[edge.to] > places[edge.from]) nodes.insert(edge.to);
    for (std::size_t node : nodes)
      if (auto* structure = std::get_if<Struct*>(&module_.items[node]))
        module_.forwards.push_back(*structure);
  }

  /// A member whose type reaches one that is defined later must not be initialised: that would need it whole.
  void mark_unfinished(const std::vector<std::size_t>& places) {
    Graph reach(module_.items.size());
    for (std::size_t node = 0; node < module_.items.size(); ++node)
      if (auto* structure = std::get_if<Struct*>(&module_.items[node]))
        for (const Field& field : (*structure)->fields) structures_in(field.type, reach[node]);
    // A component has a higher number than those that it leads to.
    auto component = components(reach);
    std::vector<std::vector<std::size_t>> members(component.size());
    for (std::size_t node = 0; node < component.size(); ++node) members[component[node]].push_back(node);
    std::vector<std::size_t> furthest(component.size());
    for (std::size_t number = 0; number < members.size(); ++number)
      for (std::size_t node : members[number]) {
        furthest[number] = std::max(furthest[number], places[node]);
        for (std::size_t to : reach[node])
          furthest[number] = std::max(furthest[number], furthest[component[to]]);
      }
    for (std::size_t node = 0; node < module_.items.size(); ++node)
      if (auto* structure = std::get_if<Struct*>(&module_.items[node]))
        for (Field& field : (*structure)->fields) {
          std::vector<std::size_t> held;
          structures_in(field.type, held);
          for (std::size_t at : held) field.unfinished |= furthest[component[at]] > places[node];
        }
  }

  void structures_in(const Type& type, std::vector<std::size_t>& nodes) const {
    if (type.kind == Kind::alias) return structures_in(type.alias->type, nodes);
    if (type.kind == Kind::structure)
      if (auto found = nodes_.find(type.structure); found != nodes_.end()) nodes.push_back(found->second);
    for (const Type& argument : type.arguments) structures_in(argument, nodes);
  }

  Module& module_;
  Diagnostics& diagnostics_;
  std::map<const Item*, std::size_t> nodes_;
  std::vector<Edge> edges_;
  std::vector<Edge> dropped_;
  std::size_t from_ = 0;
};

}  // namespace

void arrange(Program& program, Diagnostics& diagnostics) {
  for (Module& module : program.modules) Arranger{module, diagnostics}.run();
}

}  // namespace weft::gen
