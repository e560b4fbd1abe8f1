#include "timeout.h"

#include <cstdint>

#include <fmt/format.h>

namespace weft::detail::grpc {
namespace {

struct Unit {
  char letter;
  std::int64_t nanoseconds;
};
/// The finest first.
constexpr Unit units[] = {{'n', 1},
                          {'u', 1'000},
                          {'m', 1'000'000},
                          {'S', 1'000'000'000},
                          {'M', 60'000'000'000},
                          {'H', 3'600'000'000'000}};
constexpr std::size_t digits_max = 8;
constexpr std::int64_t value_max = 99'999'999;

}  // namespace

std::optional<Duration> parse_timeout(std::string_view text) noexcept {
  if (text.size() < 2 || text.size() > digits_max + 1) return {};
  std::int64_t value = 0;
  for (char digit : text.substr(0, text.size() - 1)) {
    if (digit < '0' || digit > '9') return {};
    value = value * 10 + (digit - '0');
  }
  for (Unit unit : units)
    if (unit.letter == text.back()) {
      if (value > INT64_MAX / unit.nanoseconds) return Duration::max();
      return Duration{value * unit.nanoseconds};
    }
  return {};
}

std::string format_timeout(Duration left) {
  std::int64_t nanoseconds = left.count() > 0 ? left.count() : 1;
  for (Unit unit : units) {
    std::int64_t value = nanoseconds / unit.nanoseconds + (nanoseconds % unit.nanoseconds != 0);
    if (value <= value_max) return fmt::format("{}{}", value, unit.letter);
  }
  return fmt::format("{}H", value_max);  // longer than a Duration can be
}

}  // namespace weft::detail::grpc
