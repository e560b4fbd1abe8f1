// Types that own what they hold, and the same as views.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <weft/codec/borrowed.h>
#include <weft/codec/codec.h>

namespace borrowing {

using weft::Box, weft::BoxView, weft::ListView, weft::MapView, weft::SetView;

enum class Color : std::int32_t { red, green };

struct Tree {
  std::string name{};
  std::optional<std::string> note{};
  std::vector<std::string> words{};
  std::vector<std::int64_t> numbers{};
  std::vector<bool> flags{};
  std::vector<double> reals{};
  std::map<std::string, std::int64_t> counts{};
  std::map<std::int32_t, std::vector<Tree>> forest{};
  std::vector<Tree> children{};
  Box<Tree> next{};
  Color color{};
  std::set<std::string> labels{};
};

struct TreeView {
  std::string_view name{};
  std::optional<std::string_view> note{};
  ListView<std::string_view> words{};
  ListView<std::int64_t> numbers{};
  ListView<bool> flags{};
  ListView<double> reals{};
  MapView<std::string_view, std::int64_t> counts{};
  MapView<std::int32_t, ListView<TreeView>> forest{};
  ListView<TreeView> children{};
  BoxView<TreeView> next{};
  Color color{};
  SetView<std::string_view> labels{};
};

/// A Protobuf message, which has neither sets nor maps of lists.
struct Note {
  std::string name{};
  std::vector<std::string> words{};
  std::vector<std::int64_t> numbers{};
  std::vector<double> reals{};
  std::map<std::string, std::string> counts{};
  std::vector<Note> children{};
  Box<Note> next{};
};

struct NoteView {
  std::string_view name{};
  ListView<std::string_view> words{};
  ListView<std::int64_t> numbers{};
  ListView<double> reals{};
  MapView<std::string_view, std::string_view> counts{};
  ListView<NoteView> children{};
  BoxView<NoteView> next{};
};

struct PickView {
  struct Text {
    std::string_view value{};
  };
  struct Numbers {
    ListView<std::int64_t> value{};
  };
  std::variant<std::monostate, Text, Numbers> value;
};

}  // namespace borrowing

#define TREE_FIELDS                                                                                         \
  field<1>("name", &T::name), field<2>("note", &T::note, Presence::optional), field<3>("words", &T::words), \
      field<4>("numbers", &T::numbers), field<5>("flags", &T::flags), field<6>("reals", &T::reals),         \
      field<7>("counts", &T::counts), field<8>("forest", &T::forest), field<9>("children", &T::children),   \
      field<10>("next", &T::next, Presence::optional), field<11>("color", &T::color),                       \
      field<12>("labels", &T::labels)
#define NOTE_FIELDS                                                                                     \
  field<1>("name", &T::name), field<2>("words", &T::words), field<3>("numbers", &T::numbers),           \
      field<4>("reals", &T::reals), field<5>("counts", &T::counts), field<6>("children", &T::children), \
      field<7>("next", &T::next, Presence::optional)

template <>
struct weft::Schema<borrowing::Tree> {
  using T = borrowing::Tree;
  static constexpr std::string_view name = "Tree";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{TREE_FIELDS};
};
template <>
struct weft::Schema<borrowing::TreeView> {
  using T = borrowing::TreeView;
  static constexpr std::string_view name = "Tree";
  static constexpr Shape shape = Shape::structure;
  static constexpr bool borrowed = true;
  static constexpr auto fields = Table{TREE_FIELDS};
};
template <>
struct weft::Schema<borrowing::Note> {
  using T = borrowing::Note;
  static constexpr std::string_view name = "Note";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{NOTE_FIELDS};
};
template <>
struct weft::Schema<borrowing::NoteView> {
  using T = borrowing::NoteView;
  static constexpr std::string_view name = "Note";
  static constexpr Shape shape = Shape::structure;
  static constexpr bool borrowed = true;
  static constexpr auto fields = Table{NOTE_FIELDS};
};
template <>
struct weft::Schema<borrowing::PickView> {
  using T = borrowing::PickView;
  static constexpr std::string_view name = "Pick";
  static constexpr Shape shape = Shape::union_;
  static constexpr bool borrowed = true;
  static constexpr auto fields =
      Table{alternative<1, T::Text>("text"), alternative<2, T::Numbers>("numbers")};
};

#undef TREE_FIELDS
#undef NOTE_FIELDS
