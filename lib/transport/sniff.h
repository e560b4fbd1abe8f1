// What a connection's first bytes say about the protocol, for a clear word to peers that speak another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <weft/runtime/bytes.h>

namespace weft::detail {

/// Bytes that tell one protocol from another.
inline constexpr std::size_t sniffed = 4;

/// Whether a connection that begins so speaks HTTP/2, without an upgrade.
bool is_http2(const Bytes& first) noexcept;

/// The name of the protocol whose first four bytes, big endian, are `word`; empty when it may be a frame's
/// length.
std::string_view other_protocol(std::uint32_t word) noexcept;

}  // namespace weft::detail
