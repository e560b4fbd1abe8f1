// Described Protobuf messages of every kind, written by hand as the generator writes them: wire3.proto and
// wire2.proto.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <weft/codec/codec.h>

namespace messages {

enum class Color : std::int32_t { red = 0, green = 1, blue = 5 };

struct Nothing {};

struct Point {
  std::int32_t x = 0;
  std::int32_t y = 0;
};

struct Scalars {
  double real = 0;
  float single = 0;
  std::int32_t i32 = 0;
  std::int64_t i64 = 0;
  std::uint32_t u32 = 0;
  std::uint64_t u64 = 0;
  std::int32_t s32 = 0;
  std::int64_t s64 = 0;
  std::uint32_t f32 = 0;
  std::uint64_t f64 = 0;
  std::int32_t sf32 = 0;
  std::int64_t sf64 = 0;
  bool yes = false;
  std::string text{};
  weft::Bytes data{};
  Color color{};
};

struct Optionals {
  std::optional<std::int32_t> i32{};
  std::optional<bool> yes{};
  std::optional<std::string> text{};
  std::optional<std::uint64_t> f64{};
  std::optional<Color> color{};
  std::optional<weft::Bytes> data{};
  std::optional<Point> point{};
};

struct Repeated {
  std::vector<std::int32_t> i32{};
  std::vector<std::int64_t> s64{};
  std::vector<std::uint32_t> f32{};
  std::vector<double> real{};
  std::vector<bool> yes{};
  std::vector<Color> color{};
  std::vector<std::uint64_t> apart{};
  std::vector<std::string> text{};
  std::vector<weft::Bytes> data{};
  std::vector<Point> point{};
  std::vector<float> single{};
  std::vector<Nothing> nothing{};
};

struct Maps {
  std::map<std::string, std::int32_t> counts{};
  std::map<std::int64_t, weft::Bytes> blobs{};
  std::map<bool, Color> colors{};
  std::map<std::uint32_t, Point> points{};
  std::map<std::uint64_t, double> reals{};
  std::map<std::int32_t, std::int64_t> fixed{};
  std::map<std::string, Maps> maps{};
};

struct Choice_Pick;
struct Choice;

struct Choice_Pick {
  struct Number {
    std::int64_t value = 0;
  };
  struct Text {
    std::string value{};
  };
  struct Spot {
    Point value{};
  };
  struct Again {
    weft::Box<Choice> value;
  };
  struct Zigzag {
    std::int32_t value = 0;
  };
  struct Flag {
    bool value = false;
  };
  std::variant<std::monostate, Number, Text, Spot, Again, Zigzag, Flag> value;
};

struct Choice_Other {
  struct Data {
    weft::Bytes value{};
  };
  struct Hue {
    Color value{};
  };
  std::variant<std::monostate, Data, Hue> value;
};

struct Choice {
  using Pick = Choice_Pick;
  using Other = Choice_Other;
  std::int32_t before = 0;
  Pick pick{};
  std::string between{};
  Other other{};
};

struct Node {
  std::int32_t value = 0;
  weft::Box<Node> next{};
  std::vector<Node> children{};
};

enum class Shade : std::int32_t { dark = 3, light = 1, negative = -1 };

enum class Tone : std::int32_t { mute = 0, loud = 2 };

struct Part {
  std::vector<std::int32_t> sizes{};
};

struct Item {
  std::optional<std::string> name{};
  Shade shade = Shade::dark;
  std::optional<Part> part{};
};

struct Inner {
  std::optional<std::int32_t> x{};
};

struct Old_Pick {
  struct Held {
    Shade value = Shade::dark;
  };
  struct Group {
    Inner value{};
  };
  std::variant<std::monostate, Held, Group> value;
};

struct Old {
  std::int32_t id = 0;
  std::optional<std::string> name{};
  std::vector<std::int32_t> numbers{};
  std::optional<Shade> shade{};
  std::vector<Shade> shades{};
  std::vector<Shade> packed{};
  std::vector<Item> item{};
  std::map<std::int32_t, Tone> by_number{};
  Old_Pick pick{};
  std::string unknown_fields{};
};

}  // namespace messages

