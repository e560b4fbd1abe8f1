// Described types of every kind, written by hand as the generator writes them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <weft/codec/codec.h>

namespace kinds {

enum class Color : std::int32_t { red = 0, green = 1, blue = 5 };

struct Nothing {};

struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
};

struct Scalars {
  bool yes = false;
  std::int8_t i8 = 0;
  std::int16_t i16 = 0;
  std::int32_t i32 = 0;
  std::int64_t i64 = 0;
  double real = 0;
  std::string text{};
  weft::Bytes data{};
  Color color = Color::red;
  weft::Uuid uuid{};
};

struct Optionals {
  std::optional<bool> yes{};
  std::optional<std::int32_t> i32{};
  std::optional<std::string> text{};
  std::optional<Point> point{};
  std::optional<std::vector<std::int32_t>> list{};
};

struct Containers {
  std::vector<bool> bools{};
  std::vector<std::int64_t> longs{};
  std::vector<Point> points{};
  std::vector<std::vector<std::string>> texts{};
  std::set<std::string> names{};
  std::map<std::string, std::int32_t> counts{};
  std::map<bool, bool> truth{};
  std::map<double, std::string, weft::Less> reals{};
  std::map<Point, Color, weft::Less> colors{};
  std::set<std::vector<std::int32_t>, weft::Less> lists{};
  std::vector<double> doubles{};
};

struct Node {
  std::int32_t value = 0;
  weft::Box<Node> next{};
  std::vector<Node> children{};
};

struct Pick {
  struct Number {
    std::int64_t value = 0;
  };
  struct Text {
    std::string value{};
  };
  struct Flag {
    bool value = false;
  };
  struct Spot {
    Point value{};
  };
  struct Again {
    weft::Box<Pick> value{};
  };
  std::variant<std::monostate, Number, Text, Flag, Spot, Again> value{};
};

struct Strict {
  std::int32_t id = 0;
  std::string name{};
  std::string note{};
};

struct MixedIds {  // id: -2, -1, 1, 5, 100, 32767
  std::int32_t first = 0;
  std::int32_t second = 0;
  std::int32_t third = 0;
  std::int32_t fourth = 0;
  bool fifth = false;
  std::int32_t last = 0;
};

struct NotFound {
  std::string key{};
};

}  // namespace kinds

template <>
struct weft::Schema<kinds::Nothing> {
  static constexpr std::string_view name = "Nothing";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{};
};
template <>
struct weft::Schema<kinds::Point> {
  static constexpr std::string_view name = "Point";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = std::tuple{field<1>("x", &kinds::Point::x), field<2>("y", &kinds::Point::y)};
};
template <>
struct weft::Schema<kinds::Scalars> {
  using T = kinds::Scalars;
  static constexpr std::string_view name = "Scalars";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("yes", &T::yes),   field<2>("i8", &T::i8),     field<3>("i16", &T::i16),
            field<4>("i32", &T::i32),   field<5>("i64", &T::i64),   field<6>("real", &T::real),
            field<7>("text", &T::text), field<8>("data", &T::data), field<9>("color", &T::color),
            field<10>("uuid", &T::uuid)};
};
template <>
struct weft::Schema<kinds::Optionals> {
  using T = kinds::Optionals;
  static constexpr std::string_view name = "Optionals";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("yes", &T::yes, Presence::optional), field<2>("i32", &T::i32, Presence::optional),
            field<3>("text", &T::text, Presence::optional), field<4>("point", &T::point, Presence::optional),
            field<5>("list", &T::list, Presence::optional)};
};
template <>
struct weft::Schema<kinds::Containers> {
  using T = kinds::Containers;
  static constexpr std::string_view name = "Containers";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("bools", &T::bools),  field<2>("longs", &T::longs),     field<3>("points", &T::points),
            field<4>("texts", &T::texts),  field<5>("names", &T::names),     field<6>("counts", &T::counts),
            field<7>("truth", &T::truth),  field<8>("reals", &T::reals),     field<9>("colors", &T::colors),
            field<10>("lists", &T::lists), field<11>("doubles", &T::doubles)};
};
template <>
struct weft::Schema<kinds::Node> {
  using T = kinds::Node;
  static constexpr std::string_view name = "Node";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("value", &T::value), field<2>("next", &T::next, Presence::optional),
            field<3>("children", &T::children)};
};
template <>
struct weft::Schema<kinds::Pick> {
  using T = kinds::Pick;
  static constexpr std::string_view name = "Pick";
  static constexpr Shape shape = Shape::union_;
  static constexpr auto fields = Table{alternative<1, T::Number>("number"), alternative<2, T::Text>("text"),
                                       alternative<3, T::Flag>("flag"), alternative<4, T::Spot>("spot"),
                                       alternative<20, T::Again>("again")};
};
template <>
struct weft::Schema<kinds::Strict> {
  using T = kinds::Strict;
  static constexpr std::string_view name = "Strict";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("id", &T::id, Presence::required), field<2>("name", &T::name, Presence::required),
            field<3>("note", &T::note)};
};
template <>
struct weft::Schema<kinds::MixedIds> {
  using T = kinds::MixedIds;
  static constexpr std::string_view name = "MixedIds";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<-2>("first", &T::first),  field<-1>("second", &T::second), field<1>("third", &T::third),
            field<5>("fourth", &T::fourth), field<100>("fifth", &T::fifth),  field<32767>("last", &T::last)};
};
template <>
struct weft::Schema<kinds::NotFound> {
  static constexpr std::string_view name = "NotFound";
  static constexpr Shape shape = Shape::exception;
  static constexpr auto fields = Table{field<1>("key", &kinds::NotFound::key)};
};

extern template struct weft::compact::Codec<kinds::Nothing>;
extern template struct weft::compact::Codec<kinds::Point>;
extern template struct weft::compact::Codec<kinds::Scalars>;
extern template struct weft::compact::Codec<kinds::Optionals>;
extern template struct weft::compact::Codec<kinds::Containers>;
extern template struct weft::compact::Codec<kinds::Node>;
extern template struct weft::compact::Codec<kinds::Pick>;
extern template struct weft::compact::Codec<kinds::Strict>;
extern template struct weft::compact::Codec<kinds::MixedIds>;
extern template struct weft::compact::Codec<kinds::NotFound>;

namespace kinds {

inline bool operator==(const Nothing& a, const Nothing& b) { return weft::equal(a, b); }
inline bool operator==(const Point& a, const Point& b) { return weft::equal(a, b); }
inline bool operator==(const Scalars& a, const Scalars& b) { return weft::equal(a, b); }
inline bool operator==(const Optionals& a, const Optionals& b) { return weft::equal(a, b); }
inline bool operator==(const Containers& a, const Containers& b) { return weft::equal(a, b); }
inline bool operator==(const Node& a, const Node& b) { return weft::equal(a, b); }
inline bool operator==(const Pick& a, const Pick& b) { return weft::equal(a, b); }
inline bool operator==(const Strict& a, const Strict& b) { return weft::equal(a, b); }
inline bool operator==(const MixedIds& a, const MixedIds& b) { return weft::equal(a, b); }
inline bool operator==(const NotFound& a, const NotFound& b) { return weft::equal(a, b); }

}  // namespace kinds
