#include "text.h"

#include <array>
#include <cstdint>

namespace weft::detail::grpc {
namespace {

bool is_plain(char byte) noexcept { return byte >= 0x20 && byte <= 0x7e && byte != '%'; }

int hex(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

/// Bytes of the UTF-8 sequence that `text` begins with; 0: it begins with none.
std::size_t sequence(std::string_view text) noexcept {
  auto at = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  std::uint8_t first = at(0);
  if (first < 0x80) return 1;
  std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return 0;
  for (std::size_t index = 1; index < size; ++index)
    if (at(index) >> 6 != 2) return 0;
  // Too long forms, surrogates, and beyond U+10FFFF.
  if ((first == 0xe0 && at(1) < 0xa0) || (first == 0xed && at(1) > 0x9f) || (first == 0xf0 && at(1) < 0x90) ||
      (first == 0xf4 && at(1) > 0x8f))
    return 0;
  return size;
}

constexpr char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr auto base64_values = [] {
  std::array<std::int8_t, 256> values{};
  for (auto& value : values) value = -1;
  for (std::int8_t index = 0; index < 64; ++index)
    values[static_cast<std::uint8_t>(base64_digits[index])] = index;
  return values;
}();

}  // namespace

bool is_plain(std::string_view message) noexcept {
  for (char byte : message)
    if (!is_plain(byte)) return false;
  return true;
}

std::string percent_encode(std::string_view message) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(message.size());
  for (char byte : message) {
    if (is_plain(byte)) {
      text += byte;
    } else {
      auto value = static_cast<std::uint8_t>(byte);
      text += '%';
      text += digits[value >> 4];
      text += digits[value & 15];
    }
  }
  return text;
}

std::string percent_decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (text[index] == '%' && index + 2 < text.size() && hex(text[index + 1]) >= 0 &&
        hex(text[index + 2]) >= 0) {
      bytes += static_cast<char>(hex(text[index + 1]) << 4 | hex(text[index + 2]));
      index += 2;
    } else {
      bytes += text[index];
    }
  }
  std::string message;
  for (std::string_view rest = bytes; !rest.empty();) {
    if (std::size_t size = sequence(rest)) {
      message += rest.substr(0, size);
      rest.remove_prefix(size);
    } else {
      message += "\xef\xbf\xbd";
      rest.remove_prefix(1);
    }
  }
  return message;
}

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  int count = 0;
  for (char byte : bytes) {
    bits = bits << 8 | static_cast<std::uint8_t>(byte);
    for (count += 8; count >= 6; count -= 6) text += base64_digits[bits >> (count - 6) & 63];
  }
  if (count > 0) text += base64_digits[bits << (6 - count) & 63];
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.size() % 4 == 0)
    for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding)
      text.remove_suffix(1);
  if (text.size() % 4 == 1) return {};
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (char digit : text) {
    std::int8_t value = base64_values[static_cast<std::uint8_t>(digit)];
    if (value < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count);
    }
  }
  return bytes;
}

}  // namespace weft::detail::grpc
