#include "annex.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include <weft/runtime/sleep.h>

#include "pokes.h"

namespace interop {
namespace {

constexpr std::chrono::milliseconds slow_max{5000};
constexpr std::int32_t blob_max = 15 << 20;

/// Signed numbers that overflow here wrap.
std::int64_t wrapping_add(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

}  // namespace

weft::Task<std::string> Annex::ping(std::string msg) { co_return "pong:" + msg; }
weft::Task<void> Annex::poke(std::int64_t token) { return interop::poke(token); }
weft::Task<std::int64_t> Annex::pokes(std::int64_t token) { return interop::pokes(token); }

weft::Task<std::int64_t> Annex::add(std::int64_t a, std::int64_t b) { co_return wrapping_add(a, b); }

weft::Task<Color> Annex::next_color(Color c) {
  static constexpr std::array order{Color::RED, Color::GREEN,     Color::BLUE, Color::HEX,
                                    Color::NEG, Color::AFTER_NEG, Color::MAXI, Color::MINI};
  auto at = std::find(order.begin(), order.end(), c);
  if (at == order.end()) co_return c;
  co_return ++at == order.end() ? order.front() : *at;
}

weft::Task<std::int32_t> Annex::odd_args(std::int32_t a, std::int32_t b, std::int32_t c) {
  auto sum = wrapping_add(std::int64_t{a} * 100 + std::int64_t{b} * 10, c);
  co_return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum));
}

weft::Task<std::int32_t> Annex::may_throw(std::int32_t which) {
  switch (which) {
    case 0:
      co_return 7;
    case 1:
      co_return NotFound{.key = "key", .code = 404};
    case 2:
      co_return Denied{.reason = "because", .quota = {{"left", 0}}};
    case 3: {
      shared::Trouble trouble{.why = "shared"};
      trouble.items.push_back({.label = "one", .at = 1});
      trouble.items.push_back({.label = "two", .at = -2});
      co_return trouble;
    }
    default:
      co_return weft::failed_precondition("not declared in the IDL");
  }
}

weft::Task<void> Annex::void_throw(std::int32_t which) {
  if (which == 0) co_return;
  weft::Status failure = NotFound{.key = "void", .code = -1};
  co_await std::move(failure);
}

weft::Task<std::int64_t> Annex::slow(std::int32_t ms, std::int64_t token) {
  co_await weft::sleep(std::clamp(std::chrono::milliseconds(ms), std::chrono::milliseconds(0), slow_max));
  co_return token;
}

weft::Task<weft::Bytes> Annex::make_blob(std::int32_t n) {
  if (n < 0 || n > blob_max) co_return weft::invalid_argument("a blob has 0 to 15 MiB");
  weft::Buffer blob{static_cast<std::size_t>(n)};
  std::memset(blob.data(), 0x5a, static_cast<std::size_t>(n));
  co_return blob.freeze(static_cast<std::size_t>(n));
}

weft::Task<std::int64_t> Annex::sum(std::vector<std::int64_t> v) {
  std::int64_t total = 0;
  for (std::int64_t number : v) total = wrapping_add(total, number);
  co_return total;
}

}  // namespace interop
