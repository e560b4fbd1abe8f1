#include "target.h"

#include <fmt/format.h>

namespace weft::detail {

Result<Target> Target::parse(std::string_view text) {
  struct Scheme {
    std::string_view name;
    bool tls;
    Protocol protocol;
  };
  constexpr Scheme schemes[] = {
      {"thrift://", false, Protocol::thrift},
      {"thrifts://", true, Protocol::thrift},
      {"grpc://", false, Protocol::grpc},
      {"grpcs://", true, Protocol::grpc},
  };
  for (const Scheme& scheme : schemes)
    if (text.starts_with(scheme.name))
      return Target{std::string(text.substr(scheme.name.size())), scheme.tls, scheme.protocol};
  if (text.find("://") != text.npos)
    return invalid_argument(
        fmt::format("address '{}': its scheme is none of thrift, thrifts, grpc, grpcs", text));
  return Target{std::string(text), false, std::nullopt};
}

}  // namespace weft::detail
