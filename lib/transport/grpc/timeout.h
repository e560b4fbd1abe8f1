// The value of `grpc-timeout`: at most eight digits and a unit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <weft/runtime/clock.h>

namespace weft::detail::grpc {

/// Nothing: malformed. What is too long for the clock is `Duration::max()`.
std::optional<Duration> parse_timeout(std::string_view text) noexcept;
/// Of what is left of a deadline: rounded up, in the finest unit that has room, never zero.
std::string format_timeout(Duration left);

}  // namespace weft::detail::grpc
