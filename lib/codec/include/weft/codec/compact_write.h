// How values are written in Thrift's compact protocol. Each function takes the cursor and returns it moved
// on; room is asked for once for a run of fields whose sizes are bounded, and along with each text for the
// run behind it.
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

#include <weft/codec/codec.h>
#include <weft/codec/compact_wire.h>
#include <weft/codec/record.h>
#include <weft/codec/writer.h>

namespace weft::compact::detail {

template <class T>
std::uint8_t* write_value(Writer& writer, std::uint8_t* to, const T& value, std::size_t tail);

/// A value with `fixed<T>`, where `fixed_room<T>` bytes are free.
template <class T>
[[gnu::always_inline]] inline std::uint8_t* write_fixed(std::uint8_t* to, T value) noexcept {
  if constexpr (std::is_enum_v<T>) {
    return write_fixed(to, static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    *to = static_cast<std::uint8_t>(value ? Wire::true_ : Wire::false_);
    return to + 1;
  } else if constexpr (std::is_same_v<T, std::int8_t>) {
    *to = static_cast<std::uint8_t>(value);
    return to + 1;
  } else if constexpr (std::is_same_v<T, double>) {
    // Little endian here; big endian in the binary protocol.
    std::memcpy(to, &value, sizeof value);
    return to + sizeof value;
  } else if constexpr (std::is_same_v<T, Uuid>) {
    std::memcpy(to, value.bytes.data(), value.bytes.size());
    return to + value.bytes.size();
  } else {
    static_assert(std::is_integral_v<T>);
    return varint::put(to, varint::zigzag(value));
  }
}

[[gnu::always_inline]] inline std::uint8_t* write_header(std::uint8_t* to, std::int32_t last, std::int32_t id,
                                                         Wire type) noexcept {
  const std::int32_t delta = id - last;
  if (delta >= 1 && delta <= 15) {
    *to = static_cast<std::uint8_t>(delta << 4 | static_cast<int>(type));
    return to + 1;
  }
  *to = static_cast<std::uint8_t>(type);
  return varint::put(to + 1, varint::zigzag(id));
}

/// The header of a list or a set.
inline std::uint8_t* write_list_header(std::uint8_t* to, std::size_t size, Wire element) noexcept {
  if (size < 15) {
    *to = static_cast<std::uint8_t>(size << 4 | static_cast<std::size_t>(element));
    return to + 1;
  }
  *to = static_cast<std::uint8_t>(0xf0 | static_cast<int>(element));
  return varint::put(to + 1, size);
}

/// An element of a container: asks for its own room.
template <class T>
std::uint8_t* write_element(Writer& writer, std::uint8_t* to, const T& value) {
  if constexpr (fixed<T>)
    return write_fixed<T>(writer.room(to, fixed_room<T>), value);
  else
    return write_value(writer, to, value, 0);
}

template <class List>
std::uint8_t* write_elements(Writer& writer, std::uint8_t* to, const List& list) {
  using T = typename List::value_type;
  if constexpr ((is_vector<List> || is_view<List>) && fixed<T> && !std::is_same_v<T, bool>) {
    constexpr std::size_t batch = 4096 / fixed_room<T>;
    const T* next = list.data();  // locals, which what is written cannot be
    for (const T* const end = next + list.size(); next != end;) {
      const T* const until = next + std::min<std::size_t>(static_cast<std::size_t>(end - next), batch);
      to = writer.room(to, static_cast<std::size_t>(until - next) * fixed_room<T>);
      for (; next != until; ++next) to = write_fixed<T>(to, *next);
    }
  } else {
    for (const T& element : list) to = write_element<T>(writer, to, element);
  }
  return to;
}

/// A value without `fixed<T>`. Asks for its own room, and leaves `tail` bytes free behind it.
template <class T>
std::uint8_t* write_value(Writer& writer, std::uint8_t* to, const T& value, std::size_t tail) {
  if constexpr (is_text<T>) {
    return writer.sized(to, value, tail);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    to = varint::put(writer.room(to, varint::room), value.size());
    return writer.bytes(to, value, tail);
  } else if constexpr (is_vector<T> || is_set<T>) {
    to = write_list_header(writer.room(to, header_room), value.size(), wire<typename T::value_type>);
    return writer.room(write_elements(writer, to, value), tail);
  } else if constexpr (is_map<T>) {
    to = varint::put(writer.room(to, header_room), value.size());
    if (!value.empty()) {
      *to++ = static_cast<std::uint8_t>(static_cast<int>(wire<typename T::key_type>) << 4 |
                                        static_cast<int>(wire<typename T::mapped_type>));
      for (const auto& [key, mapped] : value)
        to = write_element(writer, write_element(writer, to, key), mapped);
    }
    return writer.room(to, tail);
  } else if constexpr (is_lent<T>) {
    return write_value(writer, to, *value, tail);
  } else {
    static_assert(Described<T>, "no Thrift type for this member");
    writer.cursor(to);
    Codec<T>::write(writer, value);
    return writer.room(writer.cursor(), tail);
  }
}

/// `run[i]`: the room to have free in front of slot i, for it and what follows, up to the next place where
/// room is asked for: behind each slot with `cut`.
template <class Record>
struct Runs {
  static constexpr std::size_t longest = 512;
  std::array<std::size_t, Record::size + 1> run{};
  std::array<bool, Record::size + 1> cut{};

  template <class T>
  static constexpr std::size_t bound = fixed<T> ? fixed_room<T> : 0;

  consteval Runs() {
    const auto value = []<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<std::size_t, Record::size + 1>{bound<inner<typename Record::template type<I>>>..., 0};
    }(std::make_index_sequence<Record::size>{});
    run[Record::size] = 1;  // the stop byte
    for (std::size_t slot = Record::size; slot-- > 0;) {
      cut[slot] = value[slot] == 0 || run[slot + 1] > longest;
      run[slot] = header_room + value[slot] + (cut[slot] ? 0 : run[slot + 1]);
    }
  }
};

template <class Record>
inline constexpr Runs<Record> runs_of{};

template <std::size_t I, class Record, class T>
[[gnu::always_inline]] inline std::uint8_t* write_field(Writer& writer, std::uint8_t* to, const T& value,
                                                        std::int32_t& last) {
  constexpr const Runs<Record>& runs = runs_of<Record>;
  constexpr std::int32_t id = Record::ids[I];
  static_assert(id >= INT16_MIN && id <= INT16_MAX, "Thrift's field ids have 16 bits");
  const std::int32_t before = std::exchange(last, id);
  if constexpr (std::is_same_v<T, bool>)
    to = write_header(to, before, id, value ? Wire::true_ : Wire::false_);  // and that is all of it
  else
    to = write_header(to, before, id, wire<T>);
  if constexpr (!fixed<T>) return write_value(writer, to, value, runs.run[I + 1]);
  if constexpr (fixed<T> && !std::is_same_v<T, bool>) to = write_fixed<T>(to, value);
  if constexpr (runs.cut[I]) to = writer.room(to, runs.run[I + 1]);
  return to;
}

template <std::size_t I, class Record>
[[gnu::always_inline]] inline std::uint8_t* write_slot(Writer& writer, std::uint8_t* to, const Record& record,
                                                       std::int32_t& last) {
  constexpr const Runs<Record>& runs = runs_of<Record>;
  const auto& value = record.template get<I>();
  if constexpr (Nullable<typename Record::template type<I>>) {
    if (value.has_value()) return write_field<I, Record>(writer, to, *value, last);
    return runs.cut[I] ? writer.room(to, runs.run[I + 1]) : to;
  } else {
    return write_field<I, Record>(writer, to, value, last);
  }
}

/// Slots from Begin on.
template <std::size_t Begin, class Record, std::size_t... I>
[[gnu::always_inline]] inline std::uint8_t* write_slots(Writer& writer, std::uint8_t* to,
                                                        const Record& record, std::int32_t& last,
                                                        std::index_sequence<I...>) {
  ((to = write_slot<Begin + I>(writer, to, record, last)), ...);
  return to;
}

/// The same for long records, in functions of at most 32 slots: compilers take long over longer ones.
template <std::size_t Begin, std::size_t End, class Record>
[[gnu::noinline]] std::uint8_t* write_long(Writer& writer, std::uint8_t* to, const Record& record,
                                           std::int32_t& last) {
  if constexpr (End - Begin <= 32) {
    return write_slots<Begin>(writer, to, record, last, std::make_index_sequence<End - Begin>{});
  } else {
    to = write_long<Begin, (Begin + End) / 2>(writer, to, record, last);
    return write_long<(Begin + End) / 2, End>(writer, to, record, last);
  }
}

template <class Record>
void write_record(Writer& writer, const Record& record) {
  constexpr const Runs<Record>& runs = runs_of<Record>;
  std::uint8_t* to = writer.room(writer.cursor(), runs.run[0]);
  [[maybe_unused]] std::int32_t last = 0;
  if constexpr (Record::size <= straight_slots)
    to = write_slots<0>(writer, to, record, last, std::make_index_sequence<Record::size>{});
  else
    to = write_long<0, Record::size>(writer, to, record, last);
  *to++ = static_cast<std::uint8_t>(Wire::stop);
  writer.cursor(to);
}

/// The alternative that is held, if it is one of [Begin, End); whether it was.
template <std::size_t Begin, std::size_t End, class Record>
bool write_held(Writer& writer, const Record& record) {
  if constexpr (Begin == End) {
    return false;
  } else if constexpr (End - Begin > 1) {
    return write_held<Begin, (Begin + End) / 2>(writer, record) ||
           write_held<(Begin + End) / 2, End>(writer, record);
  } else {
    using T = typename Record::template type<Begin>;
    using One = ArgumentRecord<Argument<Record::ids[Begin], const inner<T>>>;
    const T* value = record.template get_if<Begin>();
    if (!value) return false;
    if constexpr (Nullable<T>) {
      // A Box that is null still says which alternative it is.
      if (value->has_value())
        write_record(writer, One{{**value}});
      else
        write_record(writer, One{{inner<T>{}}});
    } else {
      write_record(writer, One{{*value}});
    }
    return true;
  }
}

/// The one alternative that is held; nothing but the stop byte when none is.
template <class Record>
void write_union(Writer& writer, const Record& record) {
  if (!write_held<0, Record::size>(writer, record)) writer.byte(static_cast<std::uint8_t>(Wire::stop));
}

}  // namespace weft::compact::detail
