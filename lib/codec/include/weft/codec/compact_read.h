// How values are read from Thrift's compact protocol. A record is read straight down its table while the peer
// sends fields in order of ids, as writers do, and by looking fields up from the first surprise on.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <weft/codec/codec.h>
#include <weft/codec/compact_wire.h>
#include <weft/codec/reader.h>
#include <weft/codec/record.h>
#include <weft/codec/required.h>

namespace weft::compact {

/// Skips the value of a field, or an element of a container, of that type. Unknown types are an error: what
/// follows them cannot be found.
void skip_field(Reader& reader, Wire type);
void skip_element(Reader& reader, Wire type);

namespace detail {

using weft::detail::Seen;

[[gnu::cold]] void fail_element(Reader& reader);

/// The next field header, by which `last` becomes its id. False: the record has ended, or is broken.
bool read_header(Reader& reader, std::int32_t& last, Wire& type);

template <class T>
void read_value(Reader& reader, T& value);

inline bool read_bool(Reader& reader) {
  // 1 is true, 2 is false; old writers put 0 for false.
  const std::uint8_t byte = reader.byte();
  if (byte > 2) [[unlikely]]
    reader.fail("bool that is neither 1 nor 2");
  return byte == 1;
}

template <class T>
constexpr bool fits(std::int64_t number) noexcept {
  if constexpr (std::is_enum_v<T>)
    return fits<std::underlying_type_t<T>>(number);
  else
    return std::in_range<T>(number);
}

/// The elements of `list`, whose size was claimed. Memory is taken as elements arrive.
template <class List>
void read_elements(Reader& reader, List&& list, std::size_t size) {
  using T = typename std::remove_cvref_t<List>::value_type;
  if constexpr (is_vector<std::remove_cvref_t<List>>) {
    const std::size_t batch = std::clamp<std::size_t>(reader.limits().reserve_bytes / sizeof(T), 1,
                                                      reader.limits().reserve_elements);
    for (std::size_t done = 0; done < size && reader.ok();) {
      const std::size_t until = size - done > batch ? done + batch : size;
      list.resize(until);
      if constexpr (is_varint<T>) {
        T* next = list.data() + done;
        reader.varints(until - done, [&next](std::uint64_t value) {
          const std::int64_t number = varint::unzigzag(value);
          *next++ = static_cast<T>(number);
          return fits<T>(number);
        });
        done = until;
      }
      for (; done < until; ++done) {
        if constexpr (std::is_same_v<T, bool>)
          list[done] = read_bool(reader);
        else
          read_value(reader, list[done]);
      }
    }
  } else {
    for (; size > 0; --size) {
      light<T> element{};
      read_value(reader, element);
      if (!reader.ok()) break;
      list.emplace_hint(list.end(), std::move(element));
    }
  }
}

template <class List>
void read_list(Reader& reader, List& value) {
  using T = typename List::value_type;
  auto&& list = weft::detail::fillable(reader, value);
  list.clear();
  const std::uint8_t head = reader.byte();
  std::size_t size = head >> 4;
  if (size == 15) size = reader.varint32();
  if (size == 0) return;  // the element type of an empty list may be anything
  if (!accepts<T>(Wire{static_cast<std::uint8_t>(head & 15)})) return fail_element(reader);
  if (!reader.claim(size, smallest<T>, element_memory<List>) || !reader.enter()) return;
  read_elements(reader, list, size);
  reader.leave();
}

template <class Map>
void read_map(Reader& reader, Map& value) {
  using Key = typename Map::key_type;
  using Mapped = typename Map::mapped_type;
  auto&& map = weft::detail::fillable(reader, value);
  map.clear();
  std::size_t size = reader.varint32();
  if (size == 0) return;  // no type byte then
  const std::uint8_t types = reader.byte();
  if (!accepts<Key>(Wire{static_cast<std::uint8_t>(types >> 4)}) ||
      !accepts<Mapped>(Wire{static_cast<std::uint8_t>(types & 15)}))
    return fail_element(reader);
  if (!reader.claim(size, smallest<Key> + smallest<Mapped>, element_memory<Map>) || !reader.enter()) return;
  if constexpr (is_view<Map>)
    map.reserve(std::min(size, reader.limits().reserve_bytes / element_memory<Map>));
  for (; size > 0; --size) {
    light<Key> key{};
    read_value(reader, key);
    if constexpr (is_view<Map>) {
      Mapped mapped{};
      read_value(reader, mapped);
      if (!reader.ok()) break;
      map.push_back({key, mapped});
    } else if constexpr (fixed<Mapped> || std::is_same_v<Mapped, std::string>) {
      // The node is made whole before its key is compared: what was just written in pieces is slow to read.
      light<Mapped> mapped{};
      read_value(reader, mapped);
      if (!reader.ok()) break;
      const std::size_t before = map.size();
      auto place = map.emplace_hint(map.end(), std::move(key), mapped);
      if (map.size() == before) place->second = mapped;  // a duplicate: the last one wins
    } else {
      if (!reader.ok()) break;
      const std::size_t before = map.size();
      auto place = map.try_emplace(map.end(), Key(std::move(key)));
      if (map.size() == before) place->second = Mapped{};  // a duplicate: the last one wins, whole
      read_value(reader, place->second);
    }
  }
  reader.leave();
}

template <class T>
void read_value(Reader& reader, T& value) {
  if constexpr (std::is_enum_v<T>) {
    value = static_cast<T>(reader.zigzag<std::underlying_type_t<T>>());
  } else if constexpr (std::is_same_v<T, bool>) {
    value = read_bool(reader);
  } else if constexpr (std::is_same_v<T, std::int8_t>) {
    value = static_cast<std::int8_t>(reader.byte());
  } else if constexpr (std::is_integral_v<T>) {
    value = reader.zigzag<T>();
  } else if constexpr (std::is_same_v<T, double>) {
    value = reader.little_endian_double();
  } else if constexpr (std::is_same_v<T, Uuid>) {
    reader.copy_to(value.bytes.data(), value.bytes.size());
  } else if constexpr (std::is_same_v<T, std::string>) {
    weft::detail::assign(value, reader.view(reader.varint32()));
  } else if constexpr (std::is_same_v<T, std::string_view>) {
    value = reader.view(reader.varint32());
  } else if constexpr (std::is_same_v<T, Bytes>) {
    value = reader.bytes(reader.varint32());
  } else if constexpr (is_vector<T> || is_set<T>) {
    read_list(reader, value);
  } else if constexpr (is_map<T>) {
    read_map(reader, value);
  } else if constexpr (is_box<T>) {
    if (!reader.claim(1, 1, sizeof(inner<T>))) return;
    if constexpr (is_view<T>)
      read_value(reader, weft::detail::Growing<T>::emplace(reader.arena(), value));
    else
      read_value(reader, value.emplace());
  } else if constexpr (is_optional<T>) {
    read_value(reader, value.emplace());
  } else if constexpr (is_lent<T>) {
    reader.arena(value.arena());
    value.source(reader.source());
    read_value(reader, *value);
  } else {
    static_assert(Described<T>, "no Thrift type for this member");
    Codec<T>::read(reader, value);
  }
}

/// The value of a field whose header said `type`, which T accepts.
template <class T>
void read_field(Reader& reader, T& value, Wire type) {
  if constexpr (std::is_same_v<inner<T>, bool>)
    value = type == Wire::true_;
  else
    read_value(reader, value);
}

template <std::size_t I, class Record>
void read_slot(Reader& reader, const Record& record, Seen<Record>& seen, Wire type) {
  using T = typename Record::template type<I>;
  // A known id with another type is skipped, as Apache does: the field stays as it was.
  if (!accepts<T>(type)) return skip_field(reader, type);
  read_field(reader, record.template place<I>(), type);
  seen.template mark<I>();
}

/// Fields in any order, up to the stop byte.
template <class Record>
[[gnu::noinline]] void read_any_order(Reader& reader, const Record& record, Seen<Record>& seen,
                                      std::int32_t last) {
  using Read = void (*)(Reader&, const Record&, Seen<Record>&, Wire);
  static constexpr auto reads = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Read, Record::size + 1>{&read_slot<I, Record>..., nullptr};
  }(std::make_index_sequence<Record::size>{});
  for (Wire type; read_header(reader, last, type);) {
    const std::size_t slot = weft::detail::find_slot(Record::ids, last);
    if (slot < Record::size)
      reads[slot](reader, record, seen, type);
    else
      skip_field(reader, type);
  }
}

/// Reads slot I if its usual header is next. False: nothing more can be expected, look fields up.
template <std::size_t I, class Record>
[[gnu::always_inline]] inline bool expect_slot(Reader& reader, const Record& record, Seen<Record>& seen,
                                               std::int32_t& last) {
  using T = typename Record::template type<I>;
  constexpr std::int32_t id = Record::ids[I];
  const std::uint8_t head = reader.peek();
  const auto expected = static_cast<std::uint32_t>(id - last) << 4 | static_cast<std::uint32_t>(wire<T>);
  constexpr bool is_bool = std::is_same_v<inner<T>, bool>;
  // The two bools are 0001 and 0010.
  bool found = id > last && (head == expected || (is_bool && head == expected + 1));
  // Every result starts with field 0, which has no short form.
  if constexpr (I == 0 && id == 0)
    if ((found = accepts<T>(Wire{head}) && reader.peek(1) == 0 && reader.remaining() > 1)) reader.advance();
  if (found) [[likely]] {
    reader.advance();
    read_field(reader, record.template place<I>(), Wire{static_cast<std::uint8_t>(head & 15)});
    seen.template mark<I>();
    last = id;
    return true;
  }
  return Record::template presence<I> == Presence::optional && head != 0;
}

/// Reads slots as long as they come as expected, and returns the id of the last one.
template <class Record, std::size_t... I>
[[gnu::always_inline]] inline std::int32_t read_straight(Reader& reader, const Record& record,
                                                         Seen<Record>& seen, std::index_sequence<I...>) {
  std::int32_t last = 0;
  static_cast<void>((expect_slot<I>(reader, record, seen, last) && ...));
  return last;
}

template <class Record>
void read_record(Reader& reader, const Record& record) {
  if (!reader.enter()) return;
  Seen<Record> seen;
  std::int32_t last = 0;
  if constexpr (Record::size <= straight_slots)
    last = read_straight(reader, record, seen, std::make_index_sequence<Record::size>{});
  if (reader.peek() == 0 && reader.remaining() > 0) [[likely]]
    reader.advance();
  else
    read_any_order(reader, record, seen, last);
  seen.template check<>(reader);
  reader.leave();
}

}  // namespace detail
}  // namespace weft::compact
