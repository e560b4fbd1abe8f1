#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

bool says(const std::string& reports, std::string_view text) {
  return reports.find(text) != std::string::npos;
}

std::vector<std::int32_t> ids(const std::vector<Field>& fields) {
  std::vector<std::int32_t> ids;
  for (const Field& field : fields) ids.push_back(field.id);
  return ids;
}

}  // namespace

TEST_CASE("fields without ids count down from -1, whatever ids stand between them") {
  Model model("struct S { i32 a, 5: i32 b, i32 c, 1: i32 d, 0: i32 e, -7: i32 f, 0x10: i32 g, +17: i32 h }");
  CHECK(ids(model.module().structs[0].fields) == std::vector<std::int32_t>{-1, 5, -2, 1, -3, -4, 16, 17});
  CHECK(
      ids(Model("service S { void f(i32 a, 2: i32 b, i32 c) }").module().services[0].methods[0].arguments) ==
      std::vector<std::int32_t>{-1, 2, -2});
}

TEST_CASE("an id or a name is used once in its list, and ids have 16 bits") {
  CHECK(says(reports("struct S { 1: i32 a, 1: i32 b }"), "two fields with the id 1"));
  CHECK(says(reports("struct S { 1: i32 a, 2: i32 a }"), "two fields `a`"));
  CHECK(reports("struct S { 1: i32 a, 2: i32 A }") == "");
  CHECK(says(reports("struct S { 32768: i32 a }"), "is larger than 32767"));
  CHECK(says(reports("service S { void f(1: i32 a, 2: i32 a) }"), "two arguments `a`"));
  CHECK(says(reports("enum E { A, A }"), "two enum values `A`"));
  CHECK(says(reports("service S { void f(), void f() }"), "two functions `f`"));
}

TEST_CASE("types may be used before they are declared, and typedefs in chains") {
  Model model("struct A { 1: B b, 2: C c } typedef D C typedef list<B> D struct B {}");
  CHECK(model.errors == "");
  const auto& fields = model.module().structs[0].fields;
  CHECK(bare(fields[0].type).structure->name == "B");
  CHECK(bare(fields[1].type).kind == Type::Kind::list);
}

TEST_CASE("typedefs that lead in a circle are reported") {
  CHECK(says(reports("typedef A A"), "the typedef `A` leads back to itself"));
  CHECK(says(reports("typedef B A typedef list<C> B typedef A C"), "leads back to itself"));
}

TEST_CASE("included names need their prefix and are not handed on") {
  std::map<std::string, std::string> files{
      {"a.thrift", "include \"b.thrift\" struct A {} const i32 N = 1 enum E { X } service V {}"},
      {"b.thrift", "struct B {}"}};
  CHECK(reports("include \"a.thrift\" struct S { 1: a.A a, 2: i32 n = a.N, 3: a.E e = a.E.X } service W "
                "extends a.V {}",
                files) == "");
  CHECK(says(reports("include \"a.thrift\" struct S { 1: A a }", files), "did you mean `a.A`?"));
  CHECK(says(reports("include \"a.thrift\" struct S { 1: b.B b }", files), "no included file is called `b`"));
  CHECK(says(reports("include \"a.thrift\" struct S { 1: a.b.B b }", files), "there is no type `a.b.B`"));
}

TEST_CASE("a file may be included twice, and by two ways") {
  CHECK(reports(
            "include \"a.thrift\" include \"b.thrift\" include \"a.thrift\" struct S { 1: a.A a, 2: b.B b }",
            {{"a.thrift", "include \"c.thrift\" struct A { 1: c.C c }"},
             {"b.thrift", "include \"./c.thrift\" struct B { 1: c.C c }"},
             {"c.thrift", "struct C {}"}}) == "");
}

TEST_CASE("included files are looked for beside the including file, then in the folders given") {
  CHECK(
      reports("include \"sub/a.thrift\" struct S { 1: a.A a }",
              {{"sub/a.thrift", "include \"b.thrift\" include \"c.thrift\" struct A { 1: b.B b, 2: c.C c }"},
               {"sub/b.thrift", "struct B {}"},
               {"include/c.thrift", "struct C {}"}}) == "");
}

