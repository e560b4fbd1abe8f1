#include "pokes.h"

#include <unordered_map>

#include <weft/runtime/cores.h>

namespace interop {
namespace {

thread_local std::unordered_map<std::int64_t, std::int64_t> counts;

unsigned core_of(std::int64_t token) {
  return static_cast<unsigned>(static_cast<std::uint64_t>(token) % weft::core_count());
}

weft::Task<void> count(std::int64_t token) {
  ++counts[token];
  co_return;
}

weft::Task<std::int64_t> look(std::int64_t token) {
  auto found = counts.find(token);
  co_return found == counts.end() ? 0 : found->second;
}

}  // namespace

weft::Task<void> poke(std::int64_t token) { return weft::on(core_of(token), &count, token); }

weft::Task<std::int64_t> pokes(std::int64_t token) { return weft::on(core_of(token), &look, token); }

}  // namespace interop
