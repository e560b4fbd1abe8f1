// Bytes as hex text, spaces between fields allowed, and back.
#pragma once

#include <string>
#include <string_view>

#include <weft/runtime/bytes.h>

inline weft::Bytes from_hex(std::string_view text) {
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string bytes;
  for (std::size_t index = 0; index < text.size();) {
    if (text[index] == ' ') {
      ++index;
      continue;
    }
    bytes += static_cast<char>(digit(text[index]) << 4 | digit(text[index + 1]));
    index += 2;
  }
  return bytes;
}

inline std::string to_hex(const weft::Bytes& bytes) {
  std::string text;
  for (std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}
inline std::string to_hex(const weft::Chain& chain) { return to_hex(chain.flatten()); }
