// A record such as services send: numbers, texts, a few nested structs, a small map. About 920 bytes encoded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <weft/codec/codec.h>

namespace bench {

struct Sub {
  std::int32_t id = 0;
  std::string name{};
  std::int64_t value = 0;
  bool ok = false;
};

struct Record {
  std::int32_t a = 0;
  std::int64_t b = 0;
  std::int32_t c = 0;
  std::int64_t d = 0;
  bool e = false;
  bool f = false;
  std::string s1{};
  std::string s2{};
  std::string s3{};
  std::int32_t g = 0;
  std::int64_t h = 0;
  std::int64_t k = 0;
  std::string s4{};
  std::string s5{};
  bool m = false;
  std::int32_t n = 0;
  std::vector<std::int64_t> ids{};
  std::vector<Sub> subs{};
  std::map<std::string, std::string> tags{};
  std::int64_t z = 0;
};

/// The same, as views into the bytes.
struct SubView {
  std::int32_t id = 0;
  std::string_view name{};
  std::int64_t value = 0;
  bool ok = false;
};

struct RecordView {
  std::int32_t a = 0;
  std::int64_t b = 0;
  std::int32_t c = 0;
  std::int64_t d = 0;
  bool e = false;
  bool f = false;
  std::string_view s1{};
  std::string_view s2{};
  std::string_view s3{};
  std::int32_t g = 0;
  std::int64_t h = 0;
  std::int64_t k = 0;
  std::string_view s4{};
  std::string_view s5{};
  bool m = false;
  std::int32_t n = 0;
  weft::ListView<std::int64_t> ids{};
  weft::ListView<SubView> subs{};
  weft::MapView<std::string_view, std::string_view> tags{};
  std::int64_t z = 0;
};

/// One with 50 ids, 10 subs and 10 tags; lengths vary a little with the seed.
Record realistic(std::uint64_t seed);

}  // namespace bench

template <>
struct weft::Schema<bench::Sub> {
  using T = bench::Sub;
  static constexpr std::string_view name = "Sub";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("id", &T::id), field<2>("name", &T::name),
                                       field<3>("value", &T::value), field<4>("ok", &T::ok)};
};
template <>
struct weft::Schema<bench::Record> {
  using T = bench::Record;
  static constexpr std::string_view name = "Record";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("a", &T::a),        field<2>("b", &T::b),      field<3>("c", &T::c),
            field<4>("d", &T::d),        field<5>("e", &T::e),      field<6>("f", &T::f),
            field<7>("s1", &T::s1),      field<8>("s2", &T::s2),    field<9>("s3", &T::s3),
            field<10>("g", &T::g),       field<11>("h", &T::h),     field<12>("k", &T::k),
            field<13>("s4", &T::s4),     field<14>("s5", &T::s5),   field<15>("m", &T::m),
            field<16>("n", &T::n),       field<17>("ids", &T::ids), field<18>("subs", &T::subs),
            field<19>("tags", &T::tags), field<20>("z", &T::z)};
};
template <>
struct weft::Schema<bench::SubView> {
  using T = bench::SubView;
  static constexpr std::string_view name = "Sub";
  static constexpr bool borrowed = true;
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("id", &T::id), field<2>("name", &T::name),
                                       field<3>("value", &T::value), field<4>("ok", &T::ok)};
};
template <>
struct weft::Schema<bench::RecordView> {
  using T = bench::RecordView;
  static constexpr std::string_view name = "Record";
  static constexpr bool borrowed = true;
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields =
      Table{field<1>("a", &T::a),        field<2>("b", &T::b),      field<3>("c", &T::c),
            field<4>("d", &T::d),        field<5>("e", &T::e),      field<6>("f", &T::f),
            field<7>("s1", &T::s1),      field<8>("s2", &T::s2),    field<9>("s3", &T::s3),
            field<10>("g", &T::g),       field<11>("h", &T::h),     field<12>("k", &T::k),
            field<13>("s4", &T::s4),     field<14>("s5", &T::s5),   field<15>("m", &T::m),
            field<16>("n", &T::n),       field<17>("ids", &T::ids), field<18>("subs", &T::subs),
            field<19>("tags", &T::tags), field<20>("z", &T::z)};
};
extern template struct weft::compact::Codec<bench::Sub>;
extern template struct weft::compact::Codec<bench::Record>;
extern template struct weft::protobuf::Codec<bench::Sub>;
extern template struct weft::protobuf::Codec<bench::Record>;
extern template struct weft::compact::Codec<bench::SubView>;
extern template struct weft::compact::Codec<bench::RecordView>;
extern template struct weft::protobuf::Codec<bench::SubView>;
extern template struct weft::protobuf::Codec<bench::RecordView>;
