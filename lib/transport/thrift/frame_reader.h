// FrameReader: cuts the received pieces into Thrift frames: a 4-byte big-endian signed length, then one
// message. A frame that lies whole in one piece is shared where it lies; one that does not is gathered in a
// buffer that grows with what has arrived, not with what was announced.
#pragma once

#include <cstddef>
#include <cstdint>

#include <weft/runtime/bytes.h>
#include <weft/runtime/status.h>

namespace weft::detail {

class FrameReader {
 public:
  /// `frame_max`: bytes, not counting the length.
  explicit FrameReader(std::size_t frame_max) noexcept : frame_max_(frame_max) {}

  /// What was received next. The piece before must have been used up: `next` said `more`.
  void feed(Bytes piece) noexcept { piece_ = std::move(piece); }

  enum class Found { frame, more, error };
  /// The next whole frame.
  Found next(Bytes& frame);
  const Status& status() const noexcept { return status_; }

  /// Whether a frame has begun and not ended.
  bool in_frame() const noexcept { return gathered_ > 0; }
  /// Bytes of memory that the unfinished frame takes.
  std::size_t buffered() const noexcept { return buffer_.capacity(); }

 private:
  static constexpr std::size_t length_size = 4, first_growth = 16 * 1024;

  bool check_length(const std::uint8_t* bytes, std::size_t& size);
  void gather(std::size_t until);

  std::size_t frame_max_;
  Bytes piece_;
  Buffer buffer_;
  std::size_t gathered_ = 0;  ///< bytes in the buffer, the length included
  bool first_ = true;         ///< no frame has been seen yet
  Status status_;
};

}  // namespace weft::detail
