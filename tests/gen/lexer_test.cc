#include "thrift/lexer.h"

#include <cmath>

#include <doctest/doctest.h>

using namespace weft::gen;
using namespace weft::gen::thrift;
using Kind = Token::Kind;

namespace {

struct Lexed {
  Source source;
  Diagnostics diagnostics;
  std::vector<Token> tokens;

  explicit Lexed(std::string text) : source("x.thrift", std::move(text)) {
    tokens = lex(source, diagnostics);
  }
  const Token& operator[](std::size_t index) const { return tokens.at(index); }
};

}  // namespace

TEST_CASE("a dot belongs to a word when a letter follows it") {
  Lexed tokens("a.b.c _x9 a.");
  CHECK(tokens[0].spelling == "a.b.c");
  CHECK(tokens[1].spelling == "_x9");
  CHECK(tokens[2].spelling == "a");
  CHECK_FALSE(tokens.diagnostics.ok());
}

TEST_CASE("integers have signs, leading zeros and hexadecimal digits, and 64 bits") {
  Lexed tokens("7 -7 +7 007 0x1F -0x10 9223372036854775807 -9223372036854775808");
  const std::int64_t expected[] = {7, -7, 7, 7, 31, -16, INT64_MAX, INT64_MIN};
  for (std::size_t index = 0; index < std::size(expected); ++index) {
    CHECK(tokens[index].kind == Kind::integer);
    CHECK(tokens[index].integer == expected[index]);
  }
  CHECK(tokens.diagnostics.ok());
  CHECK_FALSE(Lexed("9223372036854775808").diagnostics.ok());
  CHECK_FALSE(Lexed("0x8000000000000000").diagnostics.ok());
  CHECK_FALSE(Lexed("0x").diagnostics.ok());
  CHECK_FALSE(Lexed("0xfg").diagnostics.ok());
}

TEST_CASE("doubles may lack either side of the point, and an exponent makes one; e10 is a word") {
  Lexed tokens(".5 -.5 1e10 -1.5E-3 2. 1e999 e10");
  const double expected[] = {.5, -.5, 1e10, -1.5e-3, 2.0, HUGE_VAL};
  for (std::size_t index = 0; index < std::size(expected); ++index) {
    CHECK(tokens[index].kind == Kind::real);
    CHECK(tokens[index].real == expected[index]);
  }
  CHECK(tokens[6].kind == Kind::word);
}

TEST_CASE("strings have six escapes and end on their line") {
  Lexed tokens(R"("a\n\r\t\\\"\'b" 'x "y" z' "# // /*")");
  CHECK(tokens[0].text == "a\n\r\t\\\"'b");
  CHECK(tokens[1].text == "x \"y\" z");
  CHECK(tokens[2].text == "# // /*");
  CHECK(tokens.diagnostics.ok());
  CHECK_FALSE(Lexed(R"("\x41")").diagnostics.ok());
  CHECK_FALSE(Lexed("\"open\nnext").diagnostics.ok());
  CHECK_FALSE(Lexed("\"open\\").diagnostics.ok());
}

TEST_CASE("a doc comment belongs to the token behind it, other comments to nobody") {
  Lexed tokens("/** one */ a /* no */ b /***/ c /****/ d // no\n e # no\n f /**\n * two\n *   lines\n */ g");
  CHECK(tokens[0].doc == "one");
  for (std::size_t index = 1; index < 6; ++index) CHECK(tokens[index].doc.empty());
  CHECK(tokens[6].doc == "two\n  lines");
}

TEST_CASE("a byte order mark, CRLF and a missing last newline are fine") {
  Lexed tokens("\xEF\xBB\xBFstruct\r\nS { }");
  CHECK(tokens[0].is("struct"));
  CHECK(tokens[1].starts_line);
  CHECK(tokens.diagnostics.ok());
}

TEST_CASE("a comment that does not end is an error and no endless loop") {
  CHECK_FALSE(Lexed("struct /* S {}").diagnostics.ok());
  CHECK_FALSE(Lexed("/*").diagnostics.ok());
  CHECK_FALSE(Lexed("/**").diagnostics.ok());
}
