// Parts: how the source of a large module is cut into several, which build side by side.
#pragma once

#include <cstddef>
#include <vector>

#include "model.h"

namespace weft::gen {

struct Part {
  std::vector<const Struct*> structs;
  std::vector<const Service*> services;
};

/// At least one; the first has the constants, too. A part has at most `most` structs and methods, 0 for any
/// number, but a service stays in one piece.
std::vector<Part> parts_of(const Module& module, std::size_t most);

}  // namespace weft::gen
