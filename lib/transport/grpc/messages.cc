#include "messages.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace weft::detail::grpc {
namespace {
/// The buffer's first size, and how often it grows: each time is a copy, and what was announced is believed
/// the more the more of it has come.
constexpr std::size_t first_growth = 16 * 1024, growth = 4;
}  // namespace

void put_prefix(std::uint8_t* to, bool compressed, std::size_t size) noexcept {
  *to++ = compressed ? 1 : 0;
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = static_cast<std::uint8_t>(size >> shift);
}

/// The prefix is complete: is its message one to wait for?
bool MessageReader::open() {
  if (prefix_[0] > 1) {
    status_ = internal(fmt::format("a message with the flags {:#x}", prefix_[0]));
    return false;
  }
  size_ = std::size_t{prefix_[1]} << 24 | std::size_t{prefix_[2]} << 16 | std::size_t{prefix_[3]} << 8 |
          prefix_[4];
  if (size_ > max_) {
    status_ = resource_exhausted(fmt::format("a message of {} bytes; at most {} are allowed", size_, max_));
    return false;
  }
  return true;
}

void MessageReader::gather() {
  std::size_t part = std::min(size_ - gathered_, piece_.size());
  std::size_t needed = gathered_ + part;
  if (needed > buffer_.capacity()) {
    std::size_t next = std::max(needed, std::min(std::max(needed * growth, first_growth), usual_));
    std::size_t capacity = admitted_ ? size_ : std::min(size_, next);
    if (gathered_)
      buffer_.grow(capacity, gathered_);
    else
      buffer_ = Buffer{capacity};
  }
  std::memcpy(buffer_.data() + gathered_, piece_.data(), part);
  gathered_ += part;
  piece_.remove_prefix(part);
}

MessageReader::Found MessageReader::next(Message& message) {
  if (!status_.ok()) return Found::error;
  if (prefix_have_ < prefix_size) {
    std::size_t part = std::min(prefix_size - prefix_have_, piece_.size());
    std::memcpy(prefix_.data() + prefix_have_, piece_.data(), part);
    prefix_have_ += static_cast<std::uint8_t>(part);
    piece_.remove_prefix(part);
    if (prefix_have_ < prefix_size) {
      piece_ = Bytes{};  // lets go of the received memory
      return Found::more;
    }
    if (!open()) return Found::error;
  }
  if (gathered_ == 0 && piece_.size() >= size_) {
    message.payload = piece_.slice(0, size_);
    message.alone = false;
    piece_.remove_prefix(size_);
  } else {
    if (!piece_.empty()) gather();
    if (gathered_ < size_) {
      piece_ = Bytes{};
      return Found::more;
    }
    message.payload = buffer_.freeze(gathered_);
    message.alone = true;
    gathered_ = 0;
  }
  message.compressed = prefix_[0] == 1;
  prefix_have_ = 0;
  admitted_ = false;
  return Found::message;
}

}  // namespace weft::detail::grpc
