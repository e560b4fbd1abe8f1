// How values are read from Protobuf's binary form. A message is read straight down its table while the peer
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
    sizeof(typename Container::value_type) + (is_vector<Container> || is_view<Container> ? 0 : 48);

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
    using weft::detail::Growing;
    if (!value.has_value() && !reader.charge(1, sizeof(inner<T>))) return;
    if constexpr (!is_view<T>)
      read_value<C>(reader, value.has_value() ? *value : value.emplace(), group);
    else if (value.has_value())
      read_value<C>(reader, Growing<T>::value(value), group);
    else
      read_value<C>(reader, Growing<T>::emplace(reader.arena(), value), group);
  } else if constexpr (is_text<T>) {
    const std::string_view text = reader.view(reader.varint());
    if constexpr (!has(C, Coding::unchecked))
      if (!is_ascii(text) && !is_utf8(text)) [[unlikely]]
        return fail_text(reader);
    if constexpr (std::is_same_v<T, std::string>)
      weft::detail::assign(value, text);
    else
      value = text;
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
void read_packed(Reader& reader, List& value, Message& message, std::int32_t id) {
  using T = typename List::value_type;
  auto&& list = weft::detail::fillable(reader, value);
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
      reader.varints(count, [&](std::uint64_t number) {
        const T element = from_varint<C, T>(number);
        if (is_known(element)) [[likely]]
          list[next++] = element;
        else
          keep_number(message, id, number);
        return true;
      });
      if (reader.remaining() > 0) static_cast<void>(reader.varint());  // which has no end
      list.resize(next);
    }
    reader.close(outer);
  }
}

/// A map's key or value; whether it is one that its type knows.
template <Coding C, class Value, class T>
[[gnu::always_inline]] inline bool read_half(Reader& reader, T& value) {
  if constexpr (is_number<Value>) {
    value = read_number<C, Value>(reader);
    return is_known(value);
  } else {
    read_value<C>(reader, value, 0);
    return true;
  }
}

/// An entry of a map is a message of a key and a value, each of which may be absent.
template <Coding C, class Map>
bool read_entry(Reader& reader, light<typename Map::key_type>& key,
                light<typename Map::mapped_type>& mapped) {
  using Key = typename Map::key_type;
  using Mapped = typename Map::mapped_type;
  constexpr std::uint32_t key_tag = tag_of<1, Key, of_keys(C)>;
  constexpr std::uint32_t mapped_tag = tag_of<2, Mapped, of_values(C)>;
  bool known = true;
  if (reader.take(TagBytes<key_tag>::bytes)) read_half<of_keys(C), Key>(reader, key);
  if (reader.take(TagBytes<mapped_tag>::bytes)) known = read_half<of_values(C), Mapped>(reader, mapped);
  while (reader.remaining() > 0) {
    const std::uint32_t tag = read_tag(reader);
    if (tag == key_tag)
      read_half<of_keys(C), Key>(reader, key);
    else if (tag == mapped_tag)
      known = read_half<of_values(C), Mapped>(reader, mapped);
    else if (reader.ok())
      skip_value(reader, tag);
  }
  return known && reader.ok();
}

/// Of two entries with one key the last one wins.
template <class Map, class Key, class Mapped>
void insert([[maybe_unused]] Reader& reader, Map& map, const Key& key, Mapped& mapped) {
  if constexpr (is_view<Map>) {
    weft::detail::fillable(reader, map).push_back({key, mapped});
  } else if constexpr (std::is_trivially_copyable_v<Mapped>) {
    // The node is made whole before its key is compared: what was just written in pieces is slow to read.
    const std::size_t before = map.size();
    auto place = map.emplace_hint(map.end(), key, mapped);
    if (map.size() == before) place->second = mapped;
  } else {
    map.insert_or_assign(map.end(), typename Map::key_type(key), std::move(mapped));
  }
}

template <Coding C, class Map, class Message>
void read_map_entry(Reader& reader, Map& map, Message& message, Found found) {
  const std::uint8_t* outer = reader.open(reader.varint());
  light<typename Map::key_type> key{};
  light<typename Map::mapped_type> mapped{};
  if (!read_entry<C, Map>(reader, key, mapped))
    keep(reader, message, found.position);
  else if (reader.charge(1, element_memory<Map>))
    insert(reader, map, key, mapped);
  reader.close(outer);
}

/// In front of a field's size: how many fields with the same tag follow this one, 1023 or fewer.
template <std::size_t N>
std::size_t count_more(const Reader& reader, const std::array<std::uint8_t, N>& tag) {
  const std::string_view rest = reader.rest_view();
  const auto* next = reinterpret_cast<const std::uint8_t*>(rest.data());
  const auto* const end = next + rest.size();
  std::size_t count = 0;
  for (; count < 1023; ++count) {
    std::uint64_t size = 0;
    if (static_cast<std::size_t>(end - next) < varint::room || !varint::take(next, size)) break;
    if (next > end || size > static_cast<std::size_t>(end - next)) break;
    next += size;
    if (static_cast<std::size_t>(end - next) < N || std::memcmp(next, tag.data(), N) != 0) break;
    next += N;
  }
  return count;
}

/// Room for so many more, in steps as the limits have them, and without giving up that room grows in large
/// ones.
template <class List>
void reserve(const Reader& reader, List& list, std::size_t more) {
  constexpr std::size_t memory = element_memory<List>;
  more = std::min({more, reader.limits().reserve_bytes / memory, reader.limits().element_memory / memory});
  if (list.capacity() - list.size() < more) list.reserve(std::max(list.size() + more, 2 * list.size()));
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
    auto&& list = weft::detail::fillable(reader, S::template place<I>(value));
    using Item = typename Value::value_type;
    // One element seldom comes alone. Where that is easy, those that come together are counted.
    if constexpr (wire<Item, coding> == Wire::length)
      reserve(reader, list, 1 + count_more(reader, TagBytes<expected>::bytes));
    else if (list.capacity() == 0)
      list.reserve(4);
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
      if (found.wire() == Wire::length)
        return read_packed<coding>(reader, S::template place<I>(value), value, S::ids[I]);
      if (found.wire() == wire<Item, coding> && reader.charge(1, sizeof(Item))) {
        const Item item = read_number<coding, Item>(reader);
        if (is_known(item))
          weft::detail::fillable(reader, S::template place<I>(value)).push_back(item);
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
