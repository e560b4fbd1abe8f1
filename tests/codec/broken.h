// broken: a message with some bytes changed, inserted or cut off.
#pragma once

#include <string>

#include "random.h"

inline std::string broken(std::string bytes, weft::Random& random) {
  for (std::uint64_t hits = 1 + random.below(4); hits > 0 && !bytes.empty(); --hits) {
    const std::size_t place = random.below(bytes.size());
    switch (random.below(3)) {
      case 0:
        bytes[place] = static_cast<char>(random.bits());
        break;
      case 1:
        bytes.insert(place, 1, static_cast<char>(random.bits()));
        break;
      default:
        bytes.resize(place);
    }
  }
  return bytes;
}
