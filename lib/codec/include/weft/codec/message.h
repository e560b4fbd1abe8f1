// The header in front of every message of Thrift's compact protocol. What follows it, to the end of the
// frame, is the payload: a struct of arguments, a result, or an ApplicationException.
#pragma once

#include <cstdint>
#include <string_view>

#include <weft/codec/reader.h>
#include <weft/codec/writer.h>

namespace weft::compact {

/// 0, 5, 6 and 7 can be on the wire too.
enum class MessageType : std::uint8_t { call = 1, reply = 2, exception = 3, oneway = 4 };

struct MessageHeader {
  MessageType type = MessageType::call;
  std::int32_t sequence = 0;
  std::string_view name;  ///< after `read_header`, a part of the reader's source

  friend bool operator==(const MessageHeader&, const MessageHeader&) = default;
};

/// The first byte of every message.
inline constexpr std::uint8_t protocol_id = 0x82;

/// Reads a header; an error is in the reader. `reader.rest()` is then the payload, `reader.position()` where
/// it starts.
MessageHeader read_header(Reader& reader);
void write_header(Writer& writer, const MessageHeader& header);

}  // namespace weft::compact