template <>
struct weft::Schema<messages::Nothing> {
  static constexpr std::string_view name = "Nothing";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{};
};
template <>
struct weft::Schema<messages::Point> {
  using T = messages::Point;
  static constexpr std::string_view name = "Point";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("x", &T::x), field<2>("y", &T::y, Coding::zigzag)};
};
template <>
struct weft::Schema<messages::Scalars> {
  using T = messages::Scalars;
  static constexpr std::string_view name = "Scalars";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{
      field<1>("real", &T::real),
      field<2>("single", &T::single),
      field<3>("i32", &T::i32),
      field<4>("i64", &T::i64),
      field<5>("u32", &T::u32),
      field<6>("u64", &T::u64),
      field<7>("s32", &T::s32, Coding::zigzag),
      field<8>("s64", &T::s64, Coding::zigzag),
      field<9>("f32", &T::f32, Coding::fixed),
      field<10>("f64", &T::f64, Coding::fixed),
      field<11>("sf32", &T::sf32, Coding::fixed),
      field<12>("sf64", &T::sf64, Coding::fixed),
      field<13>("yes", &T::yes),
      field<14>("text", &T::text),
      field<15>("data", &T::data),
      field<16>("color", &T::color),
  };
};
template <>
struct weft::Schema<messages::Optionals> {
  using T = messages::Optionals;
  static constexpr std::string_view name = "Optionals";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{
      field<1>("i32", &T::i32, Presence::optional),
      field<2>("yes", &T::yes, Presence::optional),
      field<3>("text", &T::text, Presence::optional),
      field<4>("f64", &T::f64, Presence::optional, Coding::fixed),
      field<2047>("color", &T::color, Presence::optional),
      field<2048>("data", &T::data, Presence::optional),
      field<536870911>("point", &T::point, Presence::optional),
  };
};
template <>
struct weft::Schema<messages::Repeated> {
  using T = messages::Repeated;
  static constexpr std::string_view name = "Repeated";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{
      field<1>("i32", &T::i32),
      field<2>("s64", &T::s64, Coding::zigzag),
      field<3>("f32", &T::f32, Coding::fixed),
      field<4>("real", &T::real),
      field<5>("yes", &T::yes),
      field<6>("color", &T::color),
      field<7>("apart", &T::apart, Coding::unpacked),
      field<8>("text", &T::text),
      field<9>("data", &T::data),
      field<10>("point", &T::point),
      field<11>("single", &T::single),
      field<12>("nothing", &T::nothing),
  };
};
template <>
struct weft::Schema<messages::Maps> {
  using T = messages::Maps;
  static constexpr std::string_view name = "Maps";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{
      field<1>("counts", &T::counts), field<2>("blobs", &T::blobs, Coding::zigzag_keys),
      field<3>("colors", &T::colors), field<4>("points", &T::points, Coding::fixed_keys),
      field<5>("reals", &T::reals),   field<6>("fixed", &T::fixed, Coding::fixed),
      field<7>("maps", &T::maps),
  };
};
template <>
struct weft::Schema<messages::Choice_Pick> {
  using T = messages::Choice_Pick;
  static constexpr std::string_view name = "pick";
  static constexpr Shape shape = Shape::union_;
  static constexpr auto fields = Table{
      alternative<2, T::Number>("number"),
      alternative<4, T::Text>("text"),
      alternative<5, T::Spot>("point"),
      alternative<6, T::Again>("again"),
      alternative<8, T::Zigzag>("zigzag", Coding::zigzag),
      alternative<1000, T::Flag>("flag"),
  };
};
template <>
struct weft::Schema<messages::Choice_Other> {
  using T = messages::Choice_Other;
  static constexpr std::string_view name = "other";
  static constexpr Shape shape = Shape::union_;
  static constexpr auto fields = Table{alternative<7, T::Data>("data"), alternative<9, T::Hue>("color")};
};
template <>
struct weft::Schema<messages::Choice> {
  using T = messages::Choice;
  static constexpr std::string_view name = "Choice";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("before", &T::before), oneof("pick", &T::pick),
                                       field<3>("between", &T::between), oneof("other", &T::other)};
};
template <>
struct weft::Schema<messages::Node> {
  using T = messages::Node;
  static constexpr std::string_view name = "Node";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("value", &T::value), field<2>("next", &T::next, Presence::optional),
            field<3>("children", &T::children)};
};
template <>
struct weft::ClosedEnum<messages::Shade> {
  static constexpr auto values = std::array<std::int32_t, 3>{3, 1, -1};
};
template <>
struct weft::ClosedEnum<messages::Tone> {
  static constexpr auto values = std::array<std::int32_t, 2>{0, 2};
};
template <>
struct weft::Schema<messages::Part> {
  using T = messages::Part;
  static constexpr std::string_view name = "Part";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("sizes", &T::sizes, Coding::zigzag)};
};
template <>
struct weft::Schema<messages::Item> {
  using T = messages::Item;
  static constexpr std::string_view name = "Item";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{
      field<1>("name", &T::name, Presence::optional, Coding::unchecked),
      field<2>("shade", &T::shade, Presence::required),
      field<3>("part", &T::part, Presence::optional, Coding::group),
  };
};
template <>
struct weft::Schema<messages::Inner> {
  using T = messages::Inner;
  static constexpr std::string_view name = "Inner";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("x", &T::x, Presence::optional)};
};
template <>
struct weft::Schema<messages::Old_Pick> {
  using T = messages::Old_Pick;
  static constexpr std::string_view name = "pick";
  static constexpr Shape shape = Shape::union_;
  static constexpr auto fields =
      Table{alternative<9, T::Held>("held"), alternative<10, T::Group>("inner", Coding::group)};
};
template <>
struct weft::Schema<messages::Old> {
  using T = messages::Old;
  static constexpr std::string_view name = "Old";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto unknown = &T::unknown_fields;
  static constexpr auto fields = Table{
      field<1>("id", &T::id, Presence::required),
      field<2>("name", &T::name, Presence::optional, Coding::unchecked),
      field<3>("numbers", &T::numbers, Coding::unpacked),
      field<4>("shade", &T::shade, Presence::optional),
      field<5>("shades", &T::shades, Coding::unpacked),
      field<6>("packed", &T::packed),
      field<7>("item", &T::item, Coding::group),
      field<8>("by_number", &T::by_number),
      oneof("pick", &T::pick),
  };
};

extern template struct weft::protobuf::Codec<messages::Nothing>;
extern template struct weft::protobuf::Codec<messages::Point>;
extern template struct weft::protobuf::Codec<messages::Scalars>;
extern template struct weft::protobuf::Codec<messages::Optionals>;
extern template struct weft::protobuf::Codec<messages::Repeated>;
extern template struct weft::protobuf::Codec<messages::Maps>;
extern template struct weft::protobuf::Codec<messages::Choice>;
extern template struct weft::protobuf::Codec<messages::Node>;
extern template struct weft::protobuf::Codec<messages::Part>;
extern template struct weft::protobuf::Codec<messages::Item>;
extern template struct weft::protobuf::Codec<messages::Inner>;
extern template struct weft::protobuf::Codec<messages::Old>;

namespace messages {

template <weft::Described T>
bool operator==(const T& a, const T& b) {
  return weft::equal(a, b);
}

}  // namespace messages
