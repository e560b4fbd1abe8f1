// A program from its dump.
#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "dump.h"
#include "dump_names.h"

namespace weft::gen {

namespace {

using Kind = Type::Kind;
using Form = Value::Form;

template <class Names>
std::optional<std::size_t> index_of(const Names& names, std::string_view name) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<std::size_t>(found - std::begin(names));
}

std::vector<std::string> strings(const Json& list) {
  std::vector<std::string> texts;
  for (const Json& item : list.items()) texts.push_back(item.text());
  return texts;
}

/// A text, or the bytes that were none.
std::string text_of(const Json& json) {
  const std::string& digits = json["hex"].text();
  if (digits.empty()) return json.text();
  const auto digit = [](char c) { return c >= 'a' ? c - 'a' + 10 : c - '0'; };
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
    bytes += static_cast<char>(digit(digits[at]) * 16 + digit(digits[at + 1]));
  return bytes;
}

class Restorer {
 public:
  Restorer(bool protobuf, Diagnostics& diagnostics) : protobuf_(protobuf), diagnostics_(diagnostics) {}

  Program run(const Json& dump) {
    if (dump["weft_dump"].integer() != dump_version)
      fail(fmt::format("not a dump of version {}", dump_version));
    for (const Json& file : dump["files"].items())
      if ((file["idl"].text() == "protobuf") == protobuf_) declare(file);
    // Types before values, which are of them.
    for (const auto& [item, json] : items_) std::visit([&](auto* item) { types(*item, *json); }, item);
    if (ok_) check_circles();
    for (const auto& [item, json] : items_)
      if (ok_) std::visit([&](auto* item) { values(*item, *json); }, item);
    return std::move(program_);
  }

 private:
  void fail(std::string_view what) {
    if (std::exchange(ok_, false)) diagnostics_.error({}, fmt::format("the dump cannot be read: {}", what));
  }

  void declare(const Json& file) {
    Source& source = program_.sources.emplace_back(Source::without_text(file["path"].text()));
    Module& module = program_.modules.emplace_back();
    module.source = &source;
    module.protobuf = protobuf_;
    module.stem = std::string(stem_of(source.path()));
    module.path = file["output"].text();
    module.syntax = file["syntax"].text();
    for (const Json& space : file["namespaces"].items())
      module.namespaces.push_back({space["language"].text(), space["name"].text()});
    module.annotations = annotations(file["annotations"]);
    module.cpp_includes = strings(file["cpp_includes"]);
    module.cpp_namespace = strings(file["cpp_namespace"]);
    for (const std::string& path : strings(file["includes"])) {
      const auto found = modules_.find(path);
      if (found == modules_.end()) return fail(fmt::format("there is no file `{}`", path));
      module.includes.push_back(found->second);
    }
    modules_[source.path()] = &module;
    if (file["root"].boolean()) program_.roots.push_back(&module);
    for (const Json& json : file["items"].items()) declare(json, module);
  }

  void declare(const Json& json, Module& module) {
    const std::string& kind = json["kind"].text();
    if (kind == "typedef") return add(module.typedefs, json, module);
    if (kind == "constant") return add(module.constants, json, module);
    if (kind == "enum") return add(module.enums, json, module);
    if (kind == "service") return add(module.services, json, module);
    const auto form = index_of(form_names, kind);
    if (!form) return fail(fmt::format("`{}` is no kind of item", kind));
    add(module.structs, json, module);
    module.structs.back().form = static_cast<Struct::Form>(*form);
  }

  template <class T>
  void add(Items<T>& items, const Json& json, Module& module) {
    T& item = items.emplace_back();
    item.module = &module;
    entity(item, json, *module.source);
    module.items.push_back(&item);
    items_.emplace_back(&item, &json);
    auto& known = std::is_same_v<T, Constant> ? constants_ : types_;
    known[{module.source->path(), item.name}] = &item;
  }

  void entity(Entity& entity, const Json& json, const Source& source) {
    entity.name = json["name"].text();
    entity.cpp_name = json["cpp_name"].text();
    entity.doc = json["doc"].text();
    entity.annotations = annotations(json["annotations"]);
    const Json& place = json["place"];
    if (place.is_object())
      entity.place =
          place_at(source, static_cast<std::size_t>(std::max<std::int64_t>(place["line"].integer(), 1)),
                   static_cast<std::size_t>(std::max<std::int64_t>(place["column"].integer(), 1)));
  }

  static Annotations annotations(const Json& list) {
    Annotations annotations;
    for (const Json& item : list.items())
      annotations.push_back({item["name"].text(), text_of(item["value"])});
    return annotations;
  }

