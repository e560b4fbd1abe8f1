#include "envelope.h"

#include <cstring>

#include <weft/codec/varint.h>

namespace weft::detail {
namespace {

constexpr std::uint8_t version = 1;

}  // namespace

std::size_t message_size(std::string_view name, std::int32_t sequence, std::size_t payload) noexcept {
  return 2 + varint::size(static_cast<std::uint32_t>(sequence)) + varint::size(name.size()) + name.size() +
         payload;
}

void write_message(Socket& socket, compact::MessageType type, std::string_view name, std::int32_t sequence,
                   const Chain& payload) {
  std::size_t payload_size = payload.size();
  std::size_t size = message_size(name, sequence, payload_size);
  // A small message is put together in one piece; a large payload is linked behind its header.
  bool whole = payload.count() == 1 && payload_size < 4096;
  std::uint8_t* start = socket.reserve(4 + size - (whole ? 0 : payload_size) + 2 * varint::room);
  std::uint8_t* to = start;
  for (int shift = 24; shift >= 0; shift -= 8) *to++ = static_cast<std::uint8_t>(size >> shift);
  *to++ = compact::protocol_id;
  *to++ = static_cast<std::uint8_t>(static_cast<unsigned>(type) << 5 | version);
  to = varint::put(to, static_cast<std::uint32_t>(sequence));  // not zigzag: -1 takes five bytes
  to = varint::put(to, name.size());
  std::memcpy(to, name.data(), name.size());
  to += name.size();
  if (whole) {
    std::memcpy(to, payload[0].data(), payload_size);
    to += payload_size;
  }
  socket.commit(static_cast<std::size_t>(to - start));
  if (!whole) socket.write(payload);
}

}  // namespace weft::detail
