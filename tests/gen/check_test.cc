// weft-gen check: which changes break what. Each case is an old text, a new one, and all that is found.
#include <string>

#include <doctest/doctest.h>

#include "check/compare.h"
#include "check/report.h"
#include "dump.h"
#include "memory.h"
#include "read.h"

using namespace weft::gen;

namespace {

std::deque<Program> read_one(const std::string& path, const std::string& text,
                             std::map<std::string, std::string> others = {}) {
  others[path] = text;
  Memory memory{std::move(others)};
  Diagnostics diagnostics;
  auto programs = read({path}, {}, memory, diagnostics);
  REQUIRE(diagnostics.text() == "");
  return programs;
}

/// "wire field-type x.S.a; ...", warnings with a question mark.
std::string text_of(const check::Findings& findings) {
  std::string text;
  for (const check::Finding& finding : findings) {
    if (!text.empty()) text += "; ";
    text += check::level_names[static_cast<std::size_t>(finding.level)];
    text += finding.breaking ? " " : "? ";
    text += finding.rule;
    text += ' ';
    text += finding.subject;
  }
  return text;
}

std::string of_thrift(const std::string& before, const std::string& now) {
  return text_of(check::compare(read_one("x.thrift", before), read_one("x.thrift", now)));
}
/// Of one struct's fields.
std::string fields(const std::string& before, const std::string& now) {
  const std::string types = "enum E { A } struct T { 1: i32 x } struct U { 1: i32 y } typedef i64 Long\n";
  return of_thrift(types + "struct S { " + before + " }", types + "struct S { " + now + " }");
}

#if WEFT_PROTOBUF
std::string of_proto(const std::string& before, const std::string& now,
                     const std::string& syntax = "proto3") {
  const std::string head = "syntax = \"" + syntax + "\";\npackage p;\n";
  return text_of(check::compare(read_one("x.proto", head + before), read_one("x.proto", head + now)));
}
std::string message(const std::string& before, const std::string& now, const std::string& syntax = "proto3") {
  const std::string types = "enum E { A = 0; } message T { " +
                            std::string(syntax == "proto2" ? "optional " : "") + "int32 x = 1; }\n";
  return of_proto(types + "message M { " + before + " }", types + "message M { " + now + " }", syntax);
}
#endif

}  // namespace

TEST_CASE("what did not change, or only grew, is compatible") {
  CHECK(fields("1: i32 a", "1: i32 a") == "");
  CHECK(fields("1: i32 a", "1: i32 a, 2: optional string b, 3: list<T> c") == "");
  CHECK(of_thrift("enum E { A }", "enum E { A, B } struct New {} service V { void f() }") == "");
  CHECK(of_thrift("service V { void f() }", "service V { void f(), oneway void g(1: i32 x) }") == "");
  CHECK(fields("1: i64 a", "1: Long a") == "");
  CHECK(of_thrift("struct A { 1: optional B b } struct B { 1: optional A a }",
                  "struct A { 1: optional B b } struct B { 1: optional A a }") == "");
}

TEST_CASE(
    "Thrift: a type that travels as another breaks the wire; one that travels alike breaks the source") {
  CHECK(fields("1: i32 a", "1: i64 a") == "wire field-type x.S.a");
  CHECK(fields("1: i16 a", "1: i32 a") == "wire field-type x.S.a");
  CHECK(fields("1: bool a", "1: i8 a") == "wire field-type x.S.a");
  CHECK(fields("1: list<i32> a", "1: set<i32> a") == "wire field-type x.S.a");
  CHECK(fields("1: list<i32> a", "1: list<i64> a") == "wire field-type x.S.a");
  CHECK(fields("1: map<i32, i32> a", "1: map<i32, string> a") == "wire field-type x.S.a");
  CHECK(fields("1: T a", "1: string a") == "wire field-type x.S.a");
  CHECK(fields("1: string a", "1: binary a") == "source field-type x.S.a");
  CHECK(fields("1: i32 a", "1: E a") == "source field-type x.S.a");
  CHECK(fields("1: list<E> a", "1: list<i32> a") == "source field-type x.S.a");
  CHECK(fields("1: T a", "1: U a") == "source field-type x.S.a");
}

TEST_CASE("a type under another name is compared by what it is made of") {
  CHECK(of_thrift("struct A { 1: i32 x } struct S { 1: A a }", "struct B { 1: i32 x } struct S { 1: B a }") ==
        "source item-removed x.A; source field-type x.S.a");
  CHECK(of_thrift("struct A { 1: i32 x } struct S { 1: A a }", "struct B { 1: i64 x } struct S { 1: B a }") ==
        "source item-removed x.A; wire field-type x.S.a");
  CHECK(of_thrift("struct A { 1: optional A a } struct S { 1: A a }",
                  "struct B { 1: optional B a } struct S { 1: B a }") ==
        "source item-removed x.A; source field-type x.S.a");
}

