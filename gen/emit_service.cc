// Services: the class that a server derives from, the client in it, and the coroutines between them and the
// bytes.
#include <algorithm>

#include <fmt/ranges.h>

#include "emit.h"
#include "emit_descriptors.h"
#include "emit_messages.h"
#include "names.h"
#include "signatures.h"

namespace weft::gen {

namespace {

using Kind = Type::Kind;

/// The names of what the services of a source share.
struct Shared {
  std::string answer, receive, receive_nothing, send;
};

/// In the largest unit that it is a whole number of.
std::string duration(std::int64_t nanoseconds) {
  constexpr std::pair<std::int64_t, std::string_view> units[] = {{60'000'000'000, "minutes"},
                                                                 {1'000'000'000, "seconds"},
                                                                 {1'000'000, "milliseconds"},
                                                                 {1'000, "microseconds"}};
  for (const auto& [size, name] : units)
    if (nanoseconds % size == 0) return fmt::format("std::chrono::{}({})", name, nanoseconds / size);
  return fmt::format("std::chrono::nanoseconds({})", nanoseconds);
}

class ServicePrinter {
 public:
  ServicePrinter(Printer& out, const Service& service, const Shared& shared, Names& names)
      : out_(out),
        protobuf_(service.module->protobuf),
        apache_(service.module->foreign.messages == Messages::apache),
        codec_(apache_ ? "weft::libthrift" : "weft::compact"),
        service_(service),
        shared_(shared),
        scope_(*service.module),
        signatures_(service) {
    methods_ = names.claim(service.cpp_name + "_methods");
    for (const Method& method : service.methods) {
      serve_.push_back(names.claim(fmt::format("serve_{}_{}", service.cpp_name, method.cpp_name)));
      receive_.push_back(method.exceptions.empty()
                             ? std::string()
                             : names.claim(fmt::format("receive_{}_{}", service.cpp_name, method.cpp_name)));
    }
  }

  void print() {
    out_.blank();
    out_.line("// service {}", service_.name);
    out_.blank();
    for (const Method& method : service_.methods) default_body(method);
    if (!service_.methods.empty()) {
      out_.blank();
      out_.line("namespace {{");
      for (std::size_t index = 0; index < service_.methods.size(); ++index) serve(index);
      for (std::size_t index = 0; index < service_.methods.size(); ++index)
        if (!receive_[index].empty()) receive(index);
      table();
      out_.blank();
      out_.line("}}  // namespace");
    }
    info();
    for (std::size_t index = 0; index < service_.methods.size(); ++index) call(index);
  }

 private:
  static std::string arguments(const std::vector<Field>& fields, const std::vector<std::string>& names) {
    std::vector<std::string> result;
    for (std::size_t index = 0; index < fields.size(); ++index)
      result.push_back(fmt::format("weft::argument<{}>({})", fields[index].id, names[index]));
    return fmt::format("{}", fmt::join(result, ", "));
  }

  void default_body(const Method& method) {
    const bool nothing = method.result.kind == Kind::nothing || method.streams_replies;
    const std::string head =
        fmt::format("{} {}::{}(", signatures_.served_result(method), service_.cpp_name, method.cpp_name);
    const std::string body = fmt::format("{} weft::unimplemented({});", nothing ? "co_await" : "co_return",
                                         quote(fmt::format("{}.{}", service_.name, method.name)));
    const std::string parameters = fmt::format("{}", fmt::join(signatures_.values(method, false), ", "));
    if (head.size() + parameters.size() + 3 <= Printer::width)
      return out_.function(head + parameters + ")", body);
    out_.list(head, signatures_.values(method, false), ") {");
    out_.line("  {}", body);
    out_.line("}}");
  }

  /// Bytes to arguments, the handler, its result to bytes.
  void serve(std::size_t index) {
    const Method& method = service_.methods[index];
    if (protobuf_) return serve_messages(out_, service_, method, serve_[index]);
    Names locals{"service", "call", "result"};
    std::vector<std::string> names, moved;
    for (const Field& argument : method.arguments) {
      names.push_back(locals.claim(argument.cpp_name));
      moved.push_back(is_scalar(argument.type) ? names.back() : fmt::format("std::move({})", names.back()));
    }
    std::vector<std::string> exceptions;
    for (const Field& exception : method.exceptions) exceptions.push_back(locals.claim(exception.cpp_name));
    std::vector<std::string> taken = names;
    taken.insert(taken.end(), exceptions.begin(), exceptions.end());
    taken.insert(taken.end(), {"service", "call", "result"});
    const Scope scope = scope_.with(taken);

    out_.blank();
    out_.list(fmt::format("weft::Task<weft::Reply> {}(", serve_[index]),
              {"weft::ServiceInterface& service", "weft::Call call"}, ") {");
    out_.indent();
    for (std::size_t at = 0; at < names.size(); ++at) {
      const Field& argument = method.arguments[at];
      const std::string type = spell_served(service_, argument, scope);
      if (argument.value)
        out_.value(fmt::format("{} {} = ", type, names[at]), spell(*argument.value, argument.type, scope));
      else
        out_.line("{} {}{};", type, names[at], initializer(argument.type));
    }
    // Moved, so that the received memory is not kept for as long as the handler runs.
    std::vector<std::string> decoded{"std::move(call.payload)"};
    for (std::size_t at = 0; at < names.size(); ++at)
      decoded.push_back(fmt::format("weft::argument<{}>({})", method.arguments[at].id, names[at]));
    out_.list(fmt::format("co_await {}::decode_arguments(", codec_), decoded, ");");
    const std::string handler =
        fmt::format("static_cast<{}&>(service).{}(", scope.name(service_), method.cpp_name);
    const bool nothing = method.result.kind == Kind::nothing;
    const std::string_view result = nothing ? "" : "weft::argument<0>(result)";
    if (method.exceptions.empty()) {
      out_.list(fmt::format("{}co_await {}", nothing ? "" : "auto result = ", handler), moved, ");");
      if (method.oneway)
        out_.line("co_return weft::Reply{{}};");
      else
        out_.line("co_return {}({}::encode_result({}));", shared_.answer, codec_, result);
    } else {
      out_.list(fmt::format("auto result = co_await weft::attempt({}", handler), moved, "));");
      out_.line("if (result) co_return {}({}::encode_result({}));", shared_.answer, codec_,
                nothing ? "" : "weft::argument<0>(*result)");
      for (std::size_t at = 0; at < exceptions.size(); ++at) {
        const Field& exception = method.exceptions[at];
        out_.line("if (auto* {} = result.status().get_if<{}>())", exceptions[at],
                  spell(exception.type, scope));
        out_.line("  co_return {}({}::encode_result(weft::argument<{}>(*{})), true);", shared_.answer, codec_,
                  exception.id, exceptions[at]);
      }
      out_.line("co_return std::move(result).status();");
    }
    out_.outdent();
    out_.line("}}");
  }

  /// For the client of a method that throws: the reply's bytes to its value or its exception.
  void receive(std::size_t index) {
    const Method& method = service_.methods[index];
    const bool nothing = method.result.kind == Kind::nothing;
    Names locals{"service", "call", "reply", "success"};
    std::vector<std::string> names;
    for (const Field& exception : method.exceptions) names.push_back(locals.claim(exception.cpp_name));
    std::vector<std::string> taken = names;
    taken.insert(taken.end(), {"service", "call", "reply", "success"});
    const Scope scope = scope_.with(taken);

    out_.blank();
    out_.list(fmt::format("weft::Task<{}> {}(", spell(method.result, scope), receive_[index]),
              {"weft::ServicePtr service", "weft::Call call"}, ") {");
    out_.indent();
    out_.line("weft::Reply reply = co_await service->call(std::move(call));");
    std::vector<std::string> results{"reply.payload"};
    if (!nothing) {
      out_.line("std::optional<{}> success;", spell(method.result, scope));
      results.emplace_back("weft::argument<0>(success)");
    }
    for (std::size_t at = 0; at < names.size(); ++at) {
      out_.line("std::optional<{}> {};", spell(method.exceptions[at].type, scope), names[at]);
      results.push_back(fmt::format("weft::argument<{}>({})", method.exceptions[at].id, names[at]));
    }
    out_.list(fmt::format("co_await {}::decode_result(", codec_), results, ");");
    for (const std::string& name : names)
      out_.line("if ({0}) {1} {2}(*{0});", name, nothing ? "co_await" : "co_return",
                apache_ ? "weft::libthrift::as_status" : "weft::Status");
    if (!nothing) {
      out_.line("if (!success) co_return weft::missing_result({});", quote(method.name));
      out_.line("co_return *std::move(success);");
    }
    out_.outdent();
    out_.line("}}");
  }

  void table() {
    out_.blank();
    out_.line("constexpr weft::ServedMethod {}[] = {{", methods_);
    for (std::size_t index = 0; index < service_.methods.size(); ++index) {
      const Method& method = service_.methods[index];
      std::vector<std::string> members{fmt::format(".service = {}", quote(wire_name(service_))),
                                       fmt::format(".name = {}", quote(method.name))};
      if (protobuf_) members.emplace_back(".protocol = weft::Protocol::grpc");
      for (const auto& [holds, flag] : {std::pair{method.oneway, "oneway"},
                                        {method.idempotent, "idempotent"},
                                        {method.streams_requests, "streams_requests"},
                                        {method.streams_replies, "streams_replies"}})
        if (holds) members.push_back(fmt::format(".{} = true", flag));
      if (method.timeout_ns > 0) members.push_back(".timeout = " + duration(method.timeout_ns));
      if (method.hedge.attempts > 0)
        members.push_back(fmt::format(".hedge = {{.attempts = {}, .delay = {}}}", method.hedge.attempts,
                                      duration(method.hedge.delay_ns)));
      const std::string line = fmt::format("    {{{{{}}},", fmt::join(members, ", "));
      if (line.size() + 1 + serve_[index].size() + 2 <= Printer::width) {
        out_.line("{} {}}},", line, serve_[index]);
      } else {
        out_.list("    {{", members, "},");
        out_.line("     {}}},", serve_[index]);
      }
    }
    out_.line("}};");
  }

  void info() {
    out_.blank();
    out_.line("const weft::ServiceInfo& {}::info() noexcept {{", service_.cpp_name);
    out_.indent();
    std::vector<std::string> members{
        fmt::format(".name = {}", quote(wire_name(service_))),
        fmt::format(".methods = {}", service_.methods.empty() ? "{}" : methods_)};
    if (service_.base)
      members.push_back(fmt::format(".base = &{}::info()", signatures_scope().name(*service_.base)));
    if (protobuf_) members.emplace_back(".protocol = weft::Protocol::grpc");
    if (has_descriptor(*service_.module)) members.push_back(".file = &" + descriptor_of(*service_.module));
    out_.list("static const weft::ServiceInfo info{", members, "};");
    out_.line("return info;");
    out_.outdent();
    out_.line("}}");
  }

  /// In a member function without arguments of its own.
  Scope signatures_scope() const { return signatures_.scope(Method{}); }

  /// The client's method.
  void call(std::size_t index) {
    const Method& method = service_.methods[index];
    Names locals;
    std::vector<std::string> names;
    for (const Field& argument : method.arguments) {
      names.push_back(argument.cpp_name);
      locals.take(argument.cpp_name);
    }
    const std::string call = locals.claim("call");
    out_.blank();
    out_.list(
        fmt::format("{} {}::Client::{}(", signatures_.result(method), service_.cpp_name, method.cpp_name),
        signatures_.references(method), ") const {");
    out_.indent();
    const std::string constant = fmt::format("{}[{}].method", methods_, index);
    if (protobuf_) {
      call_messages(out_, method, constant, signatures_.scope(method), call);
      out_.outdent();
      return out_.line("}}");
    }
    const std::string encode =
        fmt::format("{}::encode_arguments({})", codec_, arguments(method.arguments, names));
    out_.list(fmt::format("weft::Call {}{{", call), {constant, encode}, "};");
    std::string receive = receive_[index];
    if (receive.empty()) {
      if (method.oneway)
        receive = shared_.send;
      else if (method.result.kind == Kind::nothing)
        receive = shared_.receive_nothing;
      else
        receive = fmt::format("{}<{}>", shared_.receive, spell(method.result, signatures_.scope(method)));
    }
    out_.line("return {}(service_, std::move({}));", receive, call);
    out_.outdent();
    out_.line("}}");
  }

  Printer& out_;
  const bool protobuf_;
  const bool apache_;
  const std::string_view codec_;
  const Service& service_;
  const Shared& shared_;
  const Scope scope_;
  const Signatures signatures_;
  std::string methods_;
  std::vector<std::string> serve_;
  std::vector<std::string> receive_;
};

template <class Predicate>
bool any_method(const std::vector<const Service*>& services, Predicate predicate) {
  return std::any_of(services.begin(), services.end(), [&](const Service* service) {
    return std::any_of(service->methods.begin(), service->methods.end(), predicate);
  });
}

void define_shared(Printer& out, const std::vector<const Service*>& services, const Shared& shared) {
  if (services.empty() || services[0]->module->protobuf)
    return;  // what they share is in <weft/middleware/stub.h>
  const std::string_view codec =
      services[0]->module->foreign.messages == Messages::apache ? "weft::libthrift" : "weft::compact";
  if (!any_method(services, [](const Method&) { return true; })) return;
  out.blank();
  out.line("namespace {{");
  if (any_method(services, [](const Method& method) { return !method.oneway; })) {
    out.blank();
    out.line("weft::Reply {}(weft::Chain payload, bool declared_exception = false) {{", shared.answer);
    out.line(
        "  return {{.payload = std::move(payload), .metadata = {{}}, .declared_exception = "
        "declared_exception}};");
    out.line("}}");
  }
  const auto quiet = [](const Method& method) { return !method.oneway && method.exceptions.empty(); };
  if (any_method(services, [&](const Method& method) {
        return quiet(method) && method.result.kind != Kind::nothing;
      })) {
    out.blank();
    out.line("template <class T>");
    out.line("weft::Task<T> {}(weft::ServicePtr service, weft::Call call) {{", shared.receive);
    out.indent();
    out.line("const weft::Method& method = call.method();");
    out.line("weft::Reply reply = co_await service->call(std::move(call));");
    out.line("std::optional<T> success;");
    out.line("co_await {}::decode_result(reply.payload, weft::argument<0>(success));", codec);
    out.line("if (!success) co_return weft::missing_result(method.name);");
    out.line("co_return *std::move(success);");
    out.outdent();
    out.line("}}");
  }
  if (any_method(services, [&](const Method& method) {
        return quiet(method) && method.result.kind == Kind::nothing;
      })) {
    out.blank();
    out.line("weft::Task<void> {}(weft::ServicePtr service, weft::Call call) {{", shared.receive_nothing);
    out.line("  weft::Reply reply = co_await service->call(std::move(call));");
    out.line("  co_await {}::decode_result(reply.payload);", codec);
    out.line("}}");
  }
  if (any_method(services, [](const Method& method) { return method.oneway; })) {
    out.blank();
    out.function(fmt::format("weft::Task<void> {}(weft::ServicePtr service, weft::Call call)", shared.send),
                 "co_await service->call(std::move(call));");
  }
  out.blank();
  out.line("}}  // namespace");
}

}  // namespace

void declare_service(Printer& out, const Service& service) {
  const Signatures signatures{service};
  const Scope scope{*service.module};
  const std::string base = service.base ? scope.name(*service.base) : "weft::ServiceInterface";
  out.blank();
  out.doc(service.doc);
  const auto attribute = [](const Entity& entity) {
    return entity.attribute.empty() ? "" : entity.attribute + " ";
  };
  out.line("class {}{} : public {} {{", attribute(service), service.cpp_name, base);
  out.line(" public:");
  out.indent();
  out.line("class Client;");
  out.blank();
  for (const Method& method : service.methods) {
    if (!method.doc.empty()) out.blank();
    out.doc(method.doc);
    out.list(fmt::format("virtual {} {}(", signatures.served_result(method), method.cpp_name),
             signatures.values(method, true), ");");
  }
  out.blank();
  out.line("const weft::ServiceInfo& weft_service() const noexcept override {{ return info(); }}");
  out.line("static const weft::ServiceInfo& info() noexcept;");
  out.outdent();
  out.line("}};");

  out.blank();
  out.line("class {}::Client{} {{", service.cpp_name,
           service.base ? fmt::format(" : public {}::Client", base) : "");
  out.line(" public:");
  out.indent();
  if (service.base)
    out.line("using {}::Client::Client;", signatures.scope(Method{}).name(*service.base));
  else
    out.line("explicit Client(weft::ServicePtr service) noexcept : service_(std::move(service)) {{}}");
  out.blank();
  for (const Method& method : service.methods) {
    if (!method.doc.empty()) out.blank();
    out.doc(method.doc);
    out.list(fmt::format("{}{} {}(", attribute(method), signatures.result(method), method.cpp_name),
             signatures.references(method), ") const;");
  }
  if (service.methods.empty()) out.no_blank();
  if (!service.base) {
    out.outdent();
    out.blank();
    out.line(" protected:");
    out.indent();
    out.line("weft::ServicePtr service_;");
  }
  out.outdent();
  out.line("}};");
}

void define_services(Printer& out, const Module& module, const std::vector<const Service*>& services) {
  // What the helpers must not be called: a type, a constant, and, since clients name helpers, a method or
  // argument.
  Names names;
  for (const ItemPtr& item : module.items) std::visit([&](auto* item) { names.take(item->cpp_name); }, item);
  for (const Service& service : module.services)
    for (const Service* at = &service; at; at = at->base)
      for (const Method& method : at->methods) {
        names.take(method.cpp_name);
        for (const Field& argument : method.arguments) names.take(argument.cpp_name);
      }
  const Shared shared{names.claim("answer"), names.claim("receive"), names.claim("receive_nothing"),
                      names.claim("send")};
  define_shared(out, services, shared);
  for (const Service* service : services) ServicePrinter{out, *service, shared, names}.print();
}

}  // namespace weft::gen
