#include <weft/codec/message.h>

namespace weft::compact {
namespace {

constexpr std::uint8_t version = 1;  // fbthrift's 2 has big endian doubles

}  // namespace

MessageHeader read_header(Reader& reader) {
  MessageHeader header;
  if (reader.byte() != protocol_id) reader.fail("not a message of the compact protocol");
  const std::uint8_t head = reader.byte();
  if ((head & 0x1f) != version) reader.fail("unknown version of the compact protocol");
  header.type = MessageType{static_cast<std::uint8_t>(head >> 5)};
  // Not zigzagged: -1 is ff ff ff ff 0f.
  header.sequence = static_cast<std::int32_t>(reader.varint32());
  const std::uint32_t size = reader.varint32();
  if (size > reader.limits().method_name) reader.fail("method name too long", Code::resource_exhausted);
  header.name = reader.view(size);
  return header;
}

void write_header(Writer& writer, const MessageHeader& header) {
  writer.byte(protocol_id);
  writer.byte(static_cast<std::uint8_t>(static_cast<unsigned>(header.type) << 5 | version));
  writer.varint(static_cast<std::uint32_t>(header.sequence));
  writer.varint(header.name.size());
  writer.copy(header.name);
}

}  // namespace weft::compact
