// Records: the field tables, put in order of ids, as codecs walk them. A described struct is one, a union is
// one, and the arguments or the result of a call are one without a name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/codec/schema.h>

namespace weft {

/// A value and the id under which it travels among the arguments, or in the result, of a call.
template <std::int32_t Id, class T>
struct Argument {
  static constexpr std::int32_t id = Id;
  using type = T;

  T& value;
};

template <std::int32_t Id, class T>
constexpr Argument<Id, T> argument(T& value) noexcept {
  return {value};
}

namespace detail {

/// The positions of `ids` in rising order of ids.
template <std::size_t N>
consteval std::array<std::size_t, N> order_of(const std::array<std::int32_t, N>& ids) {
  std::array<std::size_t, N> order{};
  for (std::size_t index = 0; index < N; ++index) {
    std::size_t place = index;
    for (; place > 0 && ids[order[place - 1]] > ids[index]; --place) order[place] = order[place - 1];
    order[place] = index;
  }
  return order;
}

template <std::size_t N>
consteval std::array<std::int32_t, N> sorted(const std::array<std::int32_t, N>& ids) {
  std::array<std::int32_t, N> result{};
  const auto order = order_of(ids);
  for (std::size_t index = 0; index < N; ++index) result[index] = ids[order[index]];
  return result;
}

template <class T>
inline constexpr auto& table_of = Schema<std::remove_const_t<T>>::fields;

template <class T, std::size_t I>
using EntryOf = std::remove_cvref_t<decltype(entry<I>(table_of<T>))>;

/// The slot of `id`, or the number of slots. Ids without gaps, the usual case, need no search.
template <std::size_t N>
constexpr std::size_t find_slot(const std::array<std::int32_t, N>& ids, std::int32_t id) noexcept {
  if constexpr (N == 0) {
    return 0;
  } else {
    if (id < ids.front() || id > ids.back()) return N;
    if (ids.back() - ids.front() == static_cast<std::int32_t>(N - 1))
      return static_cast<std::size_t>(id - ids.front());
    std::size_t low = 0, high = N;
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (ids[middle] < id)
        low = middle + 1;
      else
        high = middle;
    }
    return ids[low] == id ? low : N;
  }
}

}  // namespace detail

// What the records below have in common:
//
//   size, ids            number of slots, and their ids in rising order
//   type<I>, presence<I> of the slot's value
//   get<I>()             the value
//   place<I>()           the value, to be read into
//   name<I>(), name()    for messages

/// T is a described struct or exception, const to be written.
template <class T>
class StructRecord {
  static constexpr auto declared = detail::ids_of(&detail::table_of<T>);
  static constexpr auto order = detail::order_of(declared);

 public:
  static constexpr std::size_t size = declared.size();
  static constexpr auto ids = detail::sorted(declared);
  template <std::size_t I>
  using type = typename detail::EntryOf<T, order[I]>::member_type;
  template <std::size_t I>
  static constexpr Presence presence = detail::entry<order[I]>(detail::table_of<T>).presence;

  explicit StructRecord(T& value) noexcept : value_(value) {}
  template <std::size_t I>
  auto& get() const noexcept {
    return value_.*detail::entry<order[I]>(detail::table_of<T>).member;
  }
  template <std::size_t I>
  auto& place() const noexcept {
    return get<I>();
  }
  template <std::size_t I>
  static constexpr std::string_view name() noexcept {
    return detail::entry<order[I]>(detail::table_of<T>).name;
  }
  static constexpr std::string_view name() noexcept { return Schema<std::remove_const_t<T>>::name; }

 private:
  T& value_;
};

/// T is a described union. Reading an alternative makes it the one that is held: of two, the last wins.
template <class T>
class UnionRecord {
  static constexpr auto declared = detail::ids_of(&detail::table_of<T>);
  static constexpr auto order = detail::order_of(declared);
  template <std::size_t I>
  using held = typename detail::EntryOf<T, order[I]>::type;

 public:
  static constexpr std::size_t size = declared.size();
  static constexpr auto ids = detail::sorted(declared);
  template <std::size_t I>
  using type = decltype(held<I>::value);
  template <std::size_t I>
  static constexpr Presence presence = Presence::optional;

  explicit UnionRecord(T& value) noexcept : value_(value) {}
  template <std::size_t I>
  auto* get_if() const noexcept {
    auto* alternative = std::get_if<held<I>>(&value_.value);
    return alternative ? &alternative->value : nullptr;
  }
  template <std::size_t I>
  auto& place() const {
    return value_.value.template emplace<held<I>>().value;
  }
  template <std::size_t I>
  static constexpr std::string_view name() noexcept {
    return detail::entry<order[I]>(detail::table_of<T>).name;
  }
  static constexpr std::string_view name() noexcept { return Schema<std::remove_const_t<T>>::name; }

 private:
  T& value_;
};

/// Arguments, by reference. One that is a std::optional or a Box is written when set.
template <class... Arguments>
class ArgumentRecord {
  using Table = std::tuple<Arguments...>;
  static constexpr auto declared = detail::ids_of(static_cast<Table*>(nullptr));
  static constexpr auto order = detail::order_of(declared);

 public:
  static constexpr std::size_t size = sizeof...(Arguments);
  static constexpr auto ids = detail::sorted(declared);
  template <std::size_t I>
  using type = std::remove_const_t<typename std::tuple_element_t<order[I], Table>::type>;
  template <std::size_t I>
  static constexpr Presence presence =
      requires(type<I> value) { value.has_value(); } ? Presence::optional : Presence::plain;

  explicit ArgumentRecord(Arguments... arguments) noexcept : arguments_(arguments...) {}
  template <std::size_t I>
  auto& get() const noexcept {
    return std::get<order[I]>(arguments_).value;
  }
  template <std::size_t I>
  auto& place() const noexcept {
    return get<I>();
  }
  template <std::size_t I>
  static constexpr std::string_view name() noexcept {
    return {};
  }
  static constexpr std::string_view name() noexcept { return "arguments"; }

 private:
  Table arguments_;
};

}  // namespace weft
