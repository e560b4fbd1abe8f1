// How gRPC puts text and bytes into header fields: percent encoding for messages, base64 for names that end
// in `-bin`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weft::detail::grpc {

/// Whether `percent_encode` would change nothing.
bool is_plain(std::string_view message) noexcept;
std::string percent_encode(std::string_view message);
/// Never fails: broken escapes stay as they are, what is not UTF-8 then is replaced by U+FFFD.
std::string percent_decode(std::string_view text);

/// Without padding, as gRPC sends it.
std::string base64_encode(std::string_view bytes);
/// With padding or without. Nothing: it is no base64.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace weft::detail::grpc
