#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("an error shows its line and points at the place") {
  CHECK(reports("struct S {\n\t1: Foo foo\n}\n") ==
        "x.thrift:2:5: error: there is no type `Foo`\n"
        "\t1: Foo foo\n"
        "\t   ^~~\n");
}

TEST_CASE("a note points at the other place") {
  CHECK(reports("struct A {}\nenum A {}\n") ==
        "x.thrift:2:6: error: `A` is declared twice\n"
        "enum A {}\n"
        "     ^\n"
        "x.thrift:1:8: note: the first is here\n"
        "struct A {}\n"
        "       ^\n");
}

TEST_CASE("one run finds several errors: the parser goes on with the next field and the next definition") {
  CHECK(reports("struct S {\n  1: i32\n  2: i32 b = ,\n  3: i32 c\n  x: i32 d\n}\nenum {}\nstruct T { 1: Foo "
                "f }\n") ==
        "x.thrift:3:3: error: expected the name of the field\n"
        "  2: i32 b = ,\n"
        "  ^\n"
        "x.thrift:3:14: error: expected a value\n"
        "  2: i32 b = ,\n"
        "             ^\n"
        "x.thrift:5:4: error: expected the name of the field\n"
        "  x: i32 d\n"
        "   ^\n"
        "x.thrift:7:6: error: expected the name of the enum\n"
        "enum {}\n"
        "     ^\n"
        "x.thrift:8:15: error: there is no type `Foo`\n"
        "struct T { 1: Foo f }\n"
        "              ^~~\n");
}

TEST_CASE("the caret stands right behind characters of several bytes") {
  CHECK(reports("const i32 X = 1 /* 世界 */ const i32 X = 2\n") ==
        "x.thrift:1:40: error: the constant `X` is declared twice\n"
        "const i32 X = 1 /* 世界 */ const i32 X = 2\n"
        "                                   ^\n"
        "x.thrift:1:11: note: the first is here\n"
        "const i32 X = 1 /* 世界 */ const i32 X = 2\n"
        "          ^\n");
}

TEST_CASE("a missing file, and one that includes itself, are shown where they are included") {
  CHECK(reports("include \"nope.thrift\"\n") ==
        "x.thrift:1:9: error: there is no file `nope.thrift`\n"
        "include \"nope.thrift\"\n"
        "        ^~~~~~~~~~~~~\n"
        "x.thrift:1:9: note: looked for it beside this file and in the folders given with -I\n"
        "include \"nope.thrift\"\n"
        "        ^~~~~~~~~~~~~\n");
  CHECK(reports("include \"a.thrift\"\n",
                {{"a.thrift", "include \"b.thrift\"\n"}, {"b.thrift", "include \"./x.thrift\"\n"}}) ==
        "b.thrift:1:9: error: this file is included by itself\n"
        "include \"./x.thrift\"\n"
        "        ^~~~~~~~~~~~\n"
        "x.thrift:1:9: note: the way goes through here\n"
        "include \"a.thrift\"\n"
        "        ^~~~~~~~~~\n"
        "a.thrift:1:9: note: the way goes through here\n"
        "include \"b.thrift\"\n"
        "        ^~~~~~~~~~\n");
}

TEST_CASE(
    "a value without end is an error where `required` asks for it, and else the field becomes optional") {
  CHECK(reports("struct A {\n  1: required B b\n}\nstruct B {\n  1: required A a\n}\n") ==
        "x.thrift:2:17: error: `b` makes A contain itself: such a value has no end; it could be `optional`, "
        "in a "
        "`list`, or a reference with `&`\n"
        "  1: required B b\n"
        "                ^\n"
        "x.thrift:5:17: note: the way goes through here too\n"
        "  1: required A a\n"
        "                ^\n");
  CHECK(reports("struct A {\n  1: required B b\n}\nstruct B {\n  1: A a\n}\n") ==
        "x.thrift:5:8: warning: `a` makes B contain itself, which has no end: it is taken to be `optional`\n"
        "  1: A a\n"
        "       ^\n");
  // One is enough.
  const std::string two = reports("struct A { 1: B b } struct B { 1: T a } typedef A T struct C { 1: A a }");
  CHECK(says(two, "`b` makes A contain itself"));
  CHECK(!says(two, "`a` makes"));
  const Output made = output("struct A { 1: A a, 2: list<A> more }");
  CHECK(says(made.header, "weft::Box<A> a{};"));
  CHECK(says(made.header, "field<1>(\"a\", &T::a, Presence::optional)"));
}

TEST_CASE("errors have a limit, and long lines are cut around the caret") {
  std::string many;
  for (int index = 0; index < 100; ++index) many += "typedef Foo T" + std::to_string(index) + "\n";
  const std::string text = reports(many);
  CHECK(text.ends_with("too many errors\n"));
  CHECK(text.size() < 4000);
  CHECK(reports(std::string(100000, ' ') + "bad").size() < 500);
}

TEST_CASE("control characters of a file do not reach the terminal") {
  CHECK(reports("const string S = \"\x1b[31m\" junk").find('\x1b') == std::string::npos);
}

TEST_CASE("two files that would be generated under one name are refused") {
  Memory memory{{{"a/x.thrift", ""}, {"b/x.thrift", ""}}};
  Diagnostics diagnostics;
  CHECK(generate({"a/x.thrift", "b/x.thrift"}, {}, memory, diagnostics).units.empty());
  CHECK(diagnostics.text() ==
        "weft-gen: error: x.weft.h would be the header of two files, `a/x.thrift` and `b/x.thrift`: -I names "
        "the "
        "folder that both are in\n");
}

TEST_CASE("a default that is made of its own struct is an error, by whichever way") {
  constexpr std::string_view error = "is made of A itself";
  for (const char* text : {
           "struct A { 1: list<A> kids = [{}] }",
           "struct A { 1: optional A next = {} }",
           "struct A { 1: optional A next = FIRST } const A FIRST = {}",
           "struct A { 1: optional B b = {} } struct B { 1: optional A a = {} }",
       }) {
    INFO(text);
    CHECK(reports(text).find(error) != std::string::npos);
  }
  CHECK(reports("struct A { 1: list<A> kids = [] }") == "");
  CHECK(reports("struct A { 1: optional B b = {\"n\": 1} } struct B { 1: i32 n, 2: optional A a }") == "");
}

TEST_CASE(
    "two files that C++ cannot see at once are refused: one name twice, or a name that is a namespace") {
  const std::map<std::string, std::string> files{
      {"a.thrift", "namespace cpp one struct Point {}"},
      {"b.thrift", "namespace cpp one const i32 Point = 1"},
      {"c.thrift", "namespace cpp one.Point struct Other {}"},
      {"d.thrift", "include \"b.thrift\""},
  };
  CHECK(reports("include \"a.thrift\"\ninclude \"d.thrift\"\n", files) ==
        "b.thrift:1:29: error: two files define `one::Point` in C++: one of them needs another namespace\n"
        "namespace cpp one const i32 Point = 1\n"
        "                            ^~~~~\n"
        "a.thrift:1:26: note: the other is here\n"
        "namespace cpp one struct Point {}\n"
        "                         ^~~~~\n");
  CHECK(reports("include \"c.thrift\"\nnamespace cpp one\nstruct Point {}\n", files) ==
        "x.thrift:3:8: error: in C++ `one::Point` is the namespace of c.thrift already\n"
        "struct Point {}\n"
        "       ^~~~~\n");
  CHECK(reports("include \"c.thrift\"\nnamespace cpp one\nstruct Points {}\n", files) == "");
}
