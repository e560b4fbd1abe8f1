#include <cmath>
#include <limits>
#include <set>

#include <doctest/doctest.h>

#include <weft/codec/equal.h>

#include "kinds.h"

using namespace weft;
using namespace kinds;

namespace {

/// Each value is less than all behind it.
template <class T>
void in_order(const std::vector<T>& values) {
  for (std::size_t a = 0; a < values.size(); ++a)
    for (std::size_t b = 0; b < values.size(); ++b) {
      CAPTURE(a);
      CAPTURE(b);
      CHECK(less<T>(values[a], values[b]) == (a < b));
    }
}

}  // namespace

TEST_CASE("doubles are totally ordered, NaN and the zeros included") {
  constexpr double inf = std::numeric_limits<double>::infinity();
  in_order<double>(
      {std::copysign(NAN, -1), -inf, -1, -5e-324, -0.0, 0.0, 5e-324, 1, inf, std::copysign(NAN, 1)});
  std::set<double, Less> set{NAN, 1, NAN, -0.0, 0.0};
  CHECK(set.size() == 4);
}

TEST_CASE("structs are ordered by their fields, in the order of ids") {
  in_order<Point>({{-1, 5}, {1, 2}, {1, 3}, {2, 0}});
  in_order<Optionals>({{},
                       {.list = std::vector<std::int32_t>{}},
                       {.list = std::vector<std::int32_t>{1}},
                       {.list = std::vector<std::int32_t>{1, 0}},
                       {.list = std::vector<std::int32_t>{2}},
                       {.i32 = -1},
                       {.yes = false},
                       {.yes = true}});
  in_order<Node>({{}, {.children = {{}}}, {.next = Node{}}, {.next = Node{.next = Node{}}}, {.value = 1}});
}

TEST_CASE("unions are ordered by alternative, then by value") {
  in_order<Pick>({Pick{}, Pick{Pick::Number{-1}}, Pick{Pick::Number{1}}, Pick{Pick::Text{""}},
                  Pick{Pick::Flag{false}}, Pick{Pick::Flag{true}}, Pick{Pick::Spot{{1, 1}}},
                  Pick{Pick::Again{}}, Pick{Pick::Again{Pick{}}}});
}

TEST_CASE("containers are ordered element by element, the shorter first") {
  in_order<std::vector<bool>>({{}, {false}, {false, true}, {true}});
  in_order<std::map<std::string, Point>>({{}, {{"a", {1, 1}}}, {{"a", {1, 2}}}, {{"b", {0, 0}}}});
  in_order<std::set<std::vector<std::int32_t>, Less>>({{{}}, {{}, {1}}, {{1}}});
}

TEST_CASE("equal compares doubles as == does") {
  Scalars a{.real = 0.0}, b{.real = -0.0};
  CHECK(equal(a, b));
  a.real = b.real = NAN;
  CHECK(!equal(a, b));
}

TEST_CASE("equal tells unset from set, and alternatives apart") {
  CHECK(!equal(Optionals{}, Optionals{.i32 = 0}));
  CHECK(equal(Optionals{.i32 = 0}, Optionals{.i32 = 0}));
  CHECK(!equal(Pick{}, Pick{Pick::Number{0}}));
  CHECK(!equal(Pick{Pick::Number{0}}, Pick{Pick::Number{1}}));
  CHECK(equal(Pick{Pick::Again{Pick{Pick::Text{"a"}}}}, Pick{Pick::Again{Pick{Pick::Text{"a"}}}}));
}
