// Members of other types than the usual ones travel as those do.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <weft/codec/compact.h>
#include <weft/codec/flat_map.h>
#include <weft/codec/hash.h>
#include <weft/codec/protobuf.h>
#include <weft/codec/shared.h>
#include <weft/codec/unordered.h>

#include "hex.h"

using namespace weft;

namespace member_types {

struct Part {
  std::string text{};
  std::int32_t number = 0;
  bool operator==(const Part& other) const { return equal(*this, other); }
};

struct Usual {
  std::map<std::string, std::int32_t> counts{};
  std::map<std::int32_t, Part> parts{};
  Box<Part> large{};
  std::map<std::string, std::string> words{};
  bool operator==(const Usual& other) const { return equal(*this, other); }
};

struct Flat {
  FlatMap<std::string, std::int32_t> counts{};
  FlatMap<std::int32_t, Part> parts{};
  Shared<Part> large{};
  FlatMap<std::string, std::string> words{};
  bool operator==(const Flat& other) const { return equal(*this, other); }
};

struct Hashed {
  std::unordered_map<std::string, std::int32_t> counts{};
  std::unordered_map<std::int32_t, Part> parts{};
  Shared<Part> large{};
  std::unordered_map<std::string, std::string> words{};
  bool operator==(const Hashed& other) const { return equal(*this, other); }
};

struct Sets {
  std::set<std::string> words{};
};
struct HashedSets {
  std::unordered_set<std::string> words{};
};

}  // namespace member_types

using namespace member_types;

template <>
struct weft::Schema<Part> {
  static constexpr std::string_view name = "Part";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("text", &Part::text), field<2>("number", &Part::number)};
};

#define WEFT_TEST_SCHEMA(T)                                                                    \
  template <>                                                                                  \
  struct weft::Schema<T> {                                                                     \
    static constexpr std::string_view name = #T;                                               \
    static constexpr Shape shape = Shape::structure;                                           \
    static constexpr auto fields =                                                             \
        Table{field<1>("counts", &T::counts), field<2>("parts", &T::parts),                    \
              field<3>("large", &T::large, Presence::optional), field<4>("words", &T::words)}; \
  }
WEFT_TEST_SCHEMA(Usual);
WEFT_TEST_SCHEMA(Flat);
WEFT_TEST_SCHEMA(Hashed);

template <>
struct weft::Schema<Sets> {
  static constexpr std::string_view name = "Sets";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("words", &Sets::words)};
};
template <>
struct weft::Schema<HashedSets> {
  static constexpr std::string_view name = "HashedSets";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("words", &HashedSets::words)};
};

namespace {

const Usual usual{.counts = {{"a", 1}, {"b", 2}, {"c", 300}},
                  .parts = {{-1, {"x", 5}}, {7, {}}},
                  .large = Part{"large", 1},
                  .words = {{"k", "v"}, {"l", ""}}};

template <class T>
T as() {
  T value;
  for (const auto& [key, mapped] : usual.counts) value.counts.insert(value.counts.end(), {key, mapped});
  for (const auto& [key, mapped] : usual.parts) value.parts.insert(value.parts.end(), {key, mapped});
  for (const auto& [key, mapped] : usual.words) value.words.insert(value.words.end(), {key, mapped});
  value.large = *usual.large;
  return value;
}

template <class T>
void travels_as_usual(bool ordered) {
  const T value = as<T>();
  {
    const Chain bytes = compact::encode(value);
    if (ordered) CHECK(to_hex(bytes) == to_hex(compact::encode(usual)));
    CHECK(*compact::decode<Usual>(bytes) == usual);
    CHECK(*compact::decode<T>(compact::encode(usual)) == value);
    CHECK(*compact::decode<T>(compact::encode(T{})) == T{});
  }
  const Chain bytes = protobuf::encode(value);
  if (ordered) CHECK(to_hex(bytes) == to_hex(protobuf::encode(usual)));
  CHECK(*protobuf::decode<Usual>(bytes) == usual);
  CHECK(*protobuf::decode<T>(protobuf::encode(usual)) == value);
  CHECK(*protobuf::decode<T>(protobuf::encode(T{})) == T{});
}

}  // namespace

TEST_CASE("flat maps and shared parts travel as maps and boxes do, in their order") {
  travels_as_usual<Flat>(true);
}

TEST_CASE("unordered maps travel as maps do") { travels_as_usual<Hashed>(false); }

TEST_CASE("unordered sets travel as sets do") {
  const Sets sets{{"a", "b", "c"}};
  CHECK(compact::decode<HashedSets>(compact::encode(sets))->words ==
        std::unordered_set<std::string>{"a", "b", "c"});
  CHECK(compact::decode<Sets>(compact::encode(HashedSets{{"c", "b", "a"}}))->words == sets.words);
}

TEST_CASE("of a key that comes twice an unordered map keeps the last, a flat map both") {
  const Flat twice{
      .counts = {{"a", 1}, {"a", 2}}, .parts = {}, .large = {}, .words = {{"w", "x"}, {"w", "y"}}};
  for (const bool thrift : {true, false}) {
    const Chain bytes = thrift ? compact::encode(twice) : protobuf::encode(twice);
    const Hashed hashed = thrift ? *compact::decode<Hashed>(bytes) : *protobuf::decode<Hashed>(bytes);
    CHECK(hashed.counts == std::unordered_map<std::string, std::int32_t>{{"a", 2}});
    CHECK(hashed.words == std::unordered_map<std::string, std::string>{{"w", "y"}});
    CHECK((thrift ? *compact::decode<Flat>(bytes) : *protobuf::decode<Flat>(bytes)) == twice);
  }
  CHECK(twice.counts.find("a")->second == 1);
  CHECK(!twice.counts.contains("b"));
}

TEST_CASE("unordered containers are equal whatever order they were filled in, and less sorts them") {
  Hashed a, b;
  for (std::int32_t at = 0; at < 100; ++at) {
    a.parts[at] = {"x", at};
    b.parts[99 - at] = {"x", 99 - at};
  }
  b.parts.rehash(1000);
  CHECK(a == b);
  CHECK(hash(a) == hash(b));
  CHECK(!less(a, b));
  CHECK(!less(b, a));
  b.parts[50].number = 51;
  CHECK(!(a == b));
  CHECK(hash(a) != hash(b));
  CHECK(less(a, b));
  CHECK(!less(b, a));
  b = a;
  b.parts.erase(99);
  CHECK(!(a == b));
  CHECK(less(b, a));
}

TEST_CASE("copies of a shared part are one until one of them is changed") {
  Shared<Part> first = Part{"a", 1};
  Shared<Part> second = first;
  CHECK(first.shares(second));
  CHECK(std::as_const(second)->text == "a");
  CHECK(first.shares(second));
  second->text = "b";
  CHECK(!first.shares(second));
  CHECK(std::as_const(first)->text == "a");
  const Part* before = &*std::as_const(second);
  second->text = "c";  // nobody else has it
  CHECK(&*std::as_const(second) == before);
  CHECK(first != second);
  first = second;
  CHECK(first == second);
  first.reset();
  CHECK(first == nullptr);
  CHECK(first != second);
}

TEST_CASE("merging into a shared part leaves the other copies alone") {
  Flat value;
  value.large = Part{"old", 1};
  const Flat copy = value;
  // Protobuf merges messages: only the number comes.
  REQUIRE(protobuf::decode(from_hex("1a 02 10 09"), value).ok());
  CHECK(*std::as_const(value).large == Part{"old", 9});
  CHECK(*copy.large == Part{"old", 1});
}
