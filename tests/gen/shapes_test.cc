// What the golden files' odd shapes do when they run: values that hold themselves, boxes, defaults and
// constants.
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

#include <doctest/doctest.h>

#include <weft/codec/compact.h>

#include "awkward.weft.h"
#include "constants.weft.h"
#include "derive.weft.h"
#include "kitchen.weft.h"
#include "recursion.weft.h"

namespace {

/// Through the compact protocol and back.
template <class T>
T travel(const T& value) {
  T result;
  const weft::Status status = weft::compact::decode(weft::compact::encode(value), result);
  CHECK(status.ok());
  return result;
}

template <class T>
void check_travels(const T& value) {
  CHECK(travel(value) == value);
  T copy = value;
  CHECK(copy == value);
  copy = T{};
  CHECK_FALSE(copy == value);
}

}  // namespace

TEST_CASE("values that hold themselves travel, copy and compare, by every way there is") {
  using namespace recursion;
  check_travels(Tree{.value = 1, .kids = {{.value = 2}, {.value = 3, .kids = {{.value = 4}}}}});
  check_travels(Chain{.value = 1, .tail = Chain{.value = 2, .tail = Chain{.value = 3}}});
  check_travels(Linked{.next = Linked{.next = Linked{}}});
  check_travels(Trie{.next = {{"a", {.next = {{"b", {}}}}}}, .spare = {{{"c", {}}}}, .group = {Trie{}}});
  Pong pong{.s = "pong", .pings = {{"p", Ping{.n = 1, .pongs = {{Pong{.s = "inner"}}}}}}};
  check_travels(Ping{.n = 2, .pongs = {{pong, pong}}});
  check_travels(Hub{.spoke = Spoke{.rim = Rim{.hub = Hub{.spoke = {}, .name = "inner"}}, .tyre = Tyre{}},
                    .name = "outer"});
  check_travels(Failure{.cause = Failure{.cause = Failure{}}});
  check_travels(
      Node{.nodes = {Node{.must = Leaf{}}}, .parent = Node{.must = Leaf{.n = 1}}, .must = Leaf{.n = 2}});
}

TEST_CASE("a union holds itself in a box") {
  using recursion::Expression;
  const Expression one{.value = Expression::Number{1}};
  const Expression minus_one{.value = Expression::Negated{one}};
  check_travels(minus_one);
  check_travels(Expression{.value = Expression::Sum{recursion::Sum{.left = one, .right = minus_one}}});
  check_travels(Expression{.value = Expression::Product{{one, minus_one, one}}});
  CHECK_FALSE(minus_one == one);
}

TEST_CASE("a box that is asked for is written when set, and a required one has to come") {
  using namespace recursion;
  CHECK(travel(Node{.must = Leaf{.n = 5}}).leaf == nullptr);
  Node node;
  CHECK_FALSE(weft::compact::decode(weft::compact::encode(Node{}), node).ok());
  const References references;
  CHECK(*references.text == "start");
  CHECK(*references.numbers == std::vector<std::int32_t>{1, 2});
  CHECK(*references.wide == 5);
  CHECK(references.more == nullptr);
  CHECK(references.leaf->n == 7);
  References changed{.text = std::string("other"), .more = {{{"more", references}}}};
  check_travels(changed);
}

TEST_CASE("a default may be made of a struct that holds this one") {
  const recursion::First first;
  REQUIRE(first.seconds.size() == 1);
  CHECK(first.seconds[0].n == 1);
  CHECK(first.second->n == 2);
  CHECK_FALSE(first.second->first);
  CHECK(travel(first) == first);
  CHECK(recursion::Early{}.late.n == 3);
  CHECK(recursion::Early{}.numbers == recursion::NUMBERS());
}

TEST_CASE("defaults are the IDL's") {
  const constants::Defaults defaults;
  CHECK(defaults.n == 42);
  CHECK(defaults.word == "shared");
  CHECK(defaults.point == constants::Point{.x = 4, .y = 4, .label = "none"});
  CHECK(defaults.maybe == constants::ORIGIN());
  CHECK(defaults.primes == constants::PRIMES());
  CHECK(defaults.words == std::vector<std::string>{"p", "shared"});
  CHECK(std::get<constants::Either::Number>(defaults.either.value).value == 5);
  CHECK(defaults.least == std::numeric_limits<std::int64_t>::min());
  CHECK(defaults.level == constants::Level::HIGH);
  CHECK(defaults.other == static_cast<constants::Level>(7));
  CHECK(defaults.blob == weft::Bytes("bytes"));
  CHECK(defaults.levels == std::set{constants::Level::LOW, constants::Level::HIGH});
  CHECK(defaults.lists == std::map<std::string, std::vector<std::string>>{{"a", {"b", "c"}}});
  CHECK(defaults.flag == true);
  CHECK(travel(defaults) == defaults);
}

