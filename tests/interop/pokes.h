// Pokes: counts pokes by token for the whole server. Each token has a core that counts it, so nothing is
// shared or locked, and pokes of one connection are counted before its next question is answered.
#pragma once

#include <cstdint>

#include <weft/runtime/task.h>

namespace interop {

weft::Task<void> poke(std::int64_t token);
weft::Task<std::int64_t> pokes(std::int64_t token);

}  // namespace interop