TEST_CASE("Thrift: required fields bind both versions") {
  CHECK(fields("", "1: required i32 a") == "wire required-added x.S.a");
  CHECK(fields("1: required i32 a", "") == "wire required-removed x.S.a");
  CHECK(fields("1: i32 a", "1: required i32 a") == "wire required-added x.S.a");
  CHECK(fields("1: required i32 a", "1: optional i32 a") == "wire required-removed x.S.a");
  CHECK(fields("1: required i32 a", "1: i32 a") == "wire? required-removed x.S.a");
  CHECK(fields("1: i32 a", "1: optional i32 a") == "source presence x.S.a");
}

TEST_CASE("fields that are gone, renamed or renumbered") {
  CHECK(fields("1: i32 a, 2: i32 b", "1: i32 a") == "source field-removed x.S.b");
  CHECK(fields("1: i32 a", "1: i32 b") == "source field-renamed x.S.a");
  CHECK(fields("1: i32 a", "2: i32 a") == "wire field-id x.S.a");
  CHECK(fields("1: i32 a", "1: string b") == "wire field-type x.S.a");
}

TEST_CASE("defaults and constants are behaviour") {
  CHECK(fields("1: i32 a = 1", "1: i32 a = 2") == "behaviour default x.S.a");
  CHECK(fields("1: i32 a", "1: i32 a = 2") == "behaviour default x.S.a");
  CHECK(fields("1: list<i32> a = [1, 2]", "1: list<i32> a = [1, 3]") == "behaviour default x.S.a");
  CHECK(fields("1: double a = 1.5", "1: double a = 1.5") == "");
  CHECK(of_thrift("const i32 C = 1", "const i32 C = 2") == "behaviour constant-value x.C");
  CHECK(of_thrift("const i32 C = 1", "const i64 C = 1") == "source constant-type x.C");
  CHECK(of_thrift("const i32 B = 1 const i32 C = B", "const i32 B = 1 const i32 C = 1") == "");
}

TEST_CASE("types, typedefs and enums that changed") {
  CHECK(of_thrift("struct S {}", "union S {}") == "wire type-form x.S");
  CHECK(of_thrift("struct S {}", "") == "source item-removed x.S");
  CHECK(of_thrift("typedef i32 T", "typedef i64 T") == "source typedef-type x.T");
  CHECK(of_thrift("enum E { A, B }", "enum E { A }") == "wire enum-value-removed x.E.B");
  CHECK(of_thrift("enum E { A, B }", "enum E { A, C }") == "source enum-value-renamed x.E.B");
  CHECK(of_thrift("enum E { A, B }", "enum E { A, B = 2 }") == "wire enum-value-number x.E.B");
  CHECK(of_thrift("namespace cpp a\nstruct S {}", "namespace cpp b\nstruct S {}") == "source namespace x");
  CHECK(of_thrift("struct S { 1: i32 a (deep = \"x\") }", "struct S { 1: i32 a (deprecated) }") ==
        "behaviour? deprecated x.S.a");
}

TEST_CASE("services") {
  CHECK(of_thrift("service V {}", "") == "wire service-removed x.V");
  CHECK(of_thrift("service V { void f() }", "service V { void g() }") == "wire method-removed x.V.f");
  CHECK(of_thrift("service V { void f() }", "service V { oneway void f() }") == "wire oneway x.V.f");
  CHECK(of_thrift("service V { i32 f() }", "service V { i64 f() }") == "wire result-type x.V.f");
  CHECK(of_thrift("service V { i32 f() }", "service V { void f() }") == "wire result-type x.V.f");
  CHECK(of_thrift("service V { void f(1: i32 a) }", "service V { void f(1: string a) }") ==
        "wire argument-type x.V.f");
  CHECK(of_thrift("service V { void f(1: i32 a) }", "service V { void f(1: i32 b) }") == "");
  CHECK(of_thrift("service V { void f(1: i32 a) }", "service V { void f(1: i32 a, 2: i32 b) }") ==
        "source arguments x.V.f");
  const std::string error = "exception E {}\n";
  CHECK(of_thrift(error + "service V { void f() }", error + "service V { void f() throws (1: E e) }") ==
        "behaviour exception-added x.V.f");
  CHECK(of_thrift(error + "service V { void f() throws (1: E e) }", error + "service V { void f() }") ==
        "behaviour exception-removed x.V.f");
  CHECK(of_thrift("service V { void f() (idempotent) }", "service V { void f() }") ==
        "behaviour idempotent x.V.f");
}

