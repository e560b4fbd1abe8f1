// Target: an address as users write it: "host:port" or "unix:/path", with a scheme before it or without.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <weft/middleware/call.h>
#include <weft/runtime/result.h>

namespace weft::detail {

struct Target {
  std::string address;               ///< without the scheme
  bool tls = false;                  ///< "thrifts://", "grpcs://"
  std::optional<Protocol> protocol;  ///< of the scheme; none: there is no scheme

  /// `invalid_argument`: a scheme that is not known. What follows it is not looked at.
  static Result<Target> parse(std::string_view text);
};

}  // namespace weft::detail
