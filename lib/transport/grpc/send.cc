#include "send.h"

#include <cstring>

#include "messages.h"

namespace weft::detail::grpc {
namespace {
/// Up to here a message is copied behind its prefix: cheaper than two slices.
constexpr std::size_t joined_max = 1024;
}  // namespace

void send_message(http2::Session& session, http2::Stream& stream, const Chain& message,
                  Compression compression) {
  if (compression != Compression::none)
    if (Bytes compressed = compress(compression, message); !compressed.empty()) {
      Buffer prefix{prefix_size};
      put_prefix(prefix.data(), true, compressed.size());
      session.append(stream, prefix.freeze(prefix_size));
      return session.append(stream, std::move(compressed));
    }
  std::size_t size = message.size();
  bool joined = size <= joined_max;
  Buffer buffer{prefix_size + (joined ? size : 0)};
  put_prefix(buffer.data(), false, size);
  std::size_t used = prefix_size;
  for (std::size_t index = 0; joined && index < message.count(); ++index) {
    std::memcpy(buffer.data() + used, message[index].data(), message[index].size());
    used += message[index].size();
  }
  session.append(stream, buffer.freeze(used));
  for (std::size_t index = 0; !joined && index < message.count(); ++index)
    session.append(stream, message[index]);
}

}  // namespace weft::detail::grpc