TEST_CASE("who extends whom is the source's, as long as all methods are there") {
  CHECK(of_thrift("service A { void f() } service B extends A { void g() }",
                  "service A { void f() } service B { void f(), void g() }") == "source service-base x.B");
  CHECK(of_thrift("service A { void f() } service B extends A { void g() }",
                  "service A { void f() } service B { void g() }") ==
        "wire method-removed x.B.f; source service-base x.B");
  CHECK(of_thrift("service A { void f() } service B extends A {}",
                  "service A { oneway void f() } service B extends A {}") == "wire oneway x.A.f");
}

TEST_CASE("a type that moved to another file is followed") {
  const std::map<std::string, std::string> empty{{"y.thrift", "namespace cpp x\n"}};
  const std::map<std::string, std::string> full{{"y.thrift", "namespace cpp x\nstruct T { 1: i64 a }"}};
  const std::string head = "include \"y.thrift\"\nnamespace cpp x\n";
  CHECK(text_of(check::compare(read_one("x.thrift", head + "struct T { 1: i32 a }", empty),
                               read_one("x.thrift", head, full))) ==
        "source moved x.T; wire field-type x.T.a");
}

#if WEFT_PROTOBUF
TEST_CASE("Protobuf: types of one form on the wire are compatible, others break it") {
  CHECK(message("int32 a = 1;", "int64 a = 1;") == "source field-type p.M.a");
  CHECK(message("int32 a = 1;", "bool a = 1;") == "source field-type p.M.a");
  CHECK(message("uint64 a = 1;", "E a = 1;") == "source field-type p.M.a");
  CHECK(message("int32 a = 1;", "sint32 a = 1;") == "wire field-type p.M.a");
  CHECK(message("sint32 a = 1;", "sint64 a = 1;") == "source field-type p.M.a");
  CHECK(message("fixed32 a = 1;", "sfixed32 a = 1;") == "source field-type p.M.a");
  CHECK(message("fixed32 a = 1;", "fixed64 a = 1;") == "wire field-type p.M.a");
  CHECK(message("fixed32 a = 1;", "float a = 1;") == "wire field-type p.M.a");
  CHECK(message("string a = 1;", "bytes a = 1;") == "source field-type p.M.a");
  CHECK(message("bytes a = 1;", "string a = 1;") == "wire field-type p.M.a");
  CHECK(message("T a = 1;", "bytes a = 1;") == "wire field-type p.M.a; source presence p.M.a");
  CHECK(message("map<string, int32> a = 1;", "map<string, int64> a = 1;") == "source field-type p.M.a");
  CHECK(message("map<string, int32> a = 1;", "map<int32, int32> a = 1;") == "wire field-type p.M.a");
  CHECK(message("repeated int32 a = 1;", "repeated int32 a = 1 [packed = false];") == "");
  CHECK(message("int32 a = 1;", "repeated int32 a = 1;") == "wire field-type p.M.a");
  CHECK(message("string a = 1;", "repeated string a = 1;") == "source field-type p.M.a");
  CHECK(message("optional group G = 1 { optional int32 x = 1; }", "optional T g = 1;", "proto2")
            .starts_with("wire field-type p.M.g"));
}

TEST_CASE("Protobuf: a field that goes leaves its number and its name reserved") {
  CHECK(message("int32 a = 1;", "reserved 1; reserved \"a\";") == "source field-removed p.M.a");
  CHECK(message("int32 a = 1;", "reserved 1 to 5;") ==
        "source field-removed p.M.a; behaviour? field-not-reserved p.M.a");
  CHECK(message("int32 a = 1;", "") ==
        "source field-removed p.M.a; wire? field-not-reserved p.M.a; behaviour? field-not-reserved p.M.a");
  CHECK(message("reserved 1, 3 to 5;", "reserved 1 to 4; reserved 5;") == "");
  CHECK(message("reserved 1, 3 to 5;", "reserved 3 to 4;") ==
        "wire reserved-removed p.M; wire reserved-removed p.M");
  CHECK(message("reserved \"a\";", "") == "wire reserved-removed p.M");
  CHECK(of_proto("enum E { A = 0; B = 1; }", "enum E { A = 0; }") == "wire enum-value-removed p.E.B");
  CHECK(of_proto("enum E { A = 0; B = 1; }", "enum E { A = 0; reserved 1; }") ==
        "source enum-value-removed p.E.B");
}

