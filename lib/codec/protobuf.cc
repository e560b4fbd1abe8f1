#include <cstring>

#include <fmt/format.h>

#include <weft/codec/protobuf.h>
#include <weft/codec/protobuf_read.h>

namespace weft::protobuf {
namespace detail {

void fail_text(Reader& reader) { reader.fail("text that is not UTF-8"); }

void add_unknown(std::string& unknown, std::uint32_t tag, std::uint64_t value) {
  std::uint8_t room[2 * varint::room];
  const std::uint8_t* end = varint::put(varint::put(room, tag), value);
  unknown.append(reinterpret_cast<const char*>(room), static_cast<std::size_t>(end - room));
}

}  // namespace detail

std::uint32_t read_tag(Reader& reader) {
  const std::uint32_t tag = reader.varint32();
  if (!reader.ok()) return 0;
  if (tag >> 3 == 0) {
    reader.fail("field number 0");
    return 0;
  }
  if ((tag & 7) > static_cast<std::uint32_t>(Wire::fixed32)) {
    reader.fail("wire type that does not exist");
    return 0;
  }
  return tag;
}

void skip_value(Reader& reader, std::uint32_t tag) {
  switch (Wire{static_cast<std::uint8_t>(tag & 7)}) {
    case Wire::varint:
      static_cast<void>(reader.varint());
      return;
    case Wire::fixed64:
      return reader.skip(8);
    case Wire::length:
      return reader.skip(reader.varint());
    case Wire::fixed32:
      return reader.skip(4);
    case Wire::start_group: {
      if (!reader.enter()) return;
      const std::uint32_t end = protobuf::tag(static_cast<std::int32_t>(tag >> 3), Wire::end_group);
      for (std::uint32_t next; (next = read_tag(reader)) != end && reader.ok();) skip_value(reader, next);
      return reader.leave();
    }
    case Wire::end_group:
      break;
  }
  reader.fail("end of a group that is not open");
}

bool is_utf8(std::string_view text) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    std::uint64_t word = 0;
    if (text.size() - at >= sizeof word) {
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080) == 0) {
        at += sizeof word;
        continue;
      }
    }
    const unsigned char first = byte(at);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.size() - at < size) return false;
    // What the second byte may be rules out what is too long, a surrogate or too large.
    const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte(at + 1) < low || byte(at + 1) > high) return false;
    for (std::size_t next = 2; next < size; ++next)
      if ((byte(at + next) & 0xc0) != 0x80) return false;
    at += size;
  }
  return true;
}

Status undecodable_request(const Status& status) {
  const Code code = status.code() == Code::resource_exhausted ? Code::resource_exhausted : Code::internal;
  return Status{code, fmt::format("undecodable request: {}", status.message())}.with(Fault::caller);
}

}  // namespace weft::protobuf
