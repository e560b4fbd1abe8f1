// Reader: takes values off the front of a slice. The first error is kept and ends the input: everything read
// after it is zero or empty, so a decoder checks once at its end and in front of loops.
#pragma once

#include <array>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include <weft/codec/borrowed.h>
#include <weft/codec/limits.h>
#include <weft/codec/members.h>
#include <weft/codec/varint.h>
#include <weft/runtime/bytes.h>
#include <weft/runtime/status.h>

namespace weft {

namespace detail {

/// As `to.assign(text)`, faster where memory must be had.
inline void assign(std::string& to, std::string_view text) {
  if (text.size() > to.capacity())
    to = std::string(text);
  else
    to.assign(text);
}

}  // namespace detail

class Reader {
 public:
  explicit Reader(Bytes source, const DecodeLimits& limits = {})
      : next_(source.data()), end_(source.end()), source_(std::move(source)), limits_(limits) {}

  bool ok() const noexcept { return status_.ok(); }
  const Status& status() const& noexcept { return status_; }
  Status status() && noexcept { return std::move(status_); }
  /// Ends the input with "<what> at byte N", unless it ended so before.
  void fail(std::string_view what, Code code = Code::invalid_argument);

  /// Bytes read so far; after an error, all of them.
  std::size_t position() const noexcept { return static_cast<std::size_t>(next_ - source_.data()); }
  std::size_t remaining() const noexcept { return static_cast<std::size_t>(end_ - next_); }
  /// What is left, sharing the source's memory.
  Bytes rest() const noexcept { return source_.slice(position(), remaining()); }
  std::string_view rest_view() const noexcept { return {reinterpret_cast<const char*>(next_), remaining()}; }
  const Bytes& source() const noexcept { return source_; }

  /// Where the elements of views are put while a borrowed value is read.
  Arena& arena() noexcept { return assert(arena_), *arena_; }
  void arena(Arena& arena) noexcept { arena_ = &arena; }

  const DecodeLimits& limits() const noexcept { return limits_; }

  /// The next byte, or the one `ahead` of it, without taking it; 0 behind the end.
  std::uint8_t peek(std::size_t ahead = 0) const noexcept { return remaining() > ahead ? next_[ahead] : 0; }
  /// Takes a byte that is there.
  void advance() noexcept { ++next_; }

  /// Takes those bytes if they are next; whether they were.
  template <std::size_t N>
  bool take(const std::array<std::uint8_t, N>& bytes) noexcept {
    if (remaining() < N || std::memcmp(next_, bytes.data(), N) != 0) return false;
    next_ += N;
    return true;
  }

  std::uint8_t byte() {
    if (next_ == end_) [[unlikely]] {
      truncated();
      return 0;
    }
    return *next_++;
  }
  [[gnu::always_inline]] std::uint64_t varint() {
    if (next_ != end_ && *next_ < 0x80) return *next_++;
    return long_varint();
  }
  /// Decoded as 64 bits and checked then: a size of 2^35 must not become 0.
  [[gnu::always_inline]] std::uint32_t varint32() {
    const std::uint64_t value = varint();
    if (value > 0xffffffff) [[unlikely]] {
      fail("varint of more than 32 bits");
      return 0;
    }
    return static_cast<std::uint32_t>(value);
  }
  /// A zigzag varint that must fit Int.
  template <class Int>
  [[gnu::always_inline]] Int zigzag() {
    const std::int64_t value = varint::unzigzag(varint());
    if (!std::in_range<Int>(value)) [[unlikely]] {
      out_of_range();
      return 0;
    }
    return static_cast<Int>(value);
  }
  /// Takes `count` varints, and calls `use` with each of them; false means that it is out of range.
  template <class Use>
  void varints(std::size_t count, Use use) {
    while (count > 0 && ok()) {
      // Where each of many varints ends is seen at once: one that has to wait for the end of the one before
      // it takes twice as long.
      if (count >= 4 && static_cast<std::size_t>(source_.end() - next_) >= varint::group + varint::room) {
        const std::uint8_t* const begin = next_;
        const std::uint8_t* from = begin;
        for (std::uint64_t ends = varint::ends(begin); ends != 0 && count > 0; ends &= ends - 1) {
          const std::uint8_t* const end = begin + std::countr_zero(ends) + 1;
          const auto size = static_cast<std::size_t>(end - from);
          if (size > 8) [[unlikely]]
            break;
          if (!use(varint::value_of(from, size))) [[unlikely]] {
            next_ = end;
            return out_of_range();
          }
          from = end;
          --count;
        }
        next_ = from;
        if (from > end_) [[unlikely]] {
          next_ = end_;
          return truncated();
        }
        if (from != begin) continue;
      }
      const std::uint64_t value = varint();
      if (!use(value)) [[unlikely]]
        return out_of_range();
      --count;
    }
  }
  double little_endian_double() {
    std::uint64_t bits = 0;
    copy_to(&bits, sizeof bits);
    return std::bit_cast<double>(bits);
  }
  void copy_to(void* to, std::size_t size) {
    if (remaining() < size) [[unlikely]]
      return truncated();
    std::memcpy(to, next_, size);
    next_ += size;
  }
  /// How many varints end in what is left.
  std::size_t count_varints() const noexcept {
    std::size_t count = 0;
    for (const std::uint8_t* at = next_; at != end_; ++at) count += *at < 0x80;
    return count;
  }
  void skip(std::uint64_t size) {
    if (remaining() < size) [[unlikely]]
      return truncated();
    next_ += size;
  }
  /// The next `size` bytes where they lie; valid as long as the source.
  std::string_view view(std::uint64_t size) {
    if (remaining() < size) [[unlikely]] {
      truncated();
      return {};
    }
    std::string_view text{reinterpret_cast<const char*>(next_), static_cast<std::size_t>(size)};
    next_ += size;
    return text;
  }
  /// The next `size` bytes: shared from `limits().share_binary` on, else copied.
  Bytes bytes(std::uint64_t size);

