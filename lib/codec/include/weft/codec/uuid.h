// Uuid: Thrift's `uuid`, 16 bytes in network order.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

namespace weft {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend bool operator==(const Uuid&, const Uuid&) = default;
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace weft
