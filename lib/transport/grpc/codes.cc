#include "codes.h"

#include <iterator>

#include <fmt/format.h>

namespace weft::detail::grpc {
namespace {
constexpr std::string_view texts[] = {"0", "1",  "2",  "3",  "4",  "5",  "6",  "7", "8",
                                      "9", "10", "11", "12", "13", "14", "15", "16"};
}

Code code_of(std::string_view status) noexcept {
  for (std::size_t index = 0; index < std::size(texts); ++index)
    if (texts[index] == status) return static_cast<Code>(index);
  return Code::unknown;
}

std::string_view status_text(Code code) noexcept { return texts[static_cast<std::size_t>(code)]; }

Code code_of_http(int status) noexcept {
  switch (status) {
    case 400:
      return Code::internal;
    case 401:
      return Code::unauthenticated;
    case 403:
      return Code::permission_denied;
    case 404:
      return Code::unimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code::unavailable;
  }
  return Code::unknown;
}

Status status_of_reset(http2::ErrorCode code) {
  using enum http2::ErrorCode;
  std::string message = fmt::format("the server reset the stream with {}", name(code));
  switch (code) {
    case refused_stream:
      return unavailable(std::move(message)).with(Fault::peer).with(Reach::never_sent);
    case cancel:
      return weft::cancelled(std::move(message)).with(Fault::peer);
    case enhance_your_calm:
      return resource_exhausted(std::move(message)).with(Fault::peer);
    case inadequate_security:
      return permission_denied(std::move(message)).with(Fault::peer);
    default:
      return internal(std::move(message)).with(Fault::peer);
  }
}

}  // namespace weft::detail::grpc