  /// One level deeper; false when that is too deep. Each `enter` that succeeded is paired with a `leave`.
  bool enter() {
    if (limits_.depth == 0) [[unlikely]] {
      fail("nested too deeply", Code::resource_exhausted);
      return false;
    }
    --limits_.depth;
    return true;
  }
  void leave() noexcept { ++limits_.depth; }

  /// Ends the input `size` bytes from here, for a part that says its size; `close` gets what this returns and
  /// puts the end back.
  const std::uint8_t* open(std::uint64_t size) {
    const std::uint8_t* outer = end_;
    if (remaining() < size) [[unlikely]]
      truncated();
    else
      end_ = next_ + size;
    return outer;
  }
  void close(const std::uint8_t* outer) noexcept {
    end_ = outer;
    if (!ok()) [[unlikely]]
      next_ = end_;
  }
  /// What was read since `position()` was that.
  std::string_view since(std::size_t position) const noexcept {
    return source_.view().substr(position, this->position() - position);
  }

  /// Whether `count` elements of at least `smallest` bytes each can be there, and their memory may be taken.
  /// To ask before any allocation.
  bool claim(std::uint64_t count, std::size_t smallest, std::size_t memory) {
    // Divided, not multiplied: nothing to overflow.
    if (count > remaining() / smallest) [[unlikely]] {
      fail("container larger than the message");
      return false;
    }
    return charge(count, memory);
  }
  /// The same for elements that are there.
  bool charge(std::uint64_t count, std::size_t memory) {
    if (count > limits_.element_memory / memory) [[unlikely]] {
      fail("containers need too much memory", Code::resource_exhausted);
      return false;
    }
    limits_.element_memory -= count * memory;
    return true;
  }

 private:
  void truncated();
  void out_of_range();
  [[gnu::noinline]] std::uint64_t long_varint() {
    if (remaining() >= 2 && next_[1] < 0x80) {
      const std::uint64_t value = (next_[0] & 0x7fu) | static_cast<std::uint64_t>(next_[1]) << 7;
      next_ += 2;
      return value;
    }
    // What is behind the end of a part may be looked at, too.
    if (static_cast<std::size_t>(source_.end() - next_) < varint::room) [[unlikely]]
      return varint_near_end();
    std::uint64_t value;
    if (!varint::take(next_, value)) [[unlikely]] {
      fail("varint of more than 64 bits");
      return 0;
    }
    if (next_ > end_) [[unlikely]] {
      next_ = end_;
      truncated();
      return 0;
    }
    return value;
  }
  std::uint64_t varint_near_end();

  const std::uint8_t* next_;
  const std::uint8_t* end_;
  Status status_;
  Bytes source_;
  Arena* arena_ = nullptr;
  DecodeLimits limits_;  ///< of `depth` and `element_memory`, what is left
};

namespace detail {

/// A container as codecs fill it: views through an arena.
template <class Container>
decltype(auto) fillable([[maybe_unused]] Reader& reader, Container& container) {
  if constexpr (members::is_view<Container>)
    return Growing<Container>{reader.arena(), container};
  else
    return (container);
}

}  // namespace detail
}  // namespace weft