TEST_CASE("a name is taken by a view of an included file, and a view makes way for what is included") {
  Memory memory{{{"a.thrift", "namespace cpp n\nstruct Order {} struct LineView {}"},
                 {"x.thrift",
                  "namespace cpp n\ninclude \"a.thrift\"\nenum OrderView { SHORT } struct Line { 1: "
                  "OrderView view }"}}};
  Diagnostics diagnostics;
  const Generated generated = generate({"a.thrift", "x.thrift"}, {}, memory, diagnostics, {.borrow = true});
  CHECK(diagnostics.text() == "");
  REQUIRE(generated.units.size() == 2);
  CHECK(generated.units[0].output.header.find("struct OrderView {") != std::string::npos);
  CHECK(generated.units[1].output.header.find("enum class OrderView_ :") != std::string::npos);
  CHECK(generated.units[1].output.header.find("struct LineView_ {") != std::string::npos);
}

TEST_CASE("a namespace is not called as a function or a type of the system's headers") {
  for (const std::string name : {"sleep", "time", "select", "stat", "timeval", "index"}) {
    const std::string header = output("namespace cpp " + name + "\nstruct S {}").header;
    CHECK(header.find("namespace " + name + "_ {") != std::string::npos);
  }
  CHECK(output("namespace cpp shop.time\nstruct S {}").header.find("namespace shop::time {") !=
        std::string::npos);
}

TEST_CASE("a local enum hides a module of its name, in values") {
  CHECK(reports("include \"a.thrift\" enum a { X = 3 } const i32 N = a.X const i32 M = a.Y",
                {{"a.thrift", "const i32 X = 1 const i32 Y = 2"}}) == "");
}

TEST_CASE("types and services share a name space; constants have their own") {
  CHECK(says(reports("struct S {} service S {}"), "`S` is declared twice"));
  CHECK(reports("struct S {} const i32 S = 1") == "");
  CHECK(says(reports("service S {} struct T { 1: S s }"), "`S` is a service, not a type"));
}

TEST_CASE("a service extends one that was declared before, and repeats none of its functions") {
  CHECK(says(reports("service A extends A {}"), "has to be declared before"));
  CHECK(says(reports("service A extends B {} service B {}"), "has to be declared before"));
  CHECK(says(reports("struct B {} service A extends B {}"), "is not a service"));
  CHECK(says(reports("service A { void f() } service B extends A {} service C extends B { i32 f() }"),
             "A has a function `f` already"));
}

TEST_CASE("functions throw exceptions and nothing else, and oneway ones are not answered") {
  CHECK(says(reports("struct S {} service V { void f() throws (1: S s) }"), "`S` is no exception"));
  CHECK(reports("exception E {} typedef E F service V { void f() throws (1: F s) }") == "");
  CHECK(says(reports("exception E {} service V { oneway void f() throws (1: E e) }"), "cannot throw"));
  CHECK(says(reports("service V { oneway i32 f() }"), "warning: nobody answers"));
  CHECK(Model("service V { oneway i32 f() }").module().services[0].methods[0].result.kind ==
        Type::Kind::nothing);
  CHECK(says(reports("struct S { 1: void v }"), "only a function can return nothing"));
}

TEST_CASE("enum values go on from the one before and have 32 bits") {
  Model model("enum E { A, B = 5, C, D = -3, E, F = 0x10, G = 5 }");
  std::vector<std::int32_t> values;
  for (const Enumerator& value : model.module().enums[0].values) values.push_back(value.value);
  CHECK(values == std::vector<std::int32_t>{0, 5, 6, -3, -2, 16, 5});
  CHECK(says(reports("enum E { A = 2147483647, B }"), "does not fit into 32 bits"));
  CHECK(says(reports("enum E { A = -2147483649 }"), "does not fit into 32 bits"));
}

TEST_CASE("a union's fields are optional and one of them may have a default") {
  CHECK(says(reports("union U { 1: required i32 a }"), "warning: a union's field cannot be required"));
  CHECK(reports("union U { 1: i32 a = 1, 2: i32 b }") == "");
  CHECK(says(reports("union U { 1: i32 a = 1, 2: i32 b = 2 }"),
             "only one field of a union can have a default"));
}
