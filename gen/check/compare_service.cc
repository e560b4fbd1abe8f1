// Services: method by method, those of the services that they extend included.
#include <map>
#include <vector>

#include <fmt/format.h>

#include "compare.h"

namespace weft::gen::check {

namespace {

using Kind = Type::Kind;

/// As callers see them: who extends whom is nobody's business but C++'s.
std::vector<const Method*> methods_of(const Service& service) {
  std::vector<const Method*> methods;
  for (const Service* at = &service; at; at = at->base)
    for (const Method& method : at->methods) methods.push_back(&method);
  return methods;
}

class MethodComparison {
 public:
  MethodComparison(const Pair& pair, const Method& before, const Method& now, bool protobuf,
                   const Match& match, Wire& wire)
      : pair_(pair), before_(before), now_(now), protobuf_(protobuf), match_(match), wire_(wire) {}

  void run() {
    compare_entities(pair_, before_, now_);
    if (before_.oneway != now_.oneway)
      pair_.wire("oneway", fmt::format("`{}` is {} now: one side waits for what the other does not send",
                                       now_.name, now_.oneway ? "oneway" : "answered"));
    streams("request", before_.streams_requests, now_.streams_requests);
    streams("reply", before_.streams_replies, now_.streams_replies);
    result();
    arguments();
    exceptions();
    if (before_.idempotent != now_.idempotent)
      pair_.behaviour("idempotent", fmt::format("`{}` {}", now_.name,
                                                now_.idempotent ? "may be sent again now"
                                                                : "may not be sent again any more"));
    if (before_.timeout_ns != now_.timeout_ns)
      pair_.behaviour("timeout", fmt::format("`{}` has another timeout", now_.name));
    if (before_.hedge.attempts != now_.hedge.attempts || before_.hedge.delay_ns != now_.hedge.delay_ns)
      pair_.behaviour("hedge", fmt::format("`{}` is hedged otherwise", now_.name));
  }

 private:
  void streams(std::string_view what, bool before, bool now) {
    if (before != now)
      pair_.wire("stream",
                 fmt::format("the {} of `{}` is {} now", what, now_.name, now ? "a stream" : "one message"));
  }

  void result() {
    if (before_.oneway || now_.oneway) return;
    if (before_.result.kind == Kind::nothing && now_.result.kind == Kind::nothing) return;
    types("result-type", "the result", before_.result, now_.result);
  }

  void types(std::string_view rule, std::string_view what, const Type& before, const Type& now) {
    const std::string message = fmt::format("{} of `{}` is {} now, it was {}", what, now_.name,
                                            name_of(now, protobuf_), name_of(before, protobuf_));
    const std::string why = wire_.difference(before, now, protobuf_);
    if (!why.empty())
      pair_.wire(rule, fmt::format("{}: {}", message, why));
    else if (!match_.same(before, now))
      pair_.source(rule, message);
  }

  void arguments() {
    const std::vector<Field>& old = before_.arguments;
    const std::vector<Field>& arguments = now_.arguments;
    bool reordered = old.size() != arguments.size();
    for (std::size_t at = 0; at < old.size(); ++at) {
      const Field* found = nullptr;
      for (const Field& argument : arguments)
        if (argument.id == old[at].id) found = &argument;
      if (!found) continue;
      types(protobuf_ ? "request-type" : "argument-type",
            protobuf_ ? std::string("the request") : fmt::format("the argument {}", found->id), old[at].type,
            found->type);
      if (at < arguments.size()) reordered |= arguments[at].id != old[at].id;
    }
    if (reordered)
      pair_.source("arguments", fmt::format("`{}` has other arguments, or another order of them", now_.name));
  }

  void exceptions() {
    for (const Field& exception : now_.exceptions) {
      const Field* old = nullptr;
      for (const Field& candidate : before_.exceptions)
        if (candidate.id == exception.id) old = &candidate;
      if (!old)
        pair_.behaviour(
            "exception-added",
            fmt::format("`{}` throws `{}` now: callers of the other version find neither result nor "
                        "exception",
                        now_.name, name_of(exception.type, false)));
      else
        types("exception-type", fmt::format("the exception {}", exception.id), old->type, exception.type);
    }
    for (const Field& exception : before_.exceptions) {
      bool known = false;
      for (const Field& candidate : now_.exceptions) known |= candidate.id == exception.id;
      if (!known)
        pair_.behaviour("exception-removed", fmt::format("`{}` does not throw `{}` any more", now_.name,
                                                         name_of(exception.type, false)));
    }
  }

  const Pair& pair_;
  const Method& before_;
  const Method& now_;
  const bool protobuf_;
  const Match& match_;
  Wire& wire_;
};

}  // namespace

void compare_services(const Pair& pair, const Service& before, const Service& now, const Match& match,
                      Wire& wire) {
  std::map<std::string_view, const Method*> known;
  for (const Method* method : methods_of(now)) known.emplace(method->name, method);
  for (const Method* method : methods_of(before)) {
    // Inherited ones have been compared where they are declared.
    bool inherited = true;
    for (const Method& own : before.methods) inherited &= &own != method;
    if (inherited && match.of(*before.base) == now.base) continue;
    const auto found = known.find(method->name);
    if (found == known.end()) {
      pair.gone(*method).wire("method-removed",
                              fmt::format("the method `{}` is gone, or has another name", method->name));
      continue;
    }
    const Pair part = pair.part(*method, *found->second);
    MethodComparison{part, *method, *found->second, now.module->protobuf, match, wire}.run();
  }
  if ((before.base != nullptr) != (now.base != nullptr) ||
      (before.base && match.of(*before.base) != now.base))
    pair.source("service-base", fmt::format("`{}` extends another service", now.name));
}

}  // namespace weft::gen::check
