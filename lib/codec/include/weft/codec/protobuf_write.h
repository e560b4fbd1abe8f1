// How values are written in Protobuf's binary form: from the last byte to the first, so that the size of a
// message is known when it is to be written. Each function takes the cursor and returns it moved on; room is
// asked for once for a run of numbers, and along with each text for the run in front of it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>

#include <weft/codec/back_writer.h>
#include <weft/codec/codec.h>
#include <weft/codec/protobuf_wire.h>
#include <weft/codec/slots.h>

namespace weft::protobuf::detail {

template <std::uint32_t Tag>
[[gnu::always_inline]] inline std::uint8_t* write_tag(std::uint8_t* at) noexcept {
  at -= TagBytes<Tag>::size;
  std::memcpy(at, TagBytes<Tag>::bytes.data(), TagBytes<Tag>::size);
  return at;
}

/// Needs `number_room<T, C>`.
template <Coding C, class T>
[[gnu::always_inline]] inline std::uint8_t* write_number(std::uint8_t* at, T value) noexcept {
  if constexpr (std::is_same_v<T, bool>) {
    *--at = value ? 1 : 0;
    return at;
  } else if constexpr (wire<T, C> == Wire::varint) {
    return varint::put_before(at, to_varint<C>(value));
  } else {
    std::memcpy(at - sizeof value, &value, sizeof value);
    return at - sizeof value;
  }
}

/// The size of what was written since `before`, and a tag.
template <std::uint32_t Tag>
std::uint8_t* write_size(BackWriter& writer, std::uint8_t* at, std::size_t before, std::size_t ahead) {
  const std::size_t size = writer.written(at) - before;
  at = writer.room(at, varint::room + TagBytes<Tag>::size + ahead);
  return write_tag<Tag>(varint::put_before(at, size));
}

/// A value with its tag. Asks for its own room, and leaves `ahead` bytes free in front.
template <std::uint32_t Tag, Coding C, class T>
std::uint8_t* write_element(BackWriter& writer, std::uint8_t* at, const T& value, std::size_t ahead) {
  constexpr std::size_t tag_size = TagBytes<Tag>::size;
  if constexpr (is_number<T>) {
    at = writer.room(at, number_room<T, C> + tag_size + ahead);
    return write_tag<Tag>(write_number<C>(at, value));
  } else if constexpr (is_text<T>) {
    at = writer.copy(at, value, varint::room + tag_size + ahead);
    return write_tag<Tag>(varint::put_before(at, value.size()));
  } else if constexpr (std::is_same_v<T, Bytes>) {
    at = writer.bytes(at, value, varint::room + tag_size + ahead);
    return write_tag<Tag>(varint::put_before(at, value.size()));
  } else if constexpr (wire<T, C> == Wire::start_group) {
    constexpr std::uint32_t end =
        Tag - static_cast<std::uint32_t>(Wire::start_group) + static_cast<std::uint32_t>(Wire::end_group);
    at = Codec<T>::write(writer, write_tag<end>(writer.room(at, tag_size)), value);
    return write_tag<Tag>(writer.room(at, tag_size + ahead));
  } else {
    static_assert(Described<T>, "no Protobuf type for this member");
    const std::size_t before = writer.written(at);
    return write_size<Tag>(writer, Codec<T>::write(writer, at, value), before, ahead);
  }
}

template <Coding C, class List>
std::uint8_t* write_packed(BackWriter& writer, std::uint8_t* at, const List& list) {
  using T = typename List::value_type;
  if constexpr (wire<T, C> != Wire::varint) {
    const std::size_t size = list.size() * sizeof(T);
    at = writer.room(at, size) - size;
    std::memcpy(at, list.data(), size);
  } else {
    constexpr std::size_t batch = 4096 / varint::room;
    for (std::size_t left = list.size(); left > 0;) {
      const std::size_t until = left > batch ? left - batch : 0;
      at = writer.room(at, (left - until) * varint::room);
      while (left > until) at = write_number<C, T>(at, list[--left]);
    }
  }
  return at;
}

/// The value of a field that is not a number, elements and entries with a tag each. As `write_element`.
template <std::int32_t Id, Coding C, class T>
std::uint8_t* write_field(BackWriter& writer, std::uint8_t* at, const T& value, std::size_t ahead) {
  constexpr std::uint32_t tag = tag_of<Id, T, C>;
  if constexpr (is_packed<T, C>) {
    if (value.empty()) return writer.room(at, ahead);
    const std::size_t before = writer.written(at);
    return write_size<tag>(writer, write_packed<C>(writer, at, value), before, ahead);
  } else if constexpr (is_vector<T>) {
    for (std::size_t left = value.size(); left > 0;)
      at = write_element<tag, C, typename T::value_type>(writer, at, value[--left], 0);
    return writer.room(at, ahead);
  } else if constexpr (is_map<T>) {
    using Key = typename T::key_type;
    using Mapped = typename T::mapped_type;
    const auto write_entry = [&](const Key& key, const Mapped& mapped) {
      const std::size_t before = writer.written(at);
      at = write_element<tag_of<2, Mapped, of_values(C)>, of_values(C)>(writer, at, mapped, 0);
      at = write_element<tag_of<1, Key, of_keys(C)>, of_keys(C)>(writer, at, key, 0);
      at = write_size<tag>(writer, at, before, 0);
    };
    if constexpr (requires { value.rbegin(); }) {
      for (auto entry = value.rbegin(); entry != value.rend(); ++entry)
        write_entry(entry->first, entry->second);
    } else {
      for (const auto& [key, mapped] : value) write_entry(key, mapped);  // has no order
    }
    return writer.room(at, ahead);
  } else {
    return write_element<tag, C>(writer, at, value, ahead);
  }
}

/// `run[i]`: the room to have free behind slot i - 1, for it and what is in front of it, down to the next
/// place where room is asked for: in front of each slot with `cut`.
template <class T>
struct Runs {
  using S = Slots<T>;
  static constexpr std::size_t longest = 512;
  std::array<std::size_t, S::size + 1> run{};
  std::array<bool, S::size + 1> cut{};

