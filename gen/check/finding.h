// Finding: one thing in which two versions of the IDL differ, and whom that breaks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../model.h"

namespace weft::gen::check {

/// Whom a change reaches, the worst first.
enum class Level : std::uint8_t {
  wire,       ///< peers of the other version, and what was stored
  source,     ///< those who compile against the generated code
  behaviour,  ///< programs that go on to compile and to talk, but mean something else
};
inline constexpr std::string_view level_names[] = {"wire", "source", "behaviour"};

struct Finding {
  std::string_view rule;  ///< "field-type": stable, for tools
  Level level = Level::wire;
  bool breaking = true;  ///< else a warning
  std::string subject;   ///< "Shop.Order.total": what changed
  std::string message;
  Place now;  ///< the thing, or where it should be
  Place before;
};

using Findings = std::vector<Finding>;

}  // namespace weft::gen::check
