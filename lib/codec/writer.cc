#include <algorithm>
#include <utility>

#include <weft/codec/writer.h>

namespace weft {

Chain Writer::finish() {
  const auto used = static_cast<std::size_t>(next_ - block_.data());
  Bytes last = block_.freeze(used);
  next_ = limit_ = nullptr;
  if (sealed_.empty()) return last;
  sealed_.append(std::move(last));
  return std::exchange(sealed_, Chain{});
}

void Writer::start(std::size_t capacity) {
  block_ = Buffer{capacity};
  next_ = block_.data();
  limit_ = next_ + block_.capacity();
}

// Out of line, so that texts that are short and have room need no stack frame.

std::uint8_t* Writer::put_long(std::uint8_t* to, std::string_view text) noexcept {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

std::uint8_t* Writer::sized_elsewhere(std::uint8_t* next, std::string_view text, std::size_t tail) {
  next = grow(next, varint::room + text.size() + tail);
  return put(varint::put(next, text.size()), text);
}

std::uint8_t* Writer::grow(std::uint8_t* next, std::size_t size) {
  const auto used = static_cast<std::size_t>(next - block_.data());
  if (used + size <= largest_block) {
    const std::size_t capacity = std::max(used + size, std::min(2 * block_.capacity() + 16, largest_block));
    block_.grow(std::max(capacity, first_block), used);
    next_ = block_.data() + used;
    limit_ = block_.data() + block_.capacity();
  } else {
    if (used > 0) sealed_.append(block_.freeze(used));
    start(std::max(size, largest_block));
  }
  return next_;
}

std::uint8_t* Writer::link(std::uint8_t* next, const Bytes& value, std::size_t tail) {
  const auto used = static_cast<std::size_t>(next - block_.data());
  if (used > 0) sealed_.append(block_.freeze(used));
  sealed_.append(value);
  start(std::max(tail, first_block));
  return next_;
}

}  // namespace weft
