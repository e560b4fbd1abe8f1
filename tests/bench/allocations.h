// Counts every allocation of the program that links allocations.cc.
#pragma once

#include <cstdint>

namespace bench {
std::uint64_t allocations() noexcept;
}
