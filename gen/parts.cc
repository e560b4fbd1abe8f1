#include "parts.h"

#include <algorithm>

namespace weft::gen {

std::vector<Part> parts_of(const Module& module, std::size_t most) {
  std::vector<Part> parts(1);
  std::size_t size = 0;
  const auto part_for = [&](std::size_t count) -> Part& {
    if (most > 0 && size > 0 && size + count > most) {
      parts.emplace_back();
      size = 0;
    }
    size += count;
    return parts.back();
  };
  for (const Struct& structure : module.structs) part_for(1).structs.push_back(&structure);
  for (const Service& service : module.services)
    part_for(std::max<std::size_t>(service.methods.size(), 1)).services.push_back(&service);
  return parts;
}

}  // namespace weft::gen
