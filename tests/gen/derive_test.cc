#include "derive.h"

#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

std::string facts(const std::string& text) {
  Memory memory{{{"x.thrift", text}}};
  Diagnostics diagnostics;
  Program program = thrift::read_program({"x.thrift"}, {}, memory, diagnostics);
  Generated generated;
  finish(program, {}, generated, diagnostics);
  if (!diagnostics.ok()) return diagnostics.text();
  std::string result;
  for (const Struct& structure : program.roots.at(0)->structs)
    result += structure.name + (structure.can.order ? "<" : "") + (structure.can.hash ? "#" : "") +
              (structure.can.trivial ? "t" : "") + " ";
  return result;
}

std::string generated(const std::string& text, const Operations& everywhere) {
  Memory memory{{{"x.thrift", text}}};
  Diagnostics diagnostics;
  Generated generated = generate({"x.thrift"}, {}, memory, diagnostics, {.derive = everywhere});
  return diagnostics.ok() ? generated.units.at(0).output.header + generated.units.at(0).output.source
                          : diagnostics.text();
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("types that hold each other have what none of them refuses") {
  const std::string types = "struct A { 1: optional B b, 2: C c } struct B { 1: optional A a } ";
  CHECK(facts(types + "struct C { 1: i32 n }") == "A<# B<# C<#t ");
  CHECK(facts(types + "struct C { 1: double n }") == "A B Ct ");
  CHECK(facts("struct S { 1: list<S> all }") == "S<# ");
  CHECK(facts("struct S { 1: list<S> all, 2: double n }") == "S ");
}

TEST_CASE("what a member refuses, all refuse that depend on it, and nobody else") {
  CHECK(facts("struct A { 1: double d } struct B { 1: map<string, list<A>> a } struct C { 1: i32 n }"
              "struct D { 1: C c } union E { 1: B b 2: C c } struct F { 1: set<double> d }"
              "typedef double Real struct G { 1: Real real }") == "At B C<#t D<#t E F Gt ");
  CHECK(facts("struct T { 1: string s } struct U { 1: binary b } struct V { 1: uuid u, 2: optional bool b }"
              "union W { 1: i32 n 2: V v } struct X { 1: i32 & boxed } exception Y { 1: i64 n }") ==
        "T<# U<# V<#t W<#t X<# Y<#t ");
}

TEST_CASE("a long chain of types is decided as a short one") {
  std::string text;
  for (int at = 0; at < 20000; ++at)
    text += "struct S" + std::to_string(at) + " { 1: list<S" + std::to_string(at + 1) + "> s }\n";
  CHECK(has(facts(text + "struct S20000 { 1: i32 n }"), "S0<# S1<# "));
  CHECK(has(facts(text + "struct S20000 { 1: double n }"), "S0 S1 "));
}

TEST_CASE("operations are written where they are asked for, and hold") {
  const std::string text = "struct A { 1: double d } struct B { 1: i32 n }";
  const std::string none = generated(text, {});
  CHECK_FALSE(has(none, "<=>"));
  CHECK_FALSE(has(none, "hash"));
  const std::string all = generated(text, {.order = true, .hash = true});
  CHECK(has(all, "std::strong_ordering operator<=>(const B& a, const B& b);"));
  CHECK(has(all, "struct std::hash<x::B> : weft::Hash {};"));
  CHECK_FALSE(has(all, "operator<=>(const A&"));
  CHECK_FALSE(has(all, "hash<x::A>"));
  const std::string one =
      generated("struct A { 1: i32 n } struct B { 1: i32 n } (weft.derive = \"order\")", {});
  CHECK(has(one, "operator<=>(const B&"));
  CHECK_FALSE(has(one, "operator<=>(const A&"));
}

TEST_CASE("an annotation that asks for too much is told which member refuses") {
  CHECK(reports("struct A { 1: B b, 2: list<A> more } (weft.derive = \"hash\")\nstruct B { 1: optional "
                "double d }") ==
        "x.thrift:1:8: error: A cannot be hashed\n"
        "struct A { 1: B b, 2: list<A> more } (weft.derive = \"hash\")\n"
        "       ^\n"
        "x.thrift:1:17: note: because `b` holds B\n"
        "struct A { 1: B b, 2: list<A> more } (weft.derive = \"hash\")\n"
        "                ^\n"
        "x.thrift:2:31: note: because of the type of `d`\n"
        "struct B { 1: optional double d }\n"
        "                              ^\n");
  CHECK(has(reports("struct A { 1: string s } (weft.derive = \"trivial\")"), "A is not trivially copyable"));
  CHECK(has(reports("struct A {} (weft.derive = \"order, speed\")"), "`speed` cannot be derived"));
}