TEST_CASE("Protobuf: presence and oneofs") {
  CHECK(message("int32 a = 1;", "optional int32 a = 1;") == "source presence p.M.a");
  CHECK(message("optional int32 a = 1;", "required int32 a = 1;", "proto2") == "wire required-added p.M.a");
  CHECK(message("required int32 a = 1;", "optional int32 a = 1;", "proto2") == "wire required-removed p.M.a");
  CHECK(message("oneof o { int32 a = 1; int32 b = 2; }", "oneof o { int32 b = 2; int32 a = 1; }") == "");
  CHECK(message("optional int32 a = 1; int32 b = 2;", "oneof o { int32 a = 1; } int32 b = 2;") ==
        "source oneof p.M.a");
  CHECK(message("int32 a = 1; int32 b = 2;", "oneof o { int32 a = 1; int32 b = 2; }") ==
        "wire oneof p.M.a; wire oneof p.M.b");
  CHECK(message("oneof o { int32 a = 1; int32 b = 2; }",
                "oneof o { int32 a = 1; } oneof q { int32 b = 2; }") == "wire oneof p.M.b");
  CHECK(message("oneof o { int32 a = 1; int32 b = 2; }", "oneof q { int32 a = 1; int32 b = 2; }") ==
        "source oneof-removed p.M.o");
}

TEST_CASE("Protobuf: packages, streams, JSON names and closed enums") {
  CHECK(text_of(check::compare(read_one("x.proto", "syntax = \"proto3\";\npackage a;\nmessage M {}"),
                               read_one("x.proto", "syntax = \"proto3\";\npackage b;\nmessage M {}"))) ==
        "wire package x");
  CHECK(message("int32 a_b = 1;", "int32 a_b = 1 [json_name = \"c\"];") == "behaviour json-name p.M.a_b");
  const std::string m = "message M {} message N { int32 x = 1; }\n";
  CHECK(of_proto(m + "service V { rpc F(M) returns (M); }",
                 m + "service V { rpc F(M) returns (stream M); }") == "wire stream p.V.F");
  CHECK(of_proto(m + "service V { rpc F(N) returns (M); }", m + "service V { rpc F(M) returns (M); }") ==
        "wire request-type p.V.F");
  CHECK(text_of(check::compare(read_one("x.proto", "syntax = \"proto2\";\npackage p;\nenum E { A = 0; }"),
                               read_one("x.proto", "syntax = \"proto3\";\npackage p;\nenum E { A = 0; }"))) ==
        "behaviour? syntax x; behaviour enum-closed p.E");
}
#endif

TEST_CASE("findings are shown where they are now, and where they were") {
  const auto before = read_one("old.thrift", "struct S {\n  1: i32 a\n}\n");
  const auto now = read_one("new.thrift", "namespace cpp old\nstruct S {\n  1: i64 a\n}\n");
  const auto findings = check::compare(before, now);
  CHECK(check::report(findings) ==
        "new.thrift:3:10: error: field 1 `a` is i64 now, it was i32: readers of the other version skip it "
        "[wire: "
        "field-type]\n"
        "  1: i64 a\n"
        "         ^\n"
        "old.thrift:2:10: note: it was here\n"
        "  1: i32 a\n"
        "         ^\n");
  CHECK(check::report_json(findings).print() ==
        "{\n"
        "  \"weft_check\": 1,\n"
        "  \"compatible\": false,\n"
        "  \"findings\": [\n"
        "    {\n"
        "      \"rule\": \"field-type\",\n"
        "      \"level\": \"wire\",\n"
        "      \"breaking\": true,\n"
        "      \"subject\": \"old.S.a\",\n"
        "      \"message\": \"field 1 `a` is i64 now, it was i32: readers of the other version skip it\",\n"
        "      \"now\": {\"file\": \"new.thrift\", \"line\": 3, \"column\": 10},\n"
        "      \"before\": {\"file\": \"old.thrift\", \"line\": 2, \"column\": 10}\n"
        "    }\n"
        "  ]\n"
        "}\n");
}

TEST_CASE("a dump serves as the old version") {
  const std::string old =
      "enum E { A } struct S { 1: i32 a = 5, 2: optional map<E, list<S>> b } service V { S f(1: E e) }";
  const auto programs = read_one("x.thrift", old);
  Diagnostics diagnostics;
  std::deque<Program> before;
  before.push_back(restore(dump(programs), false, diagnostics));
  REQUIRE(diagnostics.text() == "");
  CHECK(text_of(check::compare(before, programs)) == "");
  const auto now = read_one("x.thrift", "enum E { A } struct S { 1: i32 a = 6 } service V {}");
  const auto findings = check::compare(before, now);
  CHECK(text_of(findings) ==
        "behaviour default x.S.a; source field-removed x.S.b; wire method-removed x.V.f");
  CHECK(check::report(findings).find("x.thrift:1:32: note: it was here\n") != std::string::npos);
}

TEST_CASE("the findings of a level are no more than those that break somebody") {
  CHECK(!check::is_breaking({}));
  CHECK(!check::is_breaking(check::compare(read_one("x.thrift", "struct S { 1: required i32 a }"),
                                           read_one("x.thrift", "struct S { 1: i32 a }"))));
  CHECK(check::is_breaking(
      check::compare(read_one("x.thrift", "struct S { 1: i32 a }"), read_one("x.thrift", "struct S {}"))));
}
