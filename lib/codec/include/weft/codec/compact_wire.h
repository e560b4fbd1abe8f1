// Thrift compact's type codes, and what each C++ type is on the wire. For the other compact_*.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <weft/codec/members.h>
#include <weft/codec/schema.h>
#include <weft/codec/uuid.h>
#include <weft/codec/varint.h>
#include <weft/runtime/bytes.h>

namespace weft::compact {

/// The type nibbles of field, list, set and map headers. They are not the numbers of the binary protocol.
enum class Wire : std::uint8_t {
  stop = 0,
  true_ = 1,   ///< of a field, its value too; in containers: bool
  false_ = 2,  ///< in containers: bool as well, from some writers
  i8 = 3,
  i16 = 4,
  i32 = 5,
  i64 = 6,
  double_ = 7,
  binary = 8,
  list = 9,
  set = 10,
  map = 11,
  struct_ = 12,
  uuid = 13,
};

namespace detail {

using namespace members;

template <class T>
consteval Wire find_wire() {
  if constexpr (Nullable<T>)
    return find_wire<inner<T>>();
  else if constexpr (is_lent<T>)
    return find_wire<typename T::value_type>();
  else if constexpr (std::is_same_v<T, bool>)
    return Wire::true_;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return Wire::i8;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return Wire::i16;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return Wire::i32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return Wire::i64;
  else if constexpr (std::is_enum_v<T>)
    return find_wire<std::underlying_type_t<T>>();
  else if constexpr (std::is_same_v<T, double>)
    return Wire::double_;
  else if constexpr (is_text<T> || std::is_same_v<T, Bytes>)
    return Wire::binary;
  else if constexpr (std::is_same_v<T, Uuid>)
    return Wire::uuid;
  else if constexpr (is_vector<T>)
    return Wire::list;
  else if constexpr (is_set<T>)
    return Wire::set;
  else if constexpr (is_map<T>)
    return Wire::map;
  else
    return Wire::struct_;
}

}  // namespace detail

template <class T>
inline constexpr Wire wire = detail::find_wire<T>();

/// Whether a container header, or a field header, that says `type` may hold T.
template <class T>
constexpr bool accepts(Wire type) noexcept {
  return type == wire<T> || (wire<T> == Wire::true_ && type == Wire::false_);
}

/// The fewest bytes that an element of T takes: a struct has its stop byte.
template <class T>
inline constexpr std::size_t smallest = wire<T> == Wire::double_ ? 8
                                        : wire<T> == Wire::uuid  ? 16
                                                                 : 1;

/// Whether a T has a bound on its encoded size: `fixed_room<T>` is then what writing one may touch.
template <class T>
inline constexpr bool fixed = wire<T> < Wire::binary || wire<T> == Wire::uuid;
template <class T>
inline constexpr std::size_t fixed_room = wire<T> == Wire::true_ || wire<T> == Wire::i8 ? 1
                                          : wire<T> == Wire::double_                    ? 8
                                          : wire<T> == Wire::uuid                       ? 16
                                                                                        : varint::room;

/// Integers of 16 bits and more are zigzag varints, which must fit the integer.
template <class T>
inline constexpr bool is_varint = wire<T> == Wire::i16 || wire<T> == Wire::i32 || wire<T> == Wire::i64;

/// A field header: the long form is a type byte and a zigzag varint, of which eight bytes are stored at once.
inline constexpr std::size_t header_room = 1 + varint::room;

/// Records of up to so many slots are read and written by straight code, longer ones piece by piece.
inline constexpr std::size_t straight_slots = 64;

/// The memory that one element takes in a container, nodes of a tree included.
template <class Container>
inline constexpr std::size_t element_memory =
    sizeof(typename Container::value_type) +
    (detail::is_vector<Container> || detail::is_view<Container> ? 0 : 48);

}  // namespace weft::compact
