// How values are read from Protobuf's binary form. A message is read straight down its table while the peer
// sends fields in order of ids, as writers do, and by looking fields up from the first surprise on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <weft/codec/codec.h>
#include <weft/codec/protobuf_wire.h>
#include <weft/codec/reader.h>
#include <weft/codec/required.h>
#include <weft/codec/slots.h>

namespace weft::protobuf {

/// The next tag; 0 when it is broken.
std::uint32_t read_tag(Reader& reader);

/// Skips the value behind `tag`. The end of a group is an error: whoever reads the group takes it.
void skip_value(Reader& reader, std::uint32_t tag);

namespace detail {

using weft::detail::Seen;

[[gnu::cold]] void fail_text(Reader& reader);
/// Adds a varint with its tag.
void add_unknown(std::string& unknown, std::uint32_t tag, std::uint64_t value);

/// The memory that one element takes in a container, nodes of a tree included.
template <class Container>
inline constexpr std::size_t element_memory =
    sizeof(typename Container::value_type) + (is_vector<Container> ? 0 : 48);

/// A field's tag, and where it stood.
struct Found {
  std::uint32_t tag = 0;
  std::size_t position = 0;

  Wire wire() const noexcept { return Wire{static_cast<std::uint8_t>(tag & 7)}; }
};

/// Keeps what was read since the field began, if the type asks for it.
template <class T>
void keep([[maybe_unused]] const Reader& reader, [[maybe_unused]] T& value,
          [[maybe_unused]] std::size_t position) {
  if constexpr (requires { Schema<T>::unknown; })
    if (reader.ok()) (value.*Schema<T>::unknown) += reader.since(position);
}
template <class T>
void keep_number([[maybe_unused]] T& value, [[maybe_unused]] std::int32_t id,
                 [[maybe_unused]] std::uint64_t number) {
  if constexpr (requires { Schema<T>::unknown; })
    add_unknown(value.*Schema<T>::unknown, tag(id, Wire::varint), number);
}
template <class T>
void skip_field(Reader& reader, T& value, Found found) {
  skip_value(reader, found.tag);
  keep(reader, value, found.position);
}

template <Coding C, class T>
[[gnu::always_inline]] inline T read_number(Reader& reader) {
  if constexpr (wire<T, C> == Wire::varint) {
    return from_varint<C, T>(reader.varint());
  } else {
    T value{};
    reader.copy_to(&value, sizeof value);
    return value;
  }
}

/// Anything but a number; messages are merged. `group` is the tag that ends a group.
template <Coding C, class T>
void read_value(Reader& reader, T& value, [[maybe_unused]] std::uint32_t group) {
  if constexpr (is_optional<T>) {
    read_value<C>(reader, value.has_value() ? *value : value.emplace(), group);
  } else if constexpr (is_box<T>) {
    if (value.has_value() || reader.charge(1, sizeof(inner<T>)))
      read_value<C>(reader, value.has_value() ? *value : value.emplace(), group);
  } else if constexpr (std::is_same_v<T, std::string>) {
    const std::string_view text = reader.view(reader.varint());
    if constexpr (!has(C, Coding::unchecked))
      if (!is_utf8(text)) [[unlikely]]
        return fail_text(reader);
    value.assign(text);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    value = reader.bytes(reader.varint());
  } else if constexpr (wire<T, C> == Wire::start_group) {
    Codec<T>::read(reader, value, group);
  } else {
    static_assert(Described<T>, "no Protobuf type for this member");
    const std::uint8_t* outer = reader.open(reader.varint());
    Codec<T>::read(reader, value, 0);
    reader.close(outer);
  }
}

/// The elements of a packed field, of `message`'s field `id`.
template <Coding C, class List, class Message>
void read_packed(Reader& reader, List& list, Message& message, std::int32_t id) {
  using T = typename List::value_type;
  const std::uint64_t size = reader.varint();
  std::size_t next = list.size();
  if constexpr (wire<T, C> != Wire::varint) {
    if (size % sizeof(T) != 0) return reader.fail("packed field that ends inside of a number");
    const std::uint64_t count = size / sizeof(T);
    if (size == 0 || size > reader.remaining()) return reader.skip(size);
    if (!reader.charge(count, sizeof(T))) return;
    list.resize(next + count);
    reader.copy_to(list.data() + next, size);
  } else {
    const std::uint8_t* outer = reader.open(size);
    const std::size_t count = reader.count_varints();
    if (reader.charge(count, sizeof(T))) {
      list.resize(next + count);
      while (reader.remaining() > 0) {
        const std::uint64_t number = reader.varint();
        if (!reader.ok()) break;
        const T value = from_varint<C, T>(number);
        if (is_known(value)) [[likely]]
          list[next++] = value;
        else
          keep_number(message, id, number);
      }
      list.resize(next);
    }
    reader.close(outer);
  }
}

/// An entry of a map is a message of a key and a value, each of which may be absent.
template <Coding C, class Map>
bool read_entry(Reader& reader, typename Map::key_type& key, typename Map::mapped_type& mapped) {
  using Key = typename Map::key_type;
  using Mapped = typename Map::mapped_type;
  bool known = true;
  while (reader.remaining() > 0) {
    switch (const std::uint32_t tag = read_tag(reader)) {
      case tag_of<1, Key, of_keys(C)>:
        if constexpr (is_number<Key>)
          key = read_number<of_keys(C), Key>(reader);
        else
          read_value<of_keys(C)>(reader, key, 0);
        break;
      case tag_of<2, Mapped, of_values(C)>:
        if constexpr (is_number<Mapped>) {
          mapped = read_number<of_values(C), Mapped>(reader);
          known = is_known(mapped);
        } else {
          read_value<of_values(C)>(reader, mapped, 0);
        }
        break;
      default:
        if (reader.ok()) skip_value(reader, tag);
    }
  }
  return known && reader.ok();
}

template <Coding C, class Map, class Message>
void read_map_entry(Reader& reader, Map& map, Message& message, Found found) {
  const std::uint8_t* outer = reader.open(reader.varint());
  typename Map::key_type key{};
  typename Map::mapped_type mapped{};
  const bool known = read_entry<C, Map>(reader, key, mapped);
  if (!known)
    keep(reader, message, found.position);
  else if (reader.charge(1, element_memory<Map>))
    map.insert_or_assign(map.end(), std::move(key), std::move(mapped));
  reader.close(outer);
}

/// Reads slot I, whose tag was taken; whether it has a value then. Repeated fields go on while the same tag
/// follows.
template <std::size_t I, class T>
[[gnu::always_inline]] inline bool read_expected(Reader& reader, T& value, Found found) {
  using S = Slots<T>;
  using Member = typename S::template type<I>;
  using Value = inner<Member>;
  constexpr Coding coding = S::template coding<I>;
  constexpr std::uint32_t expected = tag_of<S::ids[I], Member, coding>;
  constexpr std::uint32_t group = tag(S::ids[I], Wire::end_group);
  if constexpr (is_packed<Value, coding>) {
    read_packed<coding>(reader, S::template place<I>(value), value, S::ids[I]);
  } else if constexpr (is_vector<Value>) {
    auto& list = S::template place<I>(value);
    using Item = typename Value::value_type;
    if (list.capacity() == 0) list.reserve(4);  // one element seldom comes alone
    do {
      if constexpr (Closed<Item>) {
        const std::uint64_t number = reader.varint();
        const Item item = from_varint<coding, Item>(number);
        if (!is_known(item))
          keep_number(value, S::ids[I], number);
        else if (reader.charge(1, sizeof(Item)))
          list.push_back(item);
      } else if (reader.charge(1, element_memory<Value>)) {
        if constexpr (is_number<Item>)
          list.push_back(read_number<coding, Item>(reader));
        else
          read_value<coding>(reader, list.emplace_back(), group);
      }
    } while (reader.take(TagBytes<expected>::bytes));
  } else if constexpr (is_map<Value>) {
    auto& map = S::template place<I>(value);
    do {
      read_map_entry<coding>(reader, map, value, found);
      found.position = reader.position();
    } while (reader.take(TagBytes<expected>::bytes));
  } else if constexpr (is_number<Value>) {
    if constexpr (Closed<Value>) {
      const std::uint64_t number = reader.varint();
      const Value read = from_varint<coding, Value>(number);
      if (!is_known(read)) {
        keep_number(value, S::ids[I], number);
        return false;
      }
      S::template place<I>(value) = read;
    } else {
      S::template place<I>(value) = read_number<coding, Value>(reader);
    }
  } else {
    read_value<coding>(reader, S::template place<I>(value), group);
  }
  return true;
}

/// Reads slot I, whichever of its forms the tag speaks of.
template <std::size_t I, class T>
void read_slot(Reader& reader, T& value, Seen<Slots<T>>& seen, Found found) {
  using S = Slots<T>;
  using Member = typename S::template type<I>;
  using Value = inner<Member>;
  constexpr Coding coding = S::template coding<I>;
  constexpr Wire expected{tag_of<S::ids[I], Member, coding> & 7};
  if (found.wire() == expected) {
    if (read_expected<I>(reader, value, found)) seen.template mark<I>();
    return;
  }
  if constexpr (is_vector<Value>) {
    using Item = typename Value::value_type;
    if constexpr (is_number<Item>) {
      auto& list = S::template place<I>(value);
      if (found.wire() == Wire::length) return read_packed<coding>(reader, list, value, S::ids[I]);
      if (found.wire() == wire<Item, coding> && reader.charge(1, sizeof(Item))) {
        const Item item = read_number<coding, Item>(reader);
        if (is_known(item))
          list.push_back(item);
        else
          keep(reader, value, found.position);
        return;
      }
    }
  }
  // A known field with another type is one that this type does not have.
  skip_field(reader, value, found);
}

/// Fields in any order, up to the end, or to the tag `group`.
template <class T>
[[gnu::noinline]] void read_any_order(Reader& reader, T& value, Seen<Slots<T>>& seen, std::uint32_t group) {
  using S = Slots<T>;
  using Read = void (*)(Reader&, T&, Seen<S>&, Found);
  static constexpr auto reads = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Read, S::size + 1>{&read_slot<I, T>..., nullptr};
  }(std::make_index_sequence<S::size>{});
  while (group != 0 || reader.remaining() > 0) {
    Found found{.tag = 0, .position = reader.position()};
    found.tag = read_tag(reader);
    if (found.tag == group || !reader.ok()) return;
    const std::size_t slot = weft::detail::find_slot(S::ids, static_cast<std::int32_t>(found.tag >> 3));
    if (slot < S::size)
      reads[slot](reader, value, seen, found);
    else
      skip_field(reader, value, found);
  }
}

/// Reads slot I if its usual tag is next.
template <std::size_t I, class T>
[[gnu::always_inline]] inline void expect_slot(Reader& reader, T& value, Seen<Slots<T>>& seen) {
  using S = Slots<T>;
  constexpr std::uint32_t expected = tag_of<S::ids[I], typename S::template type<I>, S::template coding<I>>;
  const std::size_t position = reader.position();
  if (!reader.take(TagBytes<expected>::bytes)) return;
  if (read_expected<I>(reader, value, Found{expected, position})) seen.template mark<I>();
}

template <class T, std::size_t... I>
[[gnu::always_inline]] inline void read_straight(Reader& reader, T& value, Seen<Slots<T>>& seen,
                                                 std::index_sequence<I...>) {
  (expect_slot<I>(reader, value, seen), ...);
}

template <class T>
void read_message(Reader& reader, T& value, std::uint32_t group) {
  using S = Slots<T>;
  if (!reader.enter()) return;
  Seen<S> seen;
  if constexpr (S::size <= straight_slots)
    read_straight(reader, value, seen, std::make_index_sequence<S::size>{});
  if (group != 0 || reader.remaining() > 0) read_any_order(reader, value, seen, group);
  if (reader.ok()) seen.template check<>(reader);
  reader.leave();
}

}  // namespace detail
}  // namespace weft::protobuf