  template <std::size_t I>
  static consteval std::size_t bound() {
    using Value = inner<typename S::template type<I>>;
    constexpr Coding coding = S::template coding<I>;
    if constexpr (is_number<Value>)
      return TagBytes<tag_of<S::ids[I], Value, coding>>::size + number_room<Value, coding>;
    else
      return 0;
  }

  consteval Runs() {
    const auto bounds = []<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<std::size_t, S::size + 1>{bound<I>()..., 0};
    }(std::make_index_sequence<S::size>{});
    for (std::size_t slot = 0; slot < S::size; ++slot) {
      cut[slot] = bounds[slot] == 0 || run[slot] > longest;
      run[slot + 1] = bounds[slot] + (cut[slot] ? 0 : run[slot]);
    }
  }
};

template <class T>
inline constexpr Runs<T> runs_of{};

/// Whether a value says nothing that its absence does not say.
template <class T>
[[gnu::always_inline]] inline bool is_default(const T& value) noexcept {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<std::uint32_t>(value) == 0;  // -0.0 is written
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<std::uint64_t>(value) == 0;
  else if constexpr (is_number<T>)
    return value == T{};
  else if constexpr (requires { value.empty(); })
    return value.empty();
  else
    return false;
}

template <std::size_t I, class T, class Value>
[[gnu::always_inline]] inline std::uint8_t* write_present(BackWriter& writer, std::uint8_t* at,
                                                          const Value& value) {
  using S = Slots<T>;
  constexpr const Runs<T>& runs = runs_of<T>;
  constexpr Coding coding = S::template coding<I>;
  if constexpr (!is_number<Value>) {
    return write_field<S::ids[I], coding>(writer, at, value, runs.run[I]);
  } else {
    at = write_tag<tag_of<S::ids[I], Value, coding>>(write_number<coding>(at, value));
    return runs.cut[I] ? writer.room(at, runs.run[I]) : at;
  }
}

template <std::size_t I, class T>
[[gnu::always_inline]] inline std::uint8_t* write_slot(BackWriter& writer, std::uint8_t* at, const T& value) {
  using S = Slots<T>;
  constexpr const Runs<T>& runs = runs_of<T>;
  using Member = typename S::template type<I>;
  constexpr bool in_oneof = S::template in_oneof<I>;
  const auto* found = S::template find<I>(value);
  if (!in_oneof || found) {
    if constexpr (Nullable<Member>) {
      if (found->has_value()) return write_present<I, T>(writer, at, **found);
      // A Box that is null still says which alternative it is.
      if constexpr (in_oneof) return write_present<I, T>(writer, at, inner<Member>{});
    } else if (in_oneof || S::template presence<I> == Presence::required || !is_default(*found)) {
      return write_present<I, T>(writer, at, *found);
    }
  }
  return runs.cut[I] ? writer.room(at, runs.run[I]) : at;
}

/// Slots from Begin on, the last one first.
template <std::size_t Begin, class T, std::size_t... I>
[[gnu::always_inline]] inline std::uint8_t* write_slots(BackWriter& writer, std::uint8_t* at, const T& value,
                                                        std::index_sequence<I...>) {
  ((at = write_slot<Begin + sizeof...(I) - 1 - I>(writer, at, value)), ...);
  return at;
}

/// The same for long records, in functions of at most 32 slots: compilers take long over longer ones.
template <std::size_t Begin, std::size_t End, class T>
[[gnu::noinline]] std::uint8_t* write_long(BackWriter& writer, std::uint8_t* at, const T& value) {
  if constexpr (End - Begin <= 32) {
    return write_slots<Begin>(writer, at, value, std::make_index_sequence<End - Begin>{});
  } else {
    at = write_long<(Begin + End) / 2, End>(writer, at, value);
    return write_long<Begin, (Begin + End) / 2>(writer, at, value);
  }
}

template <class T>
std::uint8_t* write_message(BackWriter& writer, std::uint8_t* at, const T& value) {
  using S = Slots<T>;
  constexpr std::size_t first = runs_of<T>.run[S::size];
  if constexpr (requires { Schema<T>::unknown; })
    at = writer.copy(at, value.*Schema<T>::unknown, first);
  else
    at = writer.room(at, first);
  if constexpr (S::size <= straight_slots)
    return write_slots<0>(writer, at, value, std::make_index_sequence<S::size>{});
  else
    return write_long<0, S::size>(writer, at, value);
}

}  // namespace weft::protobuf::detail
