#include <fmt/format.h>

#include <weft/codec/reader.h>
#include <weft/codec/required.h>

namespace weft {

void Reader::fail(std::string_view what, Code code) {
  if (!ok()) return;
  status_ = Status{code, fmt::format("{} at byte {}", what, position())};
  next_ = end_;
}

void Reader::truncated() { fail("message ends too early"); }
void Reader::out_of_range() { fail("integer out of range"); }

Bytes Reader::bytes(std::uint64_t size) {
  const std::size_t offset = position();
  const std::string_view text = view(size);
  if (text.size() >= limits_.share_binary) return source_.slice(offset, text.size());
  return Bytes{text};
}

std::uint64_t Reader::varint_near_end() {
  std::uint8_t last[varint::room]{};
  const std::size_t left = remaining();
  if (left > 0) std::memcpy(last, next_, left);
  const std::uint8_t* next = last;
  std::uint64_t value;
  // The zeros behind the end would end a varint that has not ended.
  if (!varint::take(next, value) || static_cast<std::size_t>(next - last) > left) {
    truncated();
    return 0;
  }
  next_ += next - last;
  return value;
}

void detail::fail_missing(Reader& reader, std::string_view record, std::string_view field) {
  reader.fail(fmt::format("{} without its required field {}", record, field));
}

}  // namespace weft
