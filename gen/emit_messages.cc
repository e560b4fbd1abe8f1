#include "emit_messages.h"

#include <fmt/format.h>

#include "cpp.h"
#include "signatures.h"

namespace weft::gen {

namespace {

/// A codec's function for one type.
std::string function(std::string_view name, const std::string& type) {
  return fmt::format("weft::protobuf::{}<{}>", name, type);
}

}  // namespace

void serve_messages(Printer& out, const Service& service, const Method& method, const std::string& name) {
  const Field& argument = method.arguments[0];
  const Scope scope = Scope(*service.module).with({"service", "call", "result", argument.cpp_name});
  const std::string request = spell_served(service, argument, scope);
  out.blank();
  out.list(fmt::format("weft::Task<weft::Reply> {}(", name),
           {"weft::ServiceInterface& service", "weft::Call call"}, ") {");
  out.indent();
  if (method.streams_requests) {
    out.list(fmt::format("auto {} = weft::stub::decoded<{}>(", argument.cpp_name,
                         function("decode_arguments", request)),
             {"std::move(call.messages)"}, ");");
  } else {
    out.line("{} {}{{}};", request, argument.cpp_name);
    // Moved, so that the received memory is not kept for as long as the handler runs.
    out.list("co_await weft::protobuf::decode_arguments(", {"std::move(call.payload)", argument.cpp_name},
             ");");
  }
  const std::string handler = fmt::format("static_cast<{}&>(service).{}(std::move({}))", scope.name(service),
                                          method.cpp_name, argument.cpp_name);
  out.line("auto result = {}{};", method.streams_replies ? "" : "co_await ", handler);
  if (method.streams_replies)
    out.list(fmt::format("co_return weft::stub::answer(weft::stub::encoded<{}>(",
                         function("encode_result", spell_served(service, method.result, scope))),
             {"std::move(result)"}, "));");
  else
    out.line("co_return weft::stub::answer(weft::protobuf::encode_result(result));");
  out.outdent();
  out.line("}}");
}

void call_messages(Printer& out, const Method& method, const std::string& constant, const Scope& scope,
                   const std::string& call) {
  const Field& argument = method.arguments[0];
  if (method.streams_requests)
    out.list(fmt::format("auto {} = weft::stub::streaming<{}>(", call,
                         function("encode_arguments", spell(argument.type, scope))),
             {constant, fmt::format("std::move({})", argument.cpp_name)}, ");");
  else
    out.list(fmt::format("weft::Call {}{{", call),
             {constant, fmt::format("weft::protobuf::encode_arguments({})", argument.cpp_name)}, "};");
  out.list(fmt::format("return weft::stub::{}<{}>(", method.streams_replies ? "receive_stream" : "receive",
                       function("decode_result", spell(method.result, scope))),
           {"service_", fmt::format("std::move({})", call)}, ");");
}

}  // namespace weft::gen
