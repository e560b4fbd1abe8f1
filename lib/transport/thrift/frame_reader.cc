#include "frame_reader.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "../sniff.h"

namespace weft::detail {

bool FrameReader::check_length(const std::uint8_t* bytes, std::size_t& size) {
  std::uint32_t word = std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                       std::uint32_t{bytes[2]} << 8 | std::uint32_t{bytes[3]};
  // A negative length, too, is larger than any limit. An empty frame holds no message.
  if (word > frame_max_ || word == 0) {
    std::string_view other = first_ ? other_protocol(word) : std::string_view{};
    status_ = other.empty() ? invalid_argument(fmt::format("a frame of {} bytes; 1 to {} are allowed",
                                                           static_cast<std::int32_t>(word), frame_max_))
                            : invalid_argument(fmt::format("the peer speaks {}, not framed Thrift", other));
    return false;
  }
  size = word;
  return true;
}

void FrameReader::gather(std::size_t until) {
  std::size_t part = std::min(until - gathered_, piece_.size());
  std::size_t needed = gathered_ + part;
  if (needed > buffer_.capacity()) {
    // Memory grows with what has come, not with what was announced; and seldom, since each step is a copy.
    std::size_t capacity = std::min(until, std::max(needed * 2, first_growth));
    if (gathered_)
      buffer_.grow(capacity, gathered_);
    else
      buffer_ = Buffer{capacity};
  }
  std::memcpy(buffer_.data() + gathered_, piece_.data(), part);
  gathered_ += part;
  piece_.remove_prefix(part);
}

FrameReader::Found FrameReader::next(Bytes& frame) {
  std::size_t size = 0;
  if (gathered_ == 0) {
    if (piece_.size() >= length_size) {
      if (!check_length(piece_.data(), size)) return Found::error;
      first_ = false;
      if (piece_.size() - length_size >= size) {
        frame = piece_.slice(length_size, size);
        piece_.remove_prefix(length_size + size);
        return Found::frame;
      }
    }
    if (piece_.empty()) {
      piece_ = Bytes{};  // lets go of the received memory
      return Found::more;
    }
  }
  if (gathered_ < length_size) gather(length_size);
  if (gathered_ < length_size) {
    piece_ = Bytes{};
    return Found::more;
  }
  if (!check_length(buffer_.data(), size)) return Found::error;
  first_ = false;
  gather(length_size + size);
  if (gathered_ < length_size + size) {
    piece_ = Bytes{};
    return Found::more;
  }
  frame = buffer_.freeze(gathered_);
  frame.remove_prefix(length_size);
  gathered_ = 0;
  return Found::frame;
}

}  // namespace weft::detail
