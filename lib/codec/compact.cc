#include <weft/codec/compact_read.h>

namespace weft::compact {
namespace detail {

void fail_element(Reader& reader) { reader.fail("container with elements of another type"); }

bool read_header(Reader& reader, std::int32_t& last, Wire& type) {
  const std::uint8_t head = reader.byte();
  if (head == 0) return false;
  type = Wire{static_cast<std::uint8_t>(head & 15)};
  if (type == Wire::stop) {
    // Apache looks at the low nibble only, and stops.
    reader.fail("stop byte with a field id");
    return false;
  }
  const int delta = head >> 4;
  last = delta != 0 ? last + delta : reader.zigzag<std::int16_t>();
  if (last > INT16_MAX) reader.fail("field id of more than 16 bits");
  return reader.ok();
}

}  // namespace detail

namespace {

void skip_list(Reader& reader) {
  const std::uint8_t head = reader.byte();
  const Wire element{static_cast<std::uint8_t>(head & 15)};
  std::uint64_t size = head >> 4;
  if (size == 15) size = reader.varint32();
  if (size == 0 || !reader.claim(size, 1, 1) || !reader.enter()) return;
  for (; size > 0 && reader.ok(); --size) skip_element(reader, element);
  reader.leave();
}

void skip_map(Reader& reader) {
  std::uint64_t size = reader.varint32();
  if (size == 0) return;
  const std::uint8_t types = reader.byte();
  const Wire key{static_cast<std::uint8_t>(types >> 4)}, mapped{static_cast<std::uint8_t>(types & 15)};
  if (!reader.claim(size, 2, 1) || !reader.enter()) return;
  for (; size > 0 && reader.ok(); --size) {
    skip_element(reader, key);
    skip_element(reader, mapped);
  }
  reader.leave();
}

void skip_struct(Reader& reader) {
  if (!reader.enter()) return;
  std::int32_t last = 0;
  for (Wire type; detail::read_header(reader, last, type);) skip_field(reader, type);
  reader.leave();
}

}  // namespace

void skip_field(Reader& reader, Wire type) {
  if (type == Wire::true_ || type == Wire::false_) return;  // its value was in the header
  skip_element(reader, type);
}

void skip_element(Reader& reader, Wire type) {
  switch (type) {
    case Wire::true_:
    case Wire::false_:
    case Wire::i8:
      return reader.skip(1);
    case Wire::i16:
    case Wire::i32:
    case Wire::i64:
      static_cast<void>(reader.varint());
      return;
    case Wire::double_:
      return reader.skip(8);
    case Wire::binary:
      return reader.skip(reader.varint32());
    case Wire::list:
    case Wire::set:
      return skip_list(reader);
    case Wire::map:
      return skip_map(reader);
    case Wire::struct_:
      return skip_struct(reader);
    case Wire::uuid:
      return reader.skip(16);
    case Wire::stop:
      break;
  }
  reader.fail("value of an unknown type");
}

}  // namespace weft::compact
