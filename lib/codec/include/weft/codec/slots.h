// Slots: the fields of a described struct in order of ids, as Protobuf has them on the wire: the alternatives
// of a oneof are fields of the struct that it stands in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/codec/record.h>
#include <weft/codec/schema.h>

namespace weft {

namespace detail {

/// What a table's entry has of the wire: a field one slot, a oneof one for each alternative.
template <class Entry>
struct SlotsOf {
  static constexpr std::size_t size = 1;
  static constexpr std::array<std::int32_t, 1> ids{Entry::id};
};
template <class Struct, class Union>
struct SlotsOf<Oneof<Struct, Union>> {
  static constexpr auto ids = ids_of(&Schema<Union>::fields);
  static constexpr std::size_t size = ids.size();
};

struct SlotPlace {
  std::size_t entry = 0;
  std::size_t alternative = 0;
  std::int32_t id = 0;
};

template <class Entry, std::size_t N>
consteval void add_slots(std::array<SlotPlace, N>& places, std::size_t& next, std::size_t entry) {
  for (std::size_t at = 0; at < SlotsOf<Entry>::size; ++at) {
    std::size_t place = next++;
    for (; place > 0 && places[place - 1].id > SlotsOf<Entry>::ids[at]; --place)
      places[place] = places[place - 1];
    places[place] = {entry, at, SlotsOf<Entry>::ids[at]};
  }
}

template <template <class...> class List, class... Entries>
consteval auto places_of(const List<Entries...>*) {
  std::array<SlotPlace, (SlotsOf<Entries>::size + ... + 0)> places{};
  [[maybe_unused]] std::size_t next = 0, entry = 0;
  (add_slots<Entries>(places, next, entry++), ...);
  return places;
}

}  // namespace detail

/// T is a described struct.
template <class T>
struct Slots {
  static constexpr auto places = detail::places_of(&detail::table_of<T>);
  static constexpr std::size_t size = places.size();
  static constexpr auto ids = [] {
    std::array<std::int32_t, size> ids{};
    for (std::size_t index = 0; index < size; ++index) ids[index] = places[index].id;
    return ids;
  }();

  template <std::size_t I>
  using Entry = detail::EntryOf<T, places[I].entry>;
  template <std::size_t I>
  static constexpr bool in_oneof = !requires { Entry<I>::presence; };
  template <std::size_t I>
  static constexpr const auto& entry() noexcept {
    return detail::entry<places[I].entry>(detail::table_of<T>);
  }
  template <std::size_t I>
  static constexpr const auto& alternative() noexcept {
    return detail::entry<places[I].alternative>(detail::table_of<typename Entry<I>::member_type>);
  }
  template <std::size_t I>
  using Held = typename detail::EntryOf<typename Entry<I>::member_type, places[I].alternative>::type;

  template <std::size_t I>
  static consteval Coding find_coding() {
    if constexpr (in_oneof<I>)
      return alternative<I>().coding;
    else
      return entry<I>().coding;
  }
  template <std::size_t I>
  static constexpr Coding coding = find_coding<I>();
  template <std::size_t I>
  static consteval Presence find_presence() {
    if constexpr (in_oneof<I>)
      return Presence::optional;
    else
      return entry<I>().presence;
  }
  template <std::size_t I>
  static constexpr Presence presence = find_presence<I>();

  /// The slot's value; null for a oneof's alternative that is not held.
  template <std::size_t I, class Value>
  static auto* find(Value& value) noexcept {
    if constexpr (in_oneof<I>) {
      auto* held = std::get_if<Held<I>>(&(value.*entry<I>().member).value);
      return held ? &held->value : nullptr;
    } else {
      return &(value.*entry<I>().member);
    }
  }
  /// The same to be read into: a oneof then holds it.
  template <std::size_t I>
  static auto& place(T& value) {
    if constexpr (in_oneof<I>) {
      auto* found = find<I>(value);
      return found ? *found : (value.*entry<I>().member).value.template emplace<Held<I>>().value;
    } else {
      return *find<I>(value);
    }
  }
  template <std::size_t I>
  using type = std::remove_reference_t<decltype(place<I>(std::declval<T&>()))>;

  template <std::size_t I>
  static constexpr std::string_view name() noexcept {
    if constexpr (in_oneof<I>)
      return alternative<I>().name;
    else
      return entry<I>().name;
  }
  static constexpr std::string_view name() noexcept { return Schema<T>::name; }
};

}  // namespace weft
