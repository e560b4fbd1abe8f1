// ZeroCopy: the sends of one stream from the memory where the data lies. The kernel answers twice: with the
// result, after which the next send may follow, and when it needs the memory no more, which is when the peer
// has it.
#pragma once

#include <cstddef>
#include <sys/uio.h>
#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/sync.h>
#include <weft/runtime/task.h>

#include "driver.h"

namespace weft::detail {

class ByteStream;

class ZeroCopy {
 public:
  ZeroCopy(ByteStream& stream, std::size_t from) noexcept : stream_(stream), from_(from) {}
  ZeroCopy(const ZeroCopy&) = delete;

  /// Sends them if they are large enough, else false. Reports by `ByteStream::sent_part`; `refused` may come
  /// instead, and then the stream has to copy.
  bool send(int socket, const Bytes* slices, std::size_t count);
  /// Asks for an early result.
  void cancel() noexcept;
  /// Whether a result is to come.
  bool is_sending() const noexcept { return sending_ != nullptr; }
  /// Sends whose memory the kernel may still read.
  std::size_t pending() const noexcept { return pending_; }

  /// After the stream's end: waits until the peer has everything, as long as it goes on taking; cancelled, or
  /// when it does not, the connection is reset.
  static Task<void> linger(ByteStream* stream);
  bool is_lingering() const noexcept { return lingering_; }

 private:
  struct Send {
    explicit Send(ZeroCopy& owner) noexcept : operation(&completed, this), owner(owner) {}
    Operation operation;
    ZeroCopy& owner;
    std::vector<Bytes> slices;
    std::vector<iovec> vector;
    msghdr message{};
  };
  static void completed(Operation& operation, Completion completion) noexcept;
  static Task<void> settled(ZeroCopy* sends);

  ByteStream& stream_;
  std::size_t from_;
  Send* sending_ = nullptr;
  std::size_t pending_ = 0;
  bool lingering_ = false;
  Event settled_;
};

}  // namespace weft::detail
