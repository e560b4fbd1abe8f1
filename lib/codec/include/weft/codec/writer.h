// Writer: puts values one behind the other and makes a Chain of them. Small pieces are copied into blocks of
// up to 64 KiB, which are never moved again once full; large Bytes are linked as slices of their own and not
// copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <weft/codec/varint.h>
#include <weft/runtime/bytes.h>

namespace weft {

class Writer {
 public:
  /// Bytes from which `bytes` links instead of copying: about where a copy costs more than another slice.
  static constexpr std::size_t link_size = 4096;
  /// Bytes of the first block, and of the largest that small pieces share.
  static constexpr std::size_t first_block = 496;
  static constexpr std::size_t largest_block = 64 * 1024 - 16;

  Writer() : Writer(first_block) {}
  explicit Writer(std::size_t capacity)
      : block_(capacity), next_(block_.data()), limit_(next_ + block_.capacity()) {}

  void byte(std::uint8_t value) {
    next_ = room(next_, 1);
    *next_++ = value;
  }
  void varint(std::uint64_t value) { next_ = varint::put(room(next_, varint::room), value); }
  void copy(std::string_view text) { next_ = copy(next_, text, 0); }
  void bytes(const Bytes& value) { next_ = bytes(next_, value, 0); }
  void chain(const Chain& value) {
    for (std::size_t index = 0; index < value.count(); ++index) bytes(value[index]);
  }

  /// Everything written; the writer is then empty, and may be used again.
  Chain finish();

  // For codecs. A function that writes much keeps the cursor in a register: it takes it with `cursor`, passes
  // it along by value, asks for `room`, and puts it back. (Through a member, each byte stored could be a
  // change of it.)
  std::uint8_t* cursor() const noexcept { return next_; }
  void cursor(std::uint8_t* next) noexcept { next_ = next; }
  /// A cursor with `size` bytes free behind it.
  std::uint8_t* room(std::uint8_t* next, std::size_t size) {
    if (static_cast<std::size_t>(limit_ - next) >= size) [[likely]]
      return next;
    return grow(next, size);
  }
  /// The text, with `tail` bytes free behind it.
  std::uint8_t* copy(std::uint8_t* next, std::string_view text, std::size_t tail) {
    return put(room(next, text.size() + tail), text);
  }
  std::uint8_t* bytes(std::uint8_t* next, const Bytes& value, std::size_t tail) {
    if (value.size() >= link_size) return link(next, value, tail);
    return copy(next, value.view(), tail);
  }
  /// A text where there is room for it.
  static std::uint8_t* put(std::uint8_t* to, std::string_view text) noexcept {
    const std::size_t size = text.size();
    // Most texts are short, and a call of memcpy takes longer than these.
    if (size >= 16) {
      if (size > 32) return put_long(to, text);
      ends<Words>(to, text);
    } else if (size >= 8) {
      ends<std::uint64_t>(to, text);
    } else if (size >= 4) {
      ends<std::uint32_t>(to, text);
    } else if (size > 0) {
      to[0] = static_cast<std::uint8_t>(text[0]);
      to[size / 2] = static_cast<std::uint8_t>(text[size / 2]);
      to[size - 1] = static_cast<std::uint8_t>(text[size - 1]);
    }
    return to + size;
  }
  /// The size as a varint and the text, with `tail` bytes free behind it.
  std::uint8_t* sized(std::uint8_t* next, std::string_view text, std::size_t tail) {
    if (static_cast<std::size_t>(limit_ - next) < varint::room + text.size() + tail) [[unlikely]]
      return sized_elsewhere(next, text, tail);
    return put(varint::put_short(next, text.size()), text);
  }

 private:
  struct Words {
    std::uint64_t words[2];
  };
  /// Of a text of one to two words: the first and the last, which may overlap.
  template <class Word>
  static void ends(std::uint8_t* to, std::string_view text) noexcept {
    Word first, last;
    std::memcpy(&first, text.data(), sizeof first);
    std::memcpy(&last, text.data() + text.size() - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + text.size() - sizeof last, &last, sizeof last);
  }
  static std::uint8_t* put_long(std::uint8_t* to, std::string_view text) noexcept;
  std::uint8_t* sized_elsewhere(std::uint8_t* next, std::string_view text, std::size_t tail);
  std::uint8_t* grow(std::uint8_t* next, std::size_t size);
  std::uint8_t* link(std::uint8_t* next, const Bytes& value, std::size_t tail);
  void start(std::size_t capacity);

  Buffer block_;
  std::uint8_t* next_;
  std::uint8_t* limit_;
  Chain sealed_;
};

}  // namespace weft