  /// What a reference names, if it is a T.
  template <class T>
  T* find(const Json& json) {
    const auto& known = std::is_same_v<T, Constant> ? constants_ : types_;
    const auto found = known.find({json["file"].text(), json["name"].text()});
    T* const* item = found == known.end() ? nullptr : std::get_if<T*>(&found->second);
    if (!item)
      fail(fmt::format("there is no `{}` of that kind in `{}`", json["name"].text(), json["file"].text()));
    return item ? *item : nullptr;
  }

  Type type(const Json& json) {
    Type type;
    const auto kind = index_of(kind_names, json["kind"].text());
    if (!kind) fail(fmt::format("`{}` is no kind of type", json["kind"].text()));
    type.kind = static_cast<Kind>(kind.value_or(0));
    for (const Json& argument : json["of"].items()) type.arguments.push_back(this->type(argument));
    const std::size_t arguments = type.kind == Kind::map                              ? 2
                                  : type.kind == Kind::list || type.kind == Kind::set ? 1
                                                                                      : 0;
    if (type.arguments.size() != arguments) fail("a container's type has the wrong number of arguments");
    if (json["container"].text() == "flat") type.container = Container::flat;
    if (json["container"].text() == "unordered") type.container = Container::unordered;
    if (type.kind == Kind::structure) type.structure = find<Struct>(json);
    if (type.kind == Kind::enumeration) type.enumeration = find<Enum>(json);
    if (type.kind == Kind::alias) type.alias = find<Typedef>(json);
    return type;
  }

  void types(Typedef& alias, const Json& json) { alias.type = type(json["type"]); }
  void types(Constant& constant, const Json& json) { constant.type = type(json["type"]); }

  void types(Enum& enumeration, const Json& json) {
    enumeration.closed = json["closed"].boolean();
    for (const Json& from : json["values"].items()) {
      Enumerator& value = enumeration.values.emplace_back();
      entity(value, from, *enumeration.module->source);
      value.value = static_cast<std::int32_t>(from["number"].integer());
    }
    enumeration.reserved = reserved(json["reserved"]);
  }

  void types(Struct& structure, const Json& json) {
    structure.oneof = json["oneof"].boolean();
    structure.fields = fields(json["fields"], structure);
    for (const Json& from : json["nested"].items()) {
      const Json name = Json{}.add("file", structure.module->source->path()).add("name", from["item"]);
      const auto found = types_.find({name["file"].text(), name["name"].text()});
      if (found == types_.end()) return fail(fmt::format("there is no `{}`", from["item"].text()));
      Nested& nested = structure.nested.emplace_back();
      nested.name = from["name"].text();
      nested.cpp_name = from["cpp_name"].text();
      std::visit([&](auto* item) { nested.item = item; }, found->second);
      nested.is_enum = std::holds_alternative<Enum*>(found->second);
      if (auto* held = std::get_if<Struct*>(&found->second)) nested.is_oneof = (*held)->oneof;
    }
    structure.reserved = reserved(json["reserved"]);
    structure.unknown_name = json["unknown_fields"].text();
    structure.keeps_unknown = !structure.unknown_name.empty();
  }

  void types(Service& service, const Json& json) {
    if (json["base"].is_object()) service.base = find<Service>(json["base"]);
    for (const Json& from : json["methods"].items()) {
      Method& method = service.methods.emplace_back();
      entity(method, from, *service.module->source);
      method.oneway = from["oneway"].boolean();
      method.idempotent = from["idempotent"].boolean();
      method.streams_requests = from["streams_requests"].boolean();
      method.streams_replies = from["streams_replies"].boolean();
      method.timeout_ns = from["timeout_ns"].integer();
      method.hedge = {from["hedge"]["attempts"].integer(), from["hedge"]["delay_ns"].integer()};
      method.result = type(from["result"]);
      method.arguments = fields(from["arguments"], service);
      method.exceptions = fields(from["exceptions"], service);
    }
  }

  static Reserved reserved(const Json& json) {
    Reserved reserved;
    for (const Json& range : json["ids"].items())
      if (range.items().size() == 2)
        reserved.ids.push_back({static_cast<std::int32_t>(range.items()[0].integer()),
                                static_cast<std::int32_t>(range.items()[1].integer())});
    reserved.names = strings(json["names"]);
    return reserved;
  }