TEST_CASE("constants are the IDL's") {
  using namespace weft_kitchen;
  static_assert(YES && !NO && TINY == -128 && SHORT == 32767 && HEXED == 0x7fffffff);
  static_assert(WIDE == -9223372036854775807 && D_INT == 3 && D_FRAC == .5 && D_EXP == -1.5E-3 &&
                D_BIG == 1e300);
  static_assert(ESC == "tab\there \"quoted\" back\\slash 's" && SQ == R"(single "double" inside)");
  static_assert(EMPTY.empty() && UTF8 == "héllo 世界 🚀");
  static_assert(FAVE == Color::GREEN && BY_NUMBER == Color::HEX && FROM_SHARED == 42 && ROOT == 1000);
  static_assert(OTHER_FAVE == shared::Color::BLUE && static_cast<int>(OTHER_FAVE) == 200);
  CHECK(PRIMES() == std::vector<std::int32_t>{2, 3, 5, 7, 11});
  CHECK(TAGS() == std::set<std::string>{"a", "b", "c"});
  CHECK(AGES() == std::map<std::string, std::int32_t>{{"ann", 1}, {"bob", 2}, {"cy", 3}});
  CHECK(NESTED().at("x").at(1) == std::vector<std::string>{"p", "q"});
  CHECK(NESTED().at("x").at(2).empty());
  CHECK(NESTED().at("y").empty());
  static_assert(ORIGIN.x == 0 && ORIGIN.y == 0);
  CHECK(PATH() == std::vector<Point>{{.x = 1, .y = 2}, {.x = 3}});
  CHECK(NAMES() == std::map<Color, std::string>{{Color::RED, "red"}, {Color::BLUE, "blue"}});

  CHECK(std::signbit(constants::MINUS_ZERO));
  CHECK(std::isinf(constants::ENDLESS));
  CHECK(constants::SUBNORMAL > 0);
  CHECK(constants::TABLE().at("primes") == constants::PRIMES());
  CHECK(constants::PATH()[2] == constants::ORIGIN());
  CHECK(constants::BY_POINT().at(constants::Point{.x = 1}) == "one");
  CHECK(std::get<constants::Either::Text>(constants::EITHER().value).value == "words");
  CHECK(constants::NEITHER() == constants::Either{});
}

TEST_CASE("numbers that an enum does not know survive") {
  using namespace weft_kitchen;
  const Every every{.color = static_cast<Color>(12345)};
  CHECK(travel(every).color == static_cast<Color>(12345));
  const Nest nest{.palette = {{static_cast<Color>(-77), {static_cast<Color>(78), Color::MINI}}}};
  check_travels(nest);
}

TEST_CASE("keys of every kind find their values, a NaN too") {
  using namespace weft_kitchen;
  Nest nest{.points = {{.x = 1}, {.x = 1}, {.x = 1, .y = 1}}, .by_point = {{{.x = 3}, "three"}}};
  nest.by_real = {{NAN, "not a number"}, {-0.0, "minus"}, {0.0, "plus"}, {NAN, "again"}};
  CHECK(nest.points.size() == 2);
  CHECK(nest.by_real.size() == 3);
  const Nest back = travel(nest);
  CHECK(back.by_point.at({.x = 3}) == "three");
  CHECK(back.by_real.at(NAN) == "not a number");
}

TEST_CASE("names that C++ has taken travel as any other") {
  using namespace awkward::new_::linux_;
  check_travels(Words{.int_ = 1, .class__ = "word"});
  check_travels(Captured{.Point = {.x = 1}, .points = {{.x = 2}}});
  check_travels(value{.value_ = value{}});
}

TEST_CASE("types that derive order and hash are keys of everything") {
  using namespace derive;
  const Version old{.major_number = 1, .minor_number = 9}, young{.major_number = 2};
  CHECK(old < young);
  CHECK(young >= old);
  CHECK((old <=> Version{.major_number = 1, .minor_number = 9}) == std::strong_ordering::equal);
  CHECK(old < Version{.major_number = 1, .minor_number = 9, .side = Side::LEFT});
  std::set<Node> nodes{{.leaf = nullptr, .keys = {Key{Key::Version{young}}}}, {}, {.leaf = Leaf{}}, {}};
  CHECK(nodes.size() == 3);
  CHECK(*nodes.begin() == Node{});
  std::unordered_map<Node, int> counts;
  for (const Node& node : nodes) ++counts[node];
  ++counts[Node{.leaf = Leaf{.node = Node{}}}];
  ++counts[Node{.leaf = Leaf{}}];
  CHECK(counts.size() == 4);
  CHECK(counts[Node{.leaf = Leaf{}}] == 2);
}
