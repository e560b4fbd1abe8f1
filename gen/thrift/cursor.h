// Cursor: the parser's place among the tokens, and how it gets back on its feet after an error.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "../diagnostic.h"
#include "lexer.h"

namespace weft::gen::thrift {

class Cursor {
 public:
  Cursor(const Source& source, Diagnostics& diagnostics)
      : tokens_(lex(source, diagnostics)), diagnostics_(diagnostics) {}

  const Token& peek(std::size_t ahead = 0) const;
  bool at(std::string_view symbol_or_word) const { return peek().is(symbol_or_word); }
  bool at(Token::Kind kind) const { return peek().kind == kind; }
  const Token& next();
  const Token& last() const { return tokens_[at_ == 0 ? 0 : at_ - 1]; }

  /// Takes the token if it is there.
  bool take(std::string_view symbol_or_word);
  /// Takes the token, or reports that it is missing `after` something.
  bool expect(std::string_view symbol, std::string_view where);
  /// "expected X", at the next token.
  void expected(std::string_view what);
  /// `,` or `;` or nothing.
  void take_separator();

  /// To the first token of a definition, or the end.
  void skip_to_definition();
  /// To the end of a broken entry of a `{}` or `()` list: behind its separator, before the closing bracket,
  /// or at what looks like the next entry or definition.
  void skip_entry(std::string_view close, bool nothing_taken);
  /// Whether the next token begins a definition, and stands where one does.
  bool at_definition() const;

  /// The entries of a list up to `close`, its opening bracket being taken; `entry` reports what is wrong and
  /// returns false.
  template <class Entry>
  void list(std::string_view close, std::string_view where, Entry entry) {
    while (!at(close)) {
      if (at(Token::Kind::end) || at_definition() || diagnostics_.full()) break;
      const std::size_t before = at_;
      if (!entry()) skip_entry(close, at_ == before);
      if (at_ == before) break;  // a bracket of somebody else
    }
    expect(close, where);
  }

  Diagnostics& diagnostics() const noexcept { return diagnostics_; }

 private:
  std::vector<Token> tokens_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
};

}  // namespace weft::gen::thrift
