// Types with hundreds of fields and alternatives compile, where folds and std::tuple do not (G10).
#include <doctest/doctest.h>

#include <weft/codec/compact.h>

using namespace weft;

namespace wide {

constexpr std::size_t width = 400;

/// One member serves as all fields.
struct Cell {
  std::int64_t value = 0;
};

template <std::size_t I>
struct Held {
  std::int32_t value = 0;
};
template <class Indices>
struct VariantOf;
template <std::size_t... I>
struct VariantOf<std::index_sequence<I...>> {
  using type = std::variant<std::monostate, Held<I>...>;
};
struct WidePick {
  VariantOf<std::make_index_sequence<60>>::type value;
};

}  // namespace wide

template <>
struct weft::Schema<wide::Cell> {
  static constexpr std::string_view name = "Cell";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = []<std::size_t... I>(std::index_sequence<I...>) {
    return Table{field<static_cast<std::int32_t>(2 * I + 1)>("value", &wide::Cell::value)...};
  }(std::make_index_sequence<wide::width>{});
};
template <>
struct weft::Schema<wide::WidePick> {
  static constexpr std::string_view name = "WidePick";
  static constexpr Shape shape = Shape::union_;
  static constexpr auto fields = []<std::size_t... I>(std::index_sequence<I...>) {
    return Table{alternative<static_cast<std::int32_t>(I + 1), wide::Held<I>>("held")...};
  }(std::make_index_sequence<60>{});
};

using namespace wide;

TEST_CASE("a struct of 400 fields is written and read, in any order") {
  const Cell cell{5};
  const Chain bytes = compact::encode(cell);
  CHECK(bytes.size() == 2 * width + 1);
  Cell read;
  CHECK(compact::decode(bytes, read).ok());
  CHECK(equal(read, cell));
  std::int64_t last = 9;
  // Field 799 alone, and one between the known ids.
  CHECK(compact::decode(compact::encode_arguments(argument<798>(cell), argument<799>(last)), read).ok());
  CHECK(read.value == 9);
}

TEST_CASE("a union of 60 alternatives is written and read") {
  WidePick pick, read;
  pick.value.emplace<60>().value = 7;
  CHECK(compact::decode(compact::encode(pick), read).ok());
  CHECK(equal(read, pick));
  CHECK(less(WidePick{}, pick));
}
