// What a connection's first bytes say about the protocol, for a clear word to peers that speak another one.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft::detail {

/// The name of the protocol whose first four bytes, big endian, are `word`; empty when it may be a frame's
/// length.
std::string_view other_protocol(std::uint32_t word) noexcept;

}  // namespace weft::detail
