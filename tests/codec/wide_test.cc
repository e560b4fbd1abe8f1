// Types with hundreds of fields and alternatives: they compile, where folds and std::tuple do not (G10).
#include <doctest/doctest.h>

#include <weft/codec/compact.h>

using namespace weft;

namespace {

constexpr std::size_t width = 700;

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
  VariantOf<std::make_index_sequence<300>>::type value;
};

}  // namespace

template <>
struct weft::Schema<Cell> {
  static constexpr std::string_view name = "Cell";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = []<std::size_t... I>(std::index_sequence<I...>) {
    return Table{field<static_cast<std::int32_t>(2 * I + 1)>("value", &Cell::value)...};
  }(std::make_index_sequence<width>{});
};
template <>
struct weft::Schema<WidePick> {
  static constexpr std::string_view name = "WidePick";
  static constexpr Shape shape = Shape::union_;
  static constexpr auto fields = []<std::size_t... I>(std::index_sequence<I...>) {
    return Table{alternative<static_cast<std::int32_t>(I + 1), Held<I>>("held")...};
  }(std::make_index_sequence<300>{});
};

TEST_CASE("a struct of 700 fields is written and read, in any order") {
  const Cell cell{5};
  const Chain bytes = compact::encode(cell);
  CHECK(bytes.size() == 2 * width + 1);
  Cell read;
  CHECK(compact::decode(bytes, read).ok());
  CHECK(equal(read, cell));
  std::int64_t last = 9;
  // Field 1399 alone, and one between the known ids.
  CHECK(compact::decode(compact::encode_arguments(argument<1398>(cell), argument<1399>(last)), read).ok());
  CHECK(read.value == 9);
}

TEST_CASE("a union of 300 alternatives is written and read") {
  WidePick pick, read;
  pick.value.emplace<300>().value = 7;
  CHECK(compact::decode(compact::encode(pick), read).ok());
  CHECK(equal(read, pick));
  CHECK(less(WidePick{}, pick));
}
