#include "zero_copy.h"

#include <cerrno>

#include <weft/runtime/combine.h>
#include <weft/runtime/loop.h>

#include "byte_stream.h"

namespace weft::detail {
namespace {
constexpr Duration linger_patience = std::chrono::seconds(5);
}

bool ZeroCopy::send(int socket, const Bytes* slices, std::size_t count) {
  Driver& driver = Loop::current()->driver();
  std::size_t size = 0;
  for (std::size_t index = 0; index < count; ++index) size += slices[index].size();
  if (size < from_ || !driver.can_zero_copy()) return false;
  auto* send = new Send{*this};
  send->slices.assign(slices, slices + count);
  for (const Bytes& slice : send->slices)
    send->vector.push_back({const_cast<std::uint8_t*>(slice.data()), slice.size()});
  send->message.msg_iov = send->vector.data();
  send->message.msg_iovlen = count;
  sending_ = send;
  ++pending_;
  settled_.reset();
  driver.send_zero_copy(send->operation, socket, send->message);
  return true;
}

void ZeroCopy::cancel() noexcept {
  if (sending_) Loop::current()->driver().cancel(sending_->operation);
}

void ZeroCopy::completed(Operation& operation, Completion completion) noexcept {
  auto* send = static_cast<Send*>(operation.owner);
  ZeroCopy& self = send->owner;
  bool is_result = self.sending_ == send;
  if (is_result) self.sending_ = nullptr;
  if (!completion.more) {
    delete send;
    if (--self.pending_ == 0) self.settled_.set();
  }
  if (!is_result) return self.stream_.free_if_over();
  switch (completion.result) {
    case -EOPNOTSUPP:  // as a Unix socket
    case -EINVAL:
      self.from_ = SIZE_MAX;
      [[fallthrough]];
    case -ENOMEM:  // more pinned than RLIMIT_MEMLOCK allows
    case -ENOBUFS:
      return self.stream_.send_refused();
    default:
      return self.stream_.sent_part(completion.result);
  }
}

Task<void> ZeroCopy::settled(ZeroCopy* sends) { co_await sends->settled_.wait(); }

Task<void> ZeroCopy::linger(ByteStream* stream) {
  ZeroCopy& self = *stream->zero_copy();
  self.lingering_ = true;
  std::uint64_t taken = sockets().acknowledged(stream->descriptor());
  while (self.pending_ > 0) {
    auto end = co_await attempt(within(linger_patience, settled(&self)));
    if (end) break;
    std::uint64_t now_taken = sockets().acknowledged(stream->descriptor());
    if (end.status().code() == Code::deadline_exceeded && now_taken != std::exchange(taken, now_taken))
      continue;
    sockets().reset(stream->descriptor());
    std::ignore = co_await attempt(shield(settled(&self)));
  }
  self.lingering_ = false;
  stream->free_if_over();
}

}  // namespace weft::detail
