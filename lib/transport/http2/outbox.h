// Outbox: bytes of one stream that wait for its window, in order. What is appended is linked, not copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <weft/runtime/bytes.h>

namespace weft::detail::http2 {

class Outbox {
 public:
  std::size_t size() const noexcept { return size_; }
  void append(Bytes bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    if (first_.empty() && next_ == rest_.size())
      first_ = std::move(bytes);
    else
      rest_.push_back(std::move(bytes));
  }
  void clear() noexcept {
    first_ = Bytes{};
    rest_.clear();
    next_ = size_ = 0;
  }

  /// Copies `size` bytes, which must be there, and forgets them.
  void take(std::uint8_t* to, std::size_t size);
  /// The next piece, of at most `size` bytes. It must not be empty.
  Bytes take(std::size_t size);

 private:
  Bytes first_;  ///< most bodies are one piece
  std::vector<Bytes> rest_;
  std::size_t next_ = 0;  ///< of the rest
  std::size_t size_ = 0;
};

}  // namespace weft::detail::http2
