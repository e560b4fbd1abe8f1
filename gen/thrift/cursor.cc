#include "cursor.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace weft::gen::thrift {

namespace {

constexpr std::array<std::string_view, 11> definition_words = {
    "typedef",   "const",   "enum",      "senum",   "struct",     "union",
    "exception", "service", "namespace", "include", "cpp_include"};

}  // namespace

const Token& Cursor::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& Cursor::next() {
  const Token& token = peek();
  if (token.kind != Token::Kind::end) ++at_;
  return token;
}

bool Cursor::take(std::string_view symbol_or_word) {
  if (!at(symbol_or_word)) return false;
  next();
  return true;
}

void Cursor::expected(std::string_view what) {
  const Token& found = peek();
  if (found.kind == Token::Kind::end)
    diagnostics_.error(found.place, fmt::format("expected {}, but the file ends here", what));
  else
    diagnostics_.error(found.place, fmt::format("expected {}", what));
}

bool Cursor::expect(std::string_view symbol, std::string_view where) {
  if (take(symbol)) return true;
  expected(fmt::format("`{}` {}", symbol, where));
  return false;
}

void Cursor::take_separator() {
  if (!take(",")) take(";");
}

bool Cursor::at_definition() const {
  const Token& token = peek();
  if (token.kind != Token::Kind::word || !token.starts_line) return false;
  if (std::find(definition_words.begin(), definition_words.end(), token.spelling) == definition_words.end())
    return false;
  // A field may be named `service`, but then no name follows.
  const Token::Kind after = peek(1).kind;
  return after == Token::Kind::word || after == Token::Kind::text || peek(1).is("*");
}

void Cursor::skip_to_definition() {
  while (!at(Token::Kind::end) && !at_definition()) next();
}

void Cursor::skip_entry(std::string_view close, bool nothing_taken) {
  std::size_t depth = 0;
  for (bool first = nothing_taken; !at(Token::Kind::end) && !at_definition(); first = false) {
    if (depth == 0) {
      if (at(close) || at("}")) return;
      if (at(",") || at(";")) {
        next();
        return;
      }
      if (!first && peek().starts_line && at(Token::Kind::integer) && peek(1).is(":")) return;
    }
    const Token& token = next();
    if (token.is("{") || token.is("(") || token.is("[")) ++depth;
    if ((token.is("}") || token.is(")") || token.is("]")) && depth > 0) --depth;
  }
}

}  // namespace weft::gen::thrift
