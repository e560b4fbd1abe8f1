#include "dump.h"

#include <algorithm>

#include <fmt/format.h>

#include "adjust.h"
#include "cpp.h"
#include "dump_names.h"

namespace weft::gen {

namespace {

using Kind = Type::Kind;
using Form = Value::Form;

/// What is empty or false is left out: most things are.
void add_text(Json& json, std::string name, const std::string& text) {
  if (!text.empty()) json.add(std::move(name), text);
}
void add_flag(Json& json, std::string name, bool flag) {
  if (flag) json.add(std::move(name), true);
}
void add_list(Json& json, std::string name, Json list) {
  if (!list.is_null()) json.add(std::move(name), std::move(list));
}

Json strings(const std::vector<std::string>& texts) {
  Json list;
  for (const std::string& text : texts) list.push(text);
  return list;
}

/// JSON has no room for bytes.
Json text_or_bytes(const std::string& text) {
  if (is_utf8(text)) return text;
  std::string digits;
  for (const char byte : text) digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return Json{}.add("hex", digits);
}

Json reference(const Item& item) {
  return Json{}.add("file", item.module->source->path()).add("name", item.name);
}

Json dump(const Type& type) {
  Json json;
  json.add("kind", kind_names[static_cast<std::size_t>(type.kind)]);
  const Item* item = nullptr;
  if (type.structure) item = type.structure;
  if (type.enumeration) item = type.enumeration;
  if (type.alias) item = type.alias;
  if (item) json.add("file", item->module->source->path()).add("name", item->name);
  Json arguments;
  for (const Type& argument : type.arguments) arguments.push(dump(argument));
  add_list(json, "of", std::move(arguments));
  if (type.container != Container::usual)
    json.add("container", type.container == Container::flat ? "flat" : "unordered");
  return json;
}

Json dump(const Value& value, const Type& declared) {
  const Type& type = bare(declared);
  switch (value.form) {
    case Form::boolean:
      return value.integer != 0;
    case Form::integer:
      if (type.kind == Kind::u64) return static_cast<std::uint64_t>(value.integer);
      return value.integer;
    case Form::real:
      return value.real;
    case Form::text:
      return text_or_bytes(value.text);
    case Form::enumerator: {
      Json json;
      json.add("number", value.integer);
      if (value.enumerator) json.add("name", value.enumerator->name);
      return json;
    }
    case Form::constant:
      return Json{}.add("constant", reference(*value.constant));
    case Form::list: {
      Json list{Json::Array{}};
      for (const Value& item : value.items) list.push(dump(item, type.arguments[0]));
      return list;
    }
    case Form::map: {
      Json entries{Json::Array{}};
      for (std::size_t at = 0; at < value.items.size(); at += 2)
        entries.push(Json{}
                         .push(dump(value.items[at], type.arguments[0]))
                         .push(dump(value.items[at + 1], type.arguments[1])));
      return Json{}.add("entries", std::move(entries));
    }
    case Form::structure: {
      Json fields{Json::Object{}};
      for (std::size_t at = 0; at < value.fields.size(); ++at)
        fields.add(value.fields[at]->name, dump(value.items[at], value.fields[at]->type));
      return Json{}.add("fields", std::move(fields));
    }
  }
  return {};
}

/// What everything with a name begins with, and what it ends with. (An item begins with its kind.)
Json begin(const Entity& entity) {
  Json json;
  json.add("name", entity.name);
  add_text(json, "cpp_name", entity.cpp_name);
  return json;
}

Json dump(const Annotations& annotations) {
  Json list;
  for (const Annotation& annotation : annotations)
    list.push(Json{}.add("name", annotation.name).add("value", text_or_bytes(annotation.value)));
  return list;
}

Json end(Json json, const Entity& entity) {
  add_text(json, "doc", entity.doc);
  add_list(json, "annotations", dump(entity.annotations));
  if (entity.place.source) {
    const auto [line, column] = entity.place.source->position(entity.place.offset);
    json.add("place", Json{}.add("line", line).add("column", column));
  }
  return json;
}

Json dump(const Coding& coding) {
  Json flags;
  for (const auto& [name, flag] : coding_flags)
    if (coding.*flag) flags.push(name);
  return flags;
}

/// `structure` is what it is a member of; null for arguments.
Json dump(const Field& field, const Struct* structure) {
  Json json = begin(field);
  json.add("id", field.id);
  json.add("type", dump(field.type));
  json.add("cpp_type", structure ? spell_member(*structure, field, Scope{}) : spell(field.type, Scope{}));
  if (field.presence != Presence::plain)
    json.add("presence", presence_names[static_cast<std::size_t>(field.presence)]);
  add_list(json, "coding", dump(field.coding));
  if (field.value) json.add("default", dump(*field.value, field.type));
  if (field.fallback) json.add("unset_means", dump(*field.fallback, field.type));
  add_text(json, "unset_means_name", field.fallback_name);
  add_text(json, "json_name", field.json_name);
  add_text(json, "alternative", field.alternative);
  add_flag(json, "reference", field.reference);
  add_flag(json, "shared", field.shared);
  add_flag(json, "boxed", field.boxed);
  add_flag(json, "unfinished", field.unfinished);
  return end(std::move(json), field);
}

Json dump(const std::vector<Field>& fields, const Struct* structure) {
  Json list;
  for (const Field& field : fields) list.push(dump(field, structure));
  return list;
}

Json dump(const Reserved& reserved) {
  Json json;
  Json ids;
  for (const auto& [first, last] : reserved.ids) ids.push(Json{}.push(first).push(last));
  add_list(json, "ids", std::move(ids));
  add_list(json, "names", strings(reserved.names));
  return json;
}

Json dump(const Item& item, std::string_view kind) {
  Json json;
  json.add("kind", kind);
  json.add("name", item.name);
  add_text(json, "cpp_name", item.cpp_name);
  json.add("full_name", full_name(item));
  return json;
}

Json dump(const Typedef& alias) { return end(dump(alias, "typedef").add("type", dump(alias.type)), alias); }

Json dump(const Constant& constant) {
  Json json = dump(constant, "constant");
  json.add("type", dump(constant.type)).add("value", dump(constant.value, constant.type));
  return end(std::move(json), constant);
}

Json dump(const Enum& enumeration) {
  Json json = dump(enumeration, "enum");
  add_flag(json, "closed", enumeration.closed);
  Json values{Json::Array{}};
  for (const Enumerator& value : enumeration.values)
    values.push(end(begin(value).add("number", value.value), value));
  json.add("values", std::move(values));
  add_list(json, "reserved", dump(enumeration.reserved));
  return end(std::move(json), enumeration);
}

Json dump(const Struct& structure) {
  Json json = dump(structure, form_names[static_cast<std::size_t>(structure.form)]);
  add_flag(json, "oneof", structure.oneof);
  Json fields = dump(structure.fields, &structure);
  json.add("fields", fields.is_null() ? Json{Json::Array{}} : std::move(fields));
  Json nested;
  for (const Nested& type : structure.nested)
    nested.push(Json{}.add("name", type.name).add("cpp_name", type.cpp_name).add("item", type.item->name));
  add_list(json, "nested", std::move(nested));
  add_list(json, "reserved", dump(structure.reserved));
  add_text(json, "unknown_fields", structure.unknown_name);
  return end(std::move(json), structure);
}

Json dump(const Method& method) {
  Json json = begin(method);
  add_flag(json, "oneway", method.oneway);
  add_flag(json, "idempotent", method.idempotent);
  add_flag(json, "streams_requests", method.streams_requests);
  add_flag(json, "streams_replies", method.streams_replies);
  if (method.timeout_ns > 0) json.add("timeout_ns", method.timeout_ns);
  if (method.hedge.attempts > 0)
    json.add("hedge", Json{}.add("attempts", method.hedge.attempts).add("delay_ns", method.hedge.delay_ns));
  json.add("result", dump(method.result));
  Json arguments = dump(method.arguments, nullptr);
  json.add("arguments", arguments.is_null() ? Json{Json::Array{}} : std::move(arguments));
  add_list(json, "exceptions", dump(method.exceptions, nullptr));
  return end(std::move(json), method);
}

Json dump(const Service& service) {
  Json json = dump(service, "service");
  if (service.base) json.add("base", reference(*service.base));
  Json methods{Json::Array{}};
  for (const Method& method : service.methods) methods.push(dump(method));
  json.add("methods", std::move(methods));
  return end(std::move(json), service);
}

Json dump(const Module& module, bool root) {
  Json json;
  json.add("path", module.source->path());
  json.add("idl", module.protobuf ? "protobuf" : "thrift");
  add_text(json, "output", module.path);
  add_text(json, "syntax", module.syntax);
  add_flag(json, "root", root);
  Json namespaces;
  for (const Namespace& space : module.namespaces)
    namespaces.push(Json{}.add("language", space.language).add("name", space.name));
  add_list(json, "namespaces", std::move(namespaces));
  add_list(json, "cpp_namespace", strings(module.cpp_namespace));
  add_list(json, "cpp_includes", strings(module.cpp_includes));
  Json includes;
  for (const Module* include : module.includes) includes.push(include->source->path());
  add_list(json, "includes", std::move(includes));
  add_list(json, "annotations", dump(module.annotations));
  Json items{Json::Array{}};
  for (const ItemPtr& item : module.items)
    std::visit([&](const auto* item) { items.push(dump(*item)); }, item);
  json.add("items", std::move(items));
  return json;
}

Json dump_files(const Program& program) {
  Json files{Json::Array{}};
  for (const Module& module : program.modules)
    files.push(
        dump(module, std::find(program.roots.begin(), program.roots.end(), &module) != program.roots.end()));
  return files;
}

}  // namespace

Json dump(const std::deque<Program>& programs) {
  Json files{Json::Array{}};
  for (const Program& program : programs) {
    const Json more = dump_files(program);
    for (const Json& file : more.items()) files.push(file);
  }
  return Json{}.add("weft_dump", dump_version).add("files", std::move(files));
}

Json dump(const Program& program) {
  return Json{}.add("weft_dump", dump_version).add("files", dump_files(program));
}

}  // namespace weft::gen
