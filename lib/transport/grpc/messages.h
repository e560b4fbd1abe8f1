// MessageReader: cuts the data of a stream into gRPC's messages: a flag byte, a 4-byte big-endian length, the
// bytes. A message that lies whole in one piece is shared where it lies; one that does not is gathered in a
// buffer that grows with what has arrived, not with what was announced, unless that was admitted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <weft/runtime/bytes.h>
#include <weft/runtime/status.h>

namespace weft::detail::grpc {

inline constexpr std::size_t prefix_size = 5;

void put_prefix(std::uint8_t* to, bool compressed, std::size_t size) noexcept;

struct Message {
  Bytes payload;
  bool compressed = false;
  bool alone = false;  ///< keeps no more memory than its own
};

class MessageReader {
 public:
  /// `max`: bytes of a message. `usual`: of which no more come before the whole is admitted.
  explicit MessageReader(std::size_t max, std::size_t usual = SIZE_MAX) noexcept : max_(max), usual_(usual) {}
  /// The message under way may come whole: there is memory for it.
  void admit() noexcept { admitted_ = true; }

  /// Only when `next` wants more.
  void feed(Bytes piece) noexcept { piece_ = std::move(piece); }
  enum class Found { more, message, error };
  Found next(Message& message);
  /// After `error`: `internal` or `resource_exhausted`.
  const Status& status() const noexcept { return status_; }

  /// Whether an end of the stream here would cut off a message.
  bool in_message() const noexcept { return prefix_have_ > 0; }
  /// Bytes of the message under way that are here, and of the memory that they take.
  std::size_t gathered() const noexcept { return gathered_; }
  std::size_t memory() const noexcept { return buffer_.capacity(); }
  /// Of the message under way; 0 while it is not known.
  std::size_t size() const noexcept { return prefix_have_ == prefix_size ? size_ : 0; }

 private:
  bool open();
  void gather();

  std::size_t max_, usual_;
  Bytes piece_;
  Buffer buffer_;
  std::size_t size_ = 0, gathered_ = 0;
  std::array<std::uint8_t, prefix_size> prefix_{};
  std::uint8_t prefix_have_ = 0;
  bool admitted_ = false;
  Status status_;
};

}  // namespace weft::detail::grpc
