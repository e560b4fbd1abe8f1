// Protobuf's wire types, and what each C++ type is on the wire. For the other protobuf_*.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include <weft/codec/members.h>
#include <weft/codec/schema.h>
#include <weft/codec/varint.h>
#include <weft/runtime/bytes.h>

namespace weft::protobuf {

/// The low three bits of a tag. 6 and 7 are not assigned.
enum class Wire : std::uint8_t {
  varint = 0,
  fixed64 = 1,
  length = 2,
  start_group = 3,
  end_group = 4,
  fixed32 = 5,
};

constexpr std::uint32_t tag(std::int32_t id, Wire wire) noexcept {
  return static_cast<std::uint32_t>(id) << 3 | static_cast<std::uint32_t>(wire);
}

inline bool is_ascii(std::string_view text) noexcept {
  const auto word = [&]<class Word>(std::size_t at, Word) {
    Word bits;
    std::memcpy(&bits, text.data() + at, sizeof bits);
    return bits;
  };
  const std::size_t size = text.size();
  std::uint64_t all = 0;
  if (size >= 8) {
    for (std::size_t at = 0; at < size - 8; at += 8) all |= word(at, std::uint64_t{});
    all |= word(size - 8, std::uint64_t{});  // which may overlap
  } else if (size >= 4) {
    all = word(0, std::uint32_t{}) | word(size - 4, std::uint32_t{});
  } else if (size > 0) {
    all = static_cast<std::uint64_t>((text[0] | text[size / 2] | text[size - 1]) & 0x80);
  }
  return (all & 0x8080808080808080) == 0;
}

/// "Well formed" as Unicode has it: no surrogates, nothing longer than it need be, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

namespace detail {

using namespace members;

/// A tag as it is written.
template <std::uint32_t Tag>
struct TagBytes {
  static constexpr std::size_t size = varint::size(Tag);
  static constexpr std::array<std::uint8_t, size> bytes = [] {
    std::array<std::uint8_t, size> result{};
    for (std::size_t index = 0; index < size; ++index)
      result[index] = static_cast<std::uint8_t>((Tag >> (7 * index) & 0x7f) | (index + 1 < size ? 0x80 : 0));
    return result;
  }();
};

template <class T>
inline constexpr bool is_number = std::is_arithmetic_v<T> || std::is_enum_v<T>;
template <class T>
concept Closed = requires { ClosedEnum<T>::values; };

/// The coding of a map's keys and of its values.
constexpr Coding of_keys(Coding coding) noexcept {
  const auto flag = [&](Coding from, Coding to) { return has(coding, from) ? to : Coding::usual; };
  return flag(Coding::zigzag_keys, Coding::zigzag) | flag(Coding::fixed_keys, Coding::fixed) |
         flag(Coding::unchecked, Coding::unchecked);
}
constexpr Coding of_values(Coding coding) noexcept {
  const auto flag = [&](Coding one) { return has(coding, one) ? one : Coding::usual; };
  return flag(Coding::zigzag) | flag(Coding::fixed) | flag(Coding::unchecked);
}

/// Of one value, an element of a repeated field for instance.
template <class T, Coding C>
consteval Wire find_wire() {
  static_assert(!std::is_same_v<T, std::int8_t> && !std::is_same_v<T, std::int16_t> &&
                    !std::is_same_v<T, std::uint8_t> && !std::is_same_v<T, std::uint16_t>,
                "Protobuf's integers have 32 or 64 bits");
  if constexpr (std::is_same_v<T, float>)
    return Wire::fixed32;
  else if constexpr (std::is_same_v<T, double>)
    return Wire::fixed64;
  else if constexpr (is_number<T> && has(C, Coding::fixed))
    return sizeof(T) == 4 ? Wire::fixed32 : Wire::fixed64;
  else if constexpr (is_number<T>)
    return Wire::varint;
  else if constexpr (has(C, Coding::group))
    return Wire::start_group;
  else
    return Wire::length;
}
template <class T, Coding C>
inline constexpr Wire wire = find_wire<T, C>();

/// Bytes that writing a number may touch, and the fewest that it takes.
template <class T, Coding C>
inline constexpr std::size_t number_room = wire<T, C> == Wire::varint ? varint::room : sizeof(T);
template <class T, Coding C>
inline constexpr std::size_t smallest = wire<T, C> == Wire::varint ? 1 : sizeof(T);

/// A field whose numbers are written together behind one tag.
template <class T, Coding C>
consteval bool find_packed() {
  if constexpr (is_vector<T>)
    return is_number<typename T::value_type> && !has(C, Coding::unpacked);
  else
    return false;
}
template <class T, Coding C>
inline constexpr bool is_packed = find_packed<T, C>();

/// The value that a field's tag speaks of: an element, or a map's entry.
template <class T>
struct Element {
  using type = T;
};
template <class T>
  requires(is_vector<T> || is_map<T>)
struct Element<T> {
  using type = typename T::value_type;
};
template <class T>
using element = typename Element<inner<T>>::type;

/// The tag that a writer puts in front of a field.
template <std::int32_t Id, class T, Coding C>
inline constexpr std::uint32_t tag_of =
    tag(Id, is_map<inner<T>> || is_packed<inner<T>, C> ? Wire::length : wire<element<T>, C>);

/// Records of up to so many slots are read and written by straight code, longer ones piece by piece.
inline constexpr std::size_t straight_slots = 64;

/// What a number is as a varint. Negative ones have all 64 bits, whatever their type.
template <Coding C, class T>
constexpr std::uint64_t to_varint(T value) noexcept {
  if constexpr (std::is_enum_v<T>)
    return to_varint<C>(static_cast<std::underlying_type_t<T>>(value));
  else if constexpr (has(C, Coding::zigzag))
    return varint::zigzag(value);
  else if constexpr (std::is_signed_v<T>)
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
  else
    return value;
}
/// And back; bits that the type does not have are dropped.
template <Coding C, class T>
constexpr T from_varint(std::uint64_t value) noexcept {
  if constexpr (std::is_same_v<T, bool>)
    return value != 0;
  else if constexpr (std::is_enum_v<T>)
    return static_cast<T>(static_cast<std::underlying_type_t<T>>(value));
  else if constexpr (has(C, Coding::zigzag) && sizeof(T) == 4)
    return static_cast<T>(varint::unzigzag(static_cast<std::uint32_t>(value)));
  else if constexpr (has(C, Coding::zigzag))
    return varint::unzigzag(value);
  else
    return static_cast<T>(value);
}

/// Whether a number is one that its enum has; true for everything but closed enums.
template <class T>
constexpr bool is_known([[maybe_unused]] T value) noexcept {
  if constexpr (Closed<T>) {
    for (std::int32_t known : ClosedEnum<T>::values)
      if (known == static_cast<std::int32_t>(value)) return true;
    return false;
  } else {
    return true;
  }
}

}  // namespace detail
}  // namespace weft::protobuf
