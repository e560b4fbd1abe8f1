#include "apache.h"

#include <fmt/format.h>

namespace weft::gen {

namespace {

/// As t_program::get_namespace: no namespace is the global one.
std::vector<std::string> space_of(const Module& module) {
  std::string_view name;
  for (const std::string_view language : {"*", "cpp"})
    for (const Namespace& space : module.namespaces)
      if (space.language == language) name = space.name;
  std::vector<std::string> parts;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('.'), name.size());
    parts.emplace_back(name.substr(0, end));
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return parts;
}

bool has_uuid(const Type& type) {
  const Type& known = bare(type);
  if (known.kind == Type::Kind::uuid) return true;
  for (const Type& argument : known.arguments)
    if (has_uuid(argument)) return true;
  return false;
}

/// Follows constants: the thrift compiler keeps them in another header. False where the value has no spelling
/// that is the same for both compilers' types.
bool settle(Value& value) {
  while (value.form == Value::Form::constant) value = Value(value.constant->value);
  if (value.form == Value::Form::enumerator) return value.enumerator != nullptr;
  return value.form <= Value::Form::text;
}

void check(Method& method, Diagnostics& diagnostics) {
  const auto refuse_uuid = [&](const Type& type, const Place& place) {
    if (has_uuid(type)) diagnostics.error(place, "the thrift compiler has no uuid in C++");
  };
  refuse_uuid(method.result, method.place);
  for (Field& argument : method.arguments) {
    refuse_uuid(argument.type, argument.place);
    if (argument.value && !settle(*argument.value))
      diagnostics.error(argument.place,
                        fmt::format("the default of `{}` cannot be had with Apache's types: only numbers, "
                                    "texts and the names of enums' values can",
                                    argument.name));
  }
}

}  // namespace

void use_apache_messages(Program& program, Diagnostics& diagnostics) {
  for (Module& module : program.modules) {
    module.foreign.messages = Messages::apache;
    module.foreign.header = module.stem + "_types.h";
    module.foreign.space = space_of(module);
    for (Typedef& item : module.typedefs) item.foreign_name = item.name;
    for (Enum& item : module.enums) item.foreign_name = item.name;
    for (Struct& item : module.structs) item.foreign_name = item.name;
    for (Service& service : module.services)
      for (Method& method : service.methods) check(method, diagnostics);
  }
}

}  // namespace weft::gen