  std::vector<Field> fields(const Json& list, const Item& owner) {
    std::vector<Field> fields;
    for (const Json& json : list.items()) {
      Field& field = fields.emplace_back();
      entity(field, json, *owner.module->source);
      field.id = static_cast<std::int32_t>(json["id"].integer());
      field.type = type(json["type"]);
      if (json.find("presence"))
        field.presence = static_cast<Presence>(index_of(presence_names, json["presence"].text()).value_or(0));
      for (const std::string& flag : strings(json["coding"]))
        for (const auto& [name, member] : coding_flags)
          if (name == flag) field.coding.*member = true;
      field.fallback_name = json["unset_means_name"].text();
      field.json_name = json["json_name"].text();
      field.alternative = json["alternative"].text();
      field.reference = json["reference"].boolean();
      field.shared = json["shared"].boolean();
      field.boxed = json["boxed"].boolean();
      field.unfinished = json["unfinished"].boolean();
    }
    return fields;
  }

  /// Those that would be followed for ever.
  void check_circles() {
    for (const Module& module : program_.modules) {
      for (const Typedef& alias : module.typedefs) {
        std::size_t steps = 0;
        for (const Type* at = &alias.type; at->kind == Kind::alias; at = &at->alias->type)
          if (++steps > items_.size()) return fail("a typedef is made of itself");
      }
      for (const Service& service : module.services) {
        std::size_t steps = 0;
        for (const Service* at = &service; at; at = at->base)
          if (++steps > items_.size()) return fail("a service extends itself");
      }
    }
  }

  template <class T>
  void values(T&, const Json&) {}
  void values(Constant& constant, const Json& json) { constant.value = value(json["value"], constant.type); }
  void values(Struct& structure, const Json& json) { values(structure.fields, json["fields"]); }
  void values(Service& service, const Json& json) {
    for (std::size_t at = 0; at < service.methods.size(); ++at)
      values(service.methods[at].arguments, json["methods"].items()[at]["arguments"]);
  }
  void values(std::vector<Field>& fields, const Json& list) {
    for (std::size_t at = 0; at < fields.size(); ++at) {
      const Json& json = list.items()[at];
      if (const Json* given = json.find("default"))
        fields[at].value = std::make_unique<Value>(value(*given, fields[at].type));
      if (const Json* given = json.find("unset_means"))
        fields[at].fallback = std::make_unique<Value>(value(*given, fields[at].type));
    }
  }

  Value value(const Json& json, const Type& declared) {
    const Type& type = bare(declared);
    Value value;
    if (const Json* constant = json.find("constant")) {
      value.form = Form::constant;
      value.constant = find<Constant>(*constant);
      return value;
    }
    switch (type.kind) {
      case Kind::boolean:
        value.form = Form::boolean;
        value.integer = json.boolean();
        break;
      case Kind::single:
      case Kind::real:
        value.form = Form::real;
        value.real = json.real();
        break;
      case Kind::string:
      case Kind::binary:
      case Kind::uuid:
        value.form = Form::text;
        value.text = text_of(json);
        break;
      case Kind::enumeration:
        value.form = Form::enumerator;
        value.integer = json["number"].integer();
        for (const Enumerator& enumerator : type.enumeration->values)
          if (enumerator.name == json["name"].text()) value.enumerator = &enumerator;
        break;
      case Kind::list:
      case Kind::set:
        value.form = Form::list;
        for (const Json& item : json.items()) value.items.push_back(this->value(item, type.arguments[0]));
        break;
      case Kind::map:
        value.form = Form::map;
        for (const Json& entry : json["entries"].items()) {
          if (entry.items().size() != 2) return fail("a map's entry is not a pair"), value;
          for (std::size_t part = 0; part < 2; ++part)
            value.items.push_back(this->value(entry.items()[part], type.arguments[part]));
        }
        break;
      case Kind::structure:
        value.form = Form::structure;
        for (const auto& [name, item] : json["fields"].members())
          for (const Field& field : type.structure->fields)
            if (field.name == name) {
              value.fields.push_back(&field);
              value.items.push_back(this->value(item, field.type));
            }
        break;
      default:
        value.form = Form::integer;
        value.integer = json.integer();
    }
    return value;
  }

  using Key = std::pair<std::string, std::string>;

  const bool protobuf_;
  Diagnostics& diagnostics_;
  Program program_;
  std::map<std::string, const Module*> modules_;
  std::map<Key, ItemPtr> types_, constants_;
  std::vector<std::pair<ItemPtr, const Json*>> items_;
  bool ok_ = true;
};

}  // namespace

Program restore(const Json& dump, bool protobuf, Diagnostics& diagnostics) {
  return Restorer{protobuf, diagnostics}.run(dump);
}

}  // namespace weft::gen
