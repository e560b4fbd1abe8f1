// Writing one Thrift message as a frame: length, message header, payload.
#pragma once

#include <cstdint>
#include <string_view>

#include <weft/codec/message.h>
#include <weft/runtime/socket.h>

namespace weft::detail {

/// Bytes of the frame, its length not counted.
std::size_t message_size(std::string_view name, std::int32_t sequence, std::size_t payload) noexcept;
void write_message(Socket& socket, compact::MessageType type, std::string_view name, std::int32_t sequence,
                   const Chain& payload);

}  // namespace weft::detail
