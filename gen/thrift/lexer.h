// Lexer: the text of a Thrift file as tokens. Comments vanish, but for doc comments, which stay with the
// token that follows them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../diagnostic.h"
#include "../source.h"

namespace weft::gen::thrift {

struct Token {
  enum class Kind : std::uint8_t { word, integer, real, text, symbol, end };

  Kind kind = Kind::end;
  bool starts_line = false;  ///< the first token of its line
  Place place;
  std::string_view spelling;  ///< as in the file
  std::int64_t integer = 0;
  double real = 0;
  std::string text;  ///< of a string, with its escapes undone
  std::string doc;   ///< the doc comment before it

  bool is(std::string_view symbol_or_word) const noexcept {
    return (kind == Kind::symbol || kind == Kind::word) && spelling == symbol_or_word;
  }
};

/// All tokens, the last of kind `end`. After an error it goes on with the next character.
std::vector<Token> lex(const Source& source, Diagnostics& diagnostics);

}  // namespace weft::gen::thrift
