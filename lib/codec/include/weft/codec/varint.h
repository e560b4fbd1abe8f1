// Varints and zigzag, as both Thrift compact and Protobuf use them. Branch-free up to 56 bits: the lengths of
// real integers are not predictable, and a mispredicted loop costs more than the arithmetic.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace weft::varint {

static_assert(std::endian::native == std::endian::little);

/// Memory that `put` may write to, whatever the value: it stores eight bytes at once.
inline constexpr std::size_t room = 10;

constexpr std::uint64_t zigzag(std::int64_t n) noexcept {
  return (static_cast<std::uint64_t>(n) << 1) ^ static_cast<std::uint64_t>(n >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t u) noexcept {
  return static_cast<std::int64_t>((u >> 1) ^ (0 - (u & 1)));
}

/// Bytes that `value` takes: 1..10.
constexpr std::size_t size(std::uint64_t value) noexcept {
  return (static_cast<std::size_t>(63 ^ std::countl_zero(value | 1)) * 9 + 73) / 64;
}

namespace detail {

// 8 groups of 7 bits, one a byte <-> 56 bits. Bits move up by being added to themselves, so many times as it
// takes: x + 3x is x << 2.
constexpr std::uint64_t spread(std::uint64_t v) noexcept {
  v += (v >> 28) * (std::uint64_t{15} << 28);
  v += (v & 0x0fffc0000fffc000) * 3;
  return v + (v & 0x3f803f803f803f80);
}
/// The top bits of the bytes must be 0.
constexpr std::uint64_t gather(std::uint64_t v) noexcept {
  v -= (v & 0x7f007f007f007f00) >> 1;
  v = (v & 0x00003fff00003fff) | ((v & 0x3fff00003fff0000) >> 2);
  return static_cast<std::uint32_t>(v) | (v >> 32 << 28);
}

/// What the first so many bytes have of the value.
inline constexpr std::uint64_t payload[9] = {0,
                                             0x7f,
                                             0x7f7f,
                                             0x7f7f7f,
                                             0x7f7f7f7f,
                                             0x7f7f7f7f7f,
                                             0x7f7f7f7f7f7f,
                                             0x7f7f7f7f7f7f7f,
                                             0x7f7f7f7f7f7f7f7f};

/// Bytes that `value` takes, which is not 0.
inline std::size_t size_of_some(std::uint64_t value) noexcept {
  return (static_cast<std::size_t>(63 ^ __builtin_clzll(value)) * 9 + 73) / 64;
}

/// The bits that say that more bytes follow, in a varint of so many bytes.
inline constexpr std::uint64_t more[9] = {
    0, 0, 0x80, 0x8080, 0x808080, 0x80808080, 0x8080808080, 0x808080808080, 0x80808080808080};

/// The first `count` bytes are `value` as a varint, which has so many: 1..8.
inline std::uint64_t word(std::uint64_t value, std::size_t count) noexcept {
  return spread(value) | more[count];
}

}  // namespace detail

/// Writes `value` to `to`, where `room` bytes are free, and returns what follows it.
[[gnu::always_inline]] inline std::uint8_t* put(std::uint8_t* to, std::uint64_t value) noexcept {
  if (value < 0x80) {
    *to = static_cast<std::uint8_t>(value);
    return to + 1;
  }
  if (value < std::uint64_t{1} << 56) [[likely]] {
    const std::size_t count = detail::size_of_some(value);
    const std::uint64_t word = detail::word(value, count);
    std::memcpy(to, &word, sizeof word);
    return to + count;
  }
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<std::uint8_t>(value | 0x80);
  *to++ = static_cast<std::uint8_t>(value);
  return to;
}

namespace detail {
[[gnu::noinline]] inline std::uint8_t* put_long(std::uint8_t* to, std::uint64_t value) noexcept {
  return put(to, value);
}
}  // namespace detail

/// The same where a short one is to be expected.
inline std::uint8_t* put_short(std::uint8_t* to, std::uint64_t value) noexcept {
  if (value >= 0x80) [[unlikely]]
    return detail::put_long(to, value);
  *to = static_cast<std::uint8_t>(value);
  return to + 1;
}

/// Writes `value` right in front of `end`, where `room` bytes are free, and returns where it begins.
inline std::uint8_t* put_before(std::uint8_t* end, std::uint64_t value) noexcept {
  if (value < 0x80) {
    *--end = static_cast<std::uint8_t>(value);
    return end;
  }
  const std::size_t count = detail::size_of_some(value);
  if (value < std::uint64_t{1} << 56) [[likely]] {
    const std::uint64_t word = detail::word(value, count) << (64 - 8 * count);
    std::memcpy(end - sizeof word, &word, sizeof word);
  } else {
    put(end - count, value);
  }
  return end - count;
}

/// The value of a varint of `count` bytes, 1..8, at `from`, where eight bytes are readable.
inline std::uint64_t value_of(const std::uint8_t* from, std::size_t count) noexcept {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return detail::gather(word & detail::payload[count]);
}

/// Reads a varint at `from`, where ten bytes are readable, and moves it on. False, and nothing moved, when it
/// is longer than ten bytes or than 64 bits.
inline bool take(const std::uint8_t*& from, std::uint64_t& value) noexcept {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  const std::uint64_t ends = ~word & 0x8080808080808080;
  if (ends != 0) [[likely]] {
    // Up to the top bit of the last byte.
    value = detail::gather(word & (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7f);
    from += std::countr_zero(ends) / 8 + 1;
    return true;
  }
  value = detail::gather(word & 0x7f7f7f7f7f7f7f7f);
  value |= static_cast<std::uint64_t>(from[8] & 0x7f) << 56;
  if (from[8] < 0x80) {
    from += 9;
    return true;
  }
  if (from[9] > 1) return false;
  value |= static_cast<std::uint64_t>(from[9]) << 63;
  from += 10;
  return true;
}

/// Bytes that `ends` looks at, at once.
inline constexpr std::size_t group = 64;

/// One bit for each of the `group` bytes at `from`: set where a varint ends.
inline std::uint64_t ends(const std::uint8_t* from) noexcept {
  std::uint64_t more = 0;
#ifdef __SSE2__
  for (std::size_t part = 0; part < group / 16; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 16 * part));
    more |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(bytes))) << (16 * part);
  }
#else
  for (std::size_t part = 0; part < group / 8; ++part) {
    std::uint64_t word;
    std::memcpy(&word, from + 8 * part, sizeof word);
    // The eight top bits, side by side.
    more |= ((word >> 7 & 0x0101010101010101) * 0x0102040810204080 >> 56) << (8 * part);
  }
#endif
  return ~more;
}

}  // namespace weft::varint
