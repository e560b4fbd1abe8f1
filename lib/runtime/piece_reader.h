// PieceReader: receives by a system call of its own, into memory that the cache most likely still has.
//
// Pieces are carved one behind the other out of a block; once nobody holds one of them any more, the block is
// used again from its start. A small piece is copied out, so that whoever keeps it does not keep the block.
#pragma once

#include <cerrno>
#include <cstddef>
#include <sys/socket.h>

#include <weft/runtime/bytes.h>

namespace weft::detail {

class PieceReader {
 public:
  /// `room`: bytes that a call can take at least.
  explicit PieceReader(std::size_t room) noexcept : room_(room) {}

  /// Never waits. The number of bytes, which are then in `data`; 0 at the end of the stream; or a negative
  /// errno. `filled`: there may be more.
  ssize_t receive(int socket, Bytes& data, bool& filled) {
    if (!block_.is_shared()) used_ = 0;
    if (block_.capacity() - used_ < room_) {
      block_ = Buffer{2 * room_};
      used_ = 0;
    }
    std::size_t room = block_.capacity() - used_;
    ssize_t got = ::recv(socket, block_.data() + used_, room, MSG_DONTWAIT);
    if (got <= 0) return got < 0 ? -errno : 0;
    auto size = static_cast<std::size_t>(got);
    filled = size == room;
    if (size < small_piece) {
      data = Bytes{std::string_view{reinterpret_cast<const char*>(block_.data() + used_), size}};
    } else {
      data = block_.share(used_, size);
      used_ += size;
    }
    return got;
  }

 private:
  static constexpr std::size_t small_piece = 4096;

  std::size_t room_;
  Buffer block_;
  std::size_t used_ = 0;
};

/// What a loop receives in one turn by such calls, at most: as much as the cache holds until it has been
/// worked on and what became of it was sent.
inline constexpr std::size_t received_in_turn_max = 256 << 10;

}  // namespace weft::detail
