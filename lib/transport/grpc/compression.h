// Compressing one message, and the other way with a bound. Each message stands alone.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <weft/runtime/bytes.h>
#include <weft/runtime/result.h>
#include <weft/transport/options.h>

namespace weft::detail::grpc {

/// What every message says that this side understands.
inline constexpr std::string_view accepted_encodings = "identity,gzip,deflate";

/// "identity", "gzip", "deflate".
std::string_view name(Compression compression) noexcept;
/// Nothing: unknown.
std::optional<Compression> compression_of(std::string_view name) noexcept;
/// The encodings in a `grpc-accept-encoding`.
struct Accepts {
  bool gzip = false, deflate = false;
  bool has(Compression compression) const noexcept {
    return compression == Compression::gzip ? gzip : compression == Compression::deflate && deflate;
  }
};
Accepts accepts_of(std::string_view list) noexcept;

Bytes compress(Compression compression, const Chain& message);
/// `resource_exhausted` when the message has more than `max` bytes, `internal` when it is broken.
Result<Bytes> decompress(Compression compression, const Bytes& bytes, std::size_t max);

}  // namespace weft::detail::grpc
