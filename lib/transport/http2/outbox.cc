#include "outbox.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace weft::detail::http2 {

Bytes Outbox::take(std::size_t size) {
  assert(size_ > 0 && size > 0);
  if (first_.empty()) {
    first_ = std::move(rest_[next_++]);
    if (next_ == rest_.size()) {
      rest_.clear();
      next_ = 0;
    } else if (next_ >= 64) {
      // A stream that is never quite empty must not keep what it has sent.
      rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(next_));
      next_ = 0;
    }
  }
  if (first_.size() <= size) {
    size_ -= first_.size();
    return std::exchange(first_, Bytes{});
  }
  Bytes part = first_.slice(0, size);
  first_.remove_prefix(size);
  size_ -= size;
  return part;
}

void Outbox::take(std::uint8_t* to, std::size_t size) {
  while (size > 0) {
    Bytes piece = take(size);
    std::memcpy(to, piece.data(), piece.size());
    to += piece.size();
    size -= piece.size();
  }
}

}  // namespace weft::detail::http2
