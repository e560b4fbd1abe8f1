#include "samples.h"

#include <cstdint>
#include <limits>

namespace interop {

using namespace weft_kitchen;

Every every_sample() {
  return {.yes = true,
          .tiny = -128,
          .small = -32768,
          .medium = std::numeric_limits<std::int32_t>::min(),
          .wide = std::numeric_limits<std::int64_t>::min(),
          .real = -1.5e-300,
          .text = std::string(UTF8),
          .blob = std::string_view("\0\xff binary\0", 10),
          .color = Color::AFTER_NEG,
          .ints = {0, 1, -1, 2147483647},
          .words = {"", "a", "words"},
          .counts = {{"", 0}, {"many", 1LL << 40}},
          .point = {.x = 3, .y = -4},
          .no = true,
          .admin = 1000,
          .bools = {true, false, false, true}};
}

Nest nest_sample() {
  Nest nest;
  nest.cube = {{{1, 2}, {}}, {}, {{3}}};
  nest.deep["x"][-7] = {{{1, {{"p", "q"}, {}}}, {-2, {}}}, {}};
  nest.rows = {{{"origin", {.x = 0, .y = 0}}, {"far", {.x = -1000000, .y = 7}}}, {}};
  nest.points = {{.x = 1, .y = 2}, {.x = 1, .y = -2}};
  nest.by_point[{.x = 5, .y = 6}] = "five six";
  nest.table = {{-1, {{1LL << 60, 0.5}}}, {0, {}}};
  nest.sets = {{1, 2, 3}, {}, {std::numeric_limits<std::int64_t>::min()}};
  nest.truth = {{true, false}, {false, true}};
  nest.rosters = {{"staff", {{"ann", {1, 2}}, {"bob", {}}}}};
  nest.blobs = {weft::Bytes("one"), weft::Bytes(), weft::Bytes(std::string(5000, 'z'))};
  nest.nothings = {{}, {}, {}};
  nest.palette = {{Color::RED, {Color::MAXI, Color::MINI}}, {static_cast<Color>(77), {}}};
  nest.reals = {0.0, -0.0, 1e308, std::numeric_limits<double>::infinity()};
  nest.bytes = {-128, -1, 0, 127};
  nest.bset = {true, false};
  nest.by_real = {{-0.5, "half"}, {2.0, "two"}};
  return nest;
}

Pick pick_sample() {
  Pick inner, outer;
  inner.value = Pick::Many{{Pick{Pick::Number{-1}}, Pick{Pick::Text{"t"}}, Pick{Pick::Flag{true}}}};
  outer.value = Pick::Many{{inner, Pick{Pick::Point{{.x = 1, .y = 2}}}, Pick{Pick::Blob{weft::Bytes("b")}}}};
  return outer;
}

}  // namespace interop
