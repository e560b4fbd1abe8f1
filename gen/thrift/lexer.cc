#include "lexer.h"

#include <cerrno>
#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

namespace weft::gen::thrift {

namespace {

// The characters of the C locale, whatever locale the program runs in.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

/// What a doc comment says: without the frame of stars, indentation and blank ends.
std::string clean_doc(std::string_view comment) {
  std::string doc;
  bool first = true;
  while (!comment.empty()) {
    auto end = comment.find('\n');
    std::string_view line = comment.substr(0, end);
    comment.remove_prefix(end == comment.npos ? comment.size() : end + 1);
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    std::string_view bare = line;
    while (!bare.empty() && is_blank(bare.front())) bare.remove_prefix(1);
    if (!first && !bare.empty() && bare.front() == '*') bare.remove_prefix(1);
    if (!bare.empty() && bare.front() == ' ') bare.remove_prefix(1);
    if (!first) doc += '\n';
    doc += bare;
    first = false;
  }
  auto begin = doc.find_first_not_of('\n');
  if (begin == doc.npos) return {};
  doc.erase(0, begin);
  doc.erase(doc.find_last_not_of("\n*") + 1);
  while (!doc.empty() && is_blank(doc.back())) doc.pop_back();
  return doc;
}

class Lexer {
 public:
  Lexer(const Source& source, Diagnostics& diagnostics)
      : source_(source), text_(source.text()), diagnostics_(diagnostics) {}

  std::vector<Token> run() {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
    for (;;) {
      skip_blanks_and_comments();
      if (at_ >= text_.size() || diagnostics_.full()) break;
      start_ = at_;
      one_token();
    }
    start_ = at_ = text_.size();
    add(Token::Kind::end);
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  Place place() const { return place(start_, at_ - start_); }
  Place place(std::size_t offset, std::size_t size) const {
    return {&source_, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size)};
  }

  Token& add(Token::Kind kind) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.place = place();
    token.spelling = text_.substr(start_, at_ - start_);
    token.starts_line = std::exchange(new_line_, false);
    token.doc = std::exchange(doc_, {});
    return token;
  }

  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  void skip_blanks_and_comments() {
    while (at_ < text_.size()) {
      if (is_blank(peek())) {
        new_line_ |= peek() == '\n';
        ++at_;
      } else if (peek() == '#' || (peek() == '/' && peek(1) == '/')) {
        skip_line();
      } else if (peek() == '/' && peek(1) == '*') {
        block_comment();
      } else {
        return;
      }
    }
  }

  void block_comment() {
    auto end = text_.find("*/", at_ + 2);
    if (end == text_.npos) {
      diagnostics_.error(place(at_, 2), "this comment does not end");
      at_ = text_.size();
      return;
    }
    std::string_view inside = text_.substr(at_ + 2, end - at_ - 2);
    // `/**/`, `/***/` and longer rules of stars are plain comments.
    if (inside.starts_with('*') && inside.find_first_not_of('*') != inside.npos)
      doc_ = clean_doc(inside.substr(1));
    new_line_ |= inside.find('\n') != inside.npos;
    at_ = end + 2;
  }

  void one_token() {
    char c = peek();
    if (is_letter(c)) {
      word();
    } else if (is_digit(c) || ((c == '+' || c == '-') && (is_digit(peek(1)) || peek(1) == '.')) ||
               (c == '.' && is_digit(peek(1)))) {
      number();
    } else if (c == '"' || c == '\'') {
      string(c);
    } else {
      ++at_;
      if (std::string_view("{}()[]<>:;,=*&@").find(c) != std::string_view::npos) {
        add(Token::Kind::symbol);
        return;
      }
      // The rest of a run of such characters would be the same mistake again.
      while (at_ < text_.size() && !is_blank(peek()) && !is_word(peek()) &&
             static_cast<unsigned char>(peek()) >= 0x80)
        ++at_;
      diagnostics_.error(place(), "this character means nothing here");
    }
  }

  void word() {
    while (is_word(peek()) || (peek() == '.' && is_word(peek(1)))) ++at_;
    add(Token::Kind::word);
  }

  void number() {
    if (peek() == '+' || peek() == '-') ++at_;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      at_ += 2;
      while (is_word(peek())) ++at_;
      integer(16);
      return;
    }
    bool real = false;
    while (is_digit(peek())) ++at_;
    if (peek() == '.') {
      real = true;
      ++at_;
      while (is_digit(peek())) ++at_;
    }
    std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      real = true;
      at_ += 1 + sign;
      while (is_digit(peek())) ++at_;
    }
    if (!real) return integer(10);
    std::string digits(text_.substr(start_, at_ - start_));
    if (digits.find_first_of("0123456789") == digits.npos) {
      diagnostics_.error(place(), "a number needs digits");
      return;
    }
    // strtod, as the Thrift compiler: past the range it gives infinity, or zero.
    add(Token::Kind::real).real = std::strtod(digits.c_str(), nullptr);
  }

  void integer(int base) {
    std::string_view digits = text_.substr(start_, at_ - start_);
    const bool negative = digits.front() == '-';
    if (negative || digits.front() == '+') digits.remove_prefix(1);
    if (base == 16) digits.remove_prefix(2);
    std::uint64_t magnitude = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
    const std::uint64_t limit = negative ? std::uint64_t{1} << 63 : (std::uint64_t{1} << 63) - 1;
    Token& token = add(Token::Kind::integer);
    if (error == std::errc::invalid_argument || end != digits.data() + digits.size())
      diagnostics_.error(token.place, fmt::format("`{}` is not a number", token.spelling));
    else if (error != std::errc{} || magnitude > limit)
      diagnostics_.error(token.place, "this number does not fit into 64 bits");
    else
      token.integer = static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
  }

  void string(char quote) {
    ++at_;
    std::string text;
    for (;;) {
      if (at_ >= text_.size() || peek() == '\n') {
        diagnostics_.error(place(start_, 1), "this string does not end on its line");
        break;
      }
      char c = text_[at_++];
      if (c == quote) break;
      if (c == '\0') diagnostics_.error(place(at_ - 1, 1), "a string cannot hold a NUL");
      text += c == '\\' ? escape() : c;
    }
    add(Token::Kind::text).text = std::move(text);
  }

  char escape() {
    const std::size_t backslash = at_ - 1;
    char c = peek();
    if (at_ < text_.size() && c != '\n') ++at_;
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case '\\':
      case '"':
      case '\'':
        return c;
      default:
        diagnostics_.error(place(backslash, 2), R"(the escapes are \n \r \t \\ \" and \')");
        return c;
    }
  }

  const Source& source_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  std::string doc_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;  ///< of the token being read
  bool new_line_ = true;
};

}  // namespace

std::vector<Token> lex(const Source& source, Diagnostics& diagnostics) {
  return Lexer{source, diagnostics}.run();
}

}  // namespace weft::gen::thrift
