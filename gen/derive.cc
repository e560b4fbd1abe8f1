#include "derive.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace weft::gen {

namespace {

using Kind = Type::Kind;

struct Operation {
  bool Operations::* member;
  std::string_view name;
  std::string_view refusal;
};
constexpr Operation operations[] = {
    {&Operations::order, "order", "cannot be ordered"},
    {&Operations::hash, "hash", "cannot be hashed"},
    {&Operations::trivial, "trivial", "is not trivially copyable"},
};

/// Whether the type refuses, whatever is in it.
bool refuses(Kind kind, bool Operations::* operation) {
  if (operation != &Operations::trivial) return kind == Kind::single || kind == Kind::real;
  return kind == Kind::string || kind == Kind::binary || kind == Kind::list || kind == Kind::set ||
         kind == Kind::map;
}

/// Calls `look` with what is behind the aliases: the type, and what is in its containers.
template <class Look>
void each_part(const Type& type, const Look& look) {
  const Type& target = bare(type);
  look(target);
  for (const Type& argument : target.arguments) each_part(argument, look);
}

struct Reason {
  const Field* field = nullptr;  ///< null: it keeps unknown fields
  const Struct* held = nullptr;  ///< what refuses, in the field; null: the field's type itself does
};

class Fixpoint {
 public:
  explicit Fixpoint(Program& program) {
    for (Module& module : program.modules)
      for (Struct& structure : module.structs) {
        nodes_.emplace(&structure, structs_.size());
        structs_.push_back(&structure);
      }
    holders_.resize(structs_.size());
    for (std::size_t node = 0; node < structs_.size(); ++node)
      for (const Field& field : structs_[node]->fields)
        each_part(field.type, [&](const Type& part) {
          if (part.kind == Kind::structure) holders_[nodes_.at(part.structure)].push_back({node, &field});
        });
  }

  /// All hold until one refuses, and then all that depend on it do: the greatest fixpoint.
  void decide(bool Operations::* operation) {
    reasons_.assign(structs_.size(), {});
    std::vector<std::size_t> refused;
    const auto refuse = [&](std::size_t node, Reason reason) {
      if (!(structs_[node]->can.*operation)) return;
      structs_[node]->can.*operation = false;
      reasons_[node] = reason;
      refused.push_back(node);
    };
    for (Struct* structure : structs_) structure->can.*operation = true;
    for (std::size_t node = 0; node < structs_.size(); ++node) {
      // Unknown fields are text.
      if (structs_[node]->keeps_unknown && operation == &Operations::trivial) refuse(node, {});
      for (const Field& field : structs_[node]->fields) {
        bool own = field.boxed && operation == &Operations::trivial;
        each_part(field.type, [&](const Type& part) { own |= refuses(part.kind, operation); });
        if (own) refuse(node, {.field = &field, .held = nullptr});
      }
    }
    for (std::size_t at = 0; at < refused.size(); ++at)
      for (const auto& [node, field] : holders_[refused[at]])
        refuse(node, {.field = field, .held = structs_[refused[at]]});
  }

  /// Why the struct refuses what was decided last.
  const Reason& reason(const Struct& structure) const { return reasons_[nodes_.at(&structure)]; }

 private:
  struct Holder {
    std::size_t node;
    const Field* field;
  };

  std::vector<Struct*> structs_;
  std::map<const Struct*, std::size_t> nodes_;
  std::vector<std::vector<Holder>> holders_;  ///< of each struct: who holds it, in which member
  std::vector<Reason> reasons_;
};

/// Says which member refuses, and follows it to the one that refuses by itself.
void report(const Struct& structure, const Operation& operation, const Fixpoint& fixpoint,
            Diagnostics& diagnostics) {
  diagnostics.error(structure.place, fmt::format("{} {}", structure.name, operation.refusal));
  for (const Struct* at = &structure; at;) {
    const auto& [field, held] = fixpoint.reason(*at);
    if (!field)
      diagnostics.note(at->place, "it keeps unknown fields, which are text");
    else if (held)
      diagnostics.note(field->place, fmt::format("because `{}` holds {}", field->name, held->name));
    else
      diagnostics.note(field->place, fmt::format("because of the type of `{}`", field->name));
    at = held;
  }
}

}  // namespace

std::string_view parse_operations(std::string_view list, Operations& result) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find_first_of(", "), list.size());
    const std::string_view word = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    if (word.empty()) continue;
    const auto* found = std::find_if(std::begin(operations), std::end(operations),
                                     [&](const Operation& operation) { return operation.name == word; });
    if (found == std::end(operations)) return word;
    result.*found->member = true;
  }
  return {};
}

void derive(Program& program, const Operations& everywhere, Diagnostics& diagnostics) {
  Fixpoint fixpoint{program};
  for (Module& module : program.modules)
    for (Struct& structure : module.structs) {
      const std::string* list = find(structure.annotations, "weft.derive");
      if (!list) continue;
      if (const std::string_view word = parse_operations(*list, structure.derives); !word.empty())
        diagnostics.error(structure.place,
                          fmt::format("`{}` cannot be derived; `order`, `hash` and `trivial` can", word));
    }
  for (const Operation& operation : operations) {
    fixpoint.decide(operation.member);
    for (Module& module : program.modules)
      for (Struct& structure : module.structs) {
        if (structure.derives.*operation.member && !(structure.can.*operation.member))
          report(structure, operation, fixpoint, diagnostics);
        structure.derives.*operation.member |=
            everywhere.*operation.member && structure.can.*operation.member && !structure.borrowed;
      }
  }
}

}  // namespace weft::gen
