// BackWriter: puts values one in front of the other and makes a Chain of them, from the last byte to the
// first. So a message's size is known when it is written in front of the message, and nothing is measured
// ahead or moved. Blocks and links are as the Writer's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <weft/codec/varint.h>
#include <weft/codec/writer.h>
#include <weft/runtime/bytes.h>

namespace weft {

class BackWriter {
 public:
  BackWriter() { start(Writer::first_block); }

  /// Where writing starts. Whoever writes takes the cursor, passes it along by value, asks for `room`, and
  /// gives it to `finish` in the end.
  std::uint8_t* cursor() const noexcept { return end_; }
  /// A cursor with `size` bytes free in front of it.
  std::uint8_t* room(std::uint8_t* at, std::size_t size) {
    if (static_cast<std::size_t>(at - begin_) >= size) [[likely]]
      return at;
    return grow(at, size);
  }
  /// Bytes from `at` to the end.
  std::size_t written(const std::uint8_t* at) const noexcept {
    return sealed_ + static_cast<std::size_t>(end_ - at);
  }
  /// The text, with `ahead` bytes free in front of it.
  std::uint8_t* copy(std::uint8_t* at, std::string_view text, std::size_t ahead) {
    at = room(at, text.size() + ahead) - text.size();
    Writer::put(at, text);
    return at;
  }
  std::uint8_t* bytes(std::uint8_t* at, const Bytes& value, std::size_t ahead) {
    if (value.size() >= Writer::link_size) return link(at, value, ahead);
    return copy(at, value.view(), ahead);
  }

  /// Everything from `at` on. The writer is then used up.
  Chain finish(std::uint8_t* at);

 private:
  std::uint8_t* grow(std::uint8_t* at, std::size_t size);
  std::uint8_t* link(std::uint8_t* at, const Bytes& value, std::size_t ahead);
  void seal(std::uint8_t* at);
  void start(std::size_t capacity);

  Buffer block_;
  std::uint8_t* begin_ = nullptr;
  std::uint8_t* end_ = nullptr;
  std::size_t sealed_ = 0;     ///< bytes in `pieces_`
  std::vector<Bytes> pieces_;  ///< the last one first
};

}  // namespace weft
