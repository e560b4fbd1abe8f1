#include "signatures.h"

#include <fmt/format.h>

#include "names.h"

namespace weft::gen {

std::string wire_name(const Service& service) {
  if (service.module->protobuf) {
    const std::string package =
        service.module->namespaces.empty() ? "" : service.module->namespaces[0].name + ".";
    return package + service.name;
  }
  return fmt::format("{}.{}", service.module->stem, service.name);
}

std::string spell_served(const Service& service, const Type& type, const Scope& scope) {
  const std::string name = spell(type, scope);
  return service.module->foreign.on_arena ? fmt::format("weft::OnArena<{}>", name) : name;
}

std::string spell_served(const Service& service, const Field& argument, const Scope& scope) {
  if (argument.view) return fmt::format("weft::Borrowed<{}>", scope.name(*argument.view));
  return spell_served(service, argument.type, scope);
}

Signatures::Signatures(const Service& service) : service_(service), scope_(*service.module) {
  names_ = {"Client", "info", "weft_service", "service_"};
  for (const Service* at = &service; at; at = at->base)
    for (const Method& method : at->methods) names_.push_back(method.cpp_name);
}

Scope Signatures::scope(const Method& method) const {
  std::vector<std::string> names = names_;
  for (const Field& argument : method.arguments) names.push_back(argument.cpp_name);
  return scope_.with(names);
}

std::string Signatures::result(const Method& method) const {
  return fmt::format("weft::{}<{}>", method.streams_replies ? "Stream" : "Task",
                     spell(method.result, scope(method)));
}

std::string Signatures::served_result(const Method& method) const {
  return fmt::format("weft::{}<{}>", method.streams_replies ? "Stream" : "Task",
                     spell_served(service_, method.result, scope(method)));
}

std::vector<std::string> Signatures::values(const Method& method, bool named) const {
  std::vector<std::string> parameters;
  const Scope place = scope(method);
  for (const Field& argument : method.arguments) {
    std::string type = spell_served(service_, argument, place);
    if (method.streams_requests) type = fmt::format("weft::Stream<{}>", type);
    parameters.push_back(named ? fmt::format("{} {}", type, argument.cpp_name) : type);
  }
  return parameters;
}

std::vector<std::string> Signatures::references(const Method& method) const {
  std::vector<std::string> parameters;
  const Scope place = scope(method);
  for (const Field& argument : method.arguments) {
    const std::string type = spell(argument.type, place);
    if (method.streams_requests)
      parameters.push_back(fmt::format("weft::Stream<{}> {}", type, argument.cpp_name));
    else
      parameters.push_back(is_scalar(argument.type) ? fmt::format("{} {}", type, argument.cpp_name)
                                                    : fmt::format("const {}& {}", type, argument.cpp_name));
  }
  return parameters;
}

}  // namespace weft::gen
