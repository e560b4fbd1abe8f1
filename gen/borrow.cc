#include "borrow.h"

#include <map>

#include <fmt/format.h>

namespace weft::gen {

namespace {

using Kind = Type::Kind;

class Borrower {
 public:
  explicit Borrower(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void add(Module& module) {
    std::vector<const Struct*> structures;
    for (const Struct& structure : module.structs) structures.push_back(&structure);
    for (const Struct* structure : structures) declare(module, *structure);
    for (const Struct* structure : structures) define(*structure, *views_.at(structure));
    for (Service& service : module.services)
      for (Method& method : service.methods)
        for (Field& argument : method.arguments) {
          const Type& type = bare(argument.type);
          if (type.kind == Kind::structure && !argument.value) argument.view = views_.at(type.structure);
        }
  }

 private:
  void declare(Module& module, const Struct& from) {
    Struct& view = module.structs.emplace_back();
    view.module = &module;
    view.name = from.name;
    view.cpp_wish = fmt::format("{}View", from.cpp_wish.empty() ? from.name : from.cpp_wish);
    view.doc = fmt::format("`{}` as views into the bytes that it came in.", from.name);
    view.place = from.place;
    view.form = from.form == Struct::Form::exception ? Struct::Form::structure : from.form;
    view.oneof = from.oneof;
    view.borrowed = true;
    module.items.emplace_back(&view);
    views_[&from] = &view;
  }

  void define(const Struct& from, Struct& view) {
    for (const Nested& nested : from.nested) {
      Nested& copy = view.nested.emplace_back(nested);
      if (!nested.is_enum) copy.item = views_.at(static_cast<const Struct*>(nested.item));
    }
    for (const Field& field : from.fields) view.fields.push_back(view_of(from, field));
  }

  Field view_of(const Struct& structure, const Field& from) {
    Field field;
    static_cast<Entity&>(field) = from;
    field.doc.clear();
    field.id = from.id;
    field.presence = from.presence;
    field.type = view_of(from.type);
    field.coding = from.coding;
    field.json_name = from.json_name;
    field.reference = from.reference;
    if (from.fallback) field.fallback = std::make_unique<Value>(*from.fallback);
    const Kind kind = field.type.kind;
    const bool container = kind == Kind::list || kind == Kind::set || kind == Kind::map;
    if (from.value && (container || kind == Kind::structure || from.reference))
      diagnostics_.warning(from.place, fmt::format("the view of `{}` has no default for `{}`: it would have "
                                                   "nowhere to lie",
                                                   structure.name, from.name));
    else if (from.value)
      field.value = std::make_unique<Value>(*from.value);
    return field;
  }

  Type view_of(const Type& from) const {
    Type type = bare(from);
    type.borrowed = true;
    if (type.structure) type.structure = views_.at(type.structure);
    for (Type& argument : type.arguments) argument = view_of(argument);
    return type;
  }

  Diagnostics& diagnostics_;
  std::map<const Struct*, Struct*> views_;
};

}  // namespace

void add_views(Program& program, Diagnostics& diagnostics) {
  Borrower borrower{diagnostics};
  for (Module& module : program.modules) borrower.add(module);
}

}  // namespace weft::gen
