#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

/// IDL that has to be accepted without a word.
void accepts(const std::string& text) {
  INFO(text);
  CHECK(reports(text) == "");
}
void refuses(const std::string& text) {
  INFO(text);
  CHECK(reports(text).find("error: ") != std::string::npos);
}

}  // namespace

TEST_CASE("separators are commas, semicolons or nothing, in every list") {
  accepts("struct S { 1: i32 a, 2: i32 b; 3: i32 c }");
  accepts("enum E { A, B; C }");
  accepts("service S { void a(1: i32 x; 2: i32 y, 3: i32 z), void b(); void c() }");
  accepts("const list<i32> L = [1, 2; 3 4,] const map<i32, i32> M = {1: 1, 2: 2; 3: 3 4: 4}");
  accepts("const i32 A = 1; const i32 B = 2, typedef i32 C; typedef i32 D, typedef i32 E");
  refuses("struct S {};");
  refuses("struct S { 1: i32 a,, 2: i32 b }");
  refuses("struct S { 1: i32 a;, }");
}

TEST_CASE("headers come before definitions") {
  accepts(
      "namespace cpp a.b (x = \"y\") namespace py.twisted c namespace * d namespace smalltalk.category e");
  accepts("cpp_include \"<cstdint>\" namespace unknown x.y.z");
  refuses("struct S {} namespace cpp late");
  refuses("cpp_namespace old");
}

TEST_CASE("annotations may stand wherever Apache's grammar has them, and are kept") {
  const char* text = R"(
    namespace cpp x (a = "b")
    typedef i32 (a) T (b = "c")
    typedef list<i32 (x)> (y = "z") L
    enum E { A (a), B = 2 (b = "c"; d), } (e)
    struct S { 1: binary (a = "b") x (c.d = 'e', f) } (g = "")
    exception X { } (h)
    service V { void f(1: i32 x (i)) throws (1: X x (j)) (k = "l"), } (m))";
  accepts(text);
  Model model(text);
  const Struct& structure = model.module().structs[0];
  CHECK(*find(structure.fields[0].annotations, "c.d") == "e");
  CHECK(*find(structure.fields[0].annotations, "f") == "1");
  CHECK(*find(structure.annotations, "g") == "");
  CHECK(*find(model.module().enums[0].values[1].annotations, "d") == "1");
  CHECK(*find(model.module().services[0].methods[0].annotations, "k") == "l");
}

TEST_CASE("C++ types, references and words for XML are read, wherever they stand") {
  accepts(R"(struct S xsd_all {
    1: list<i32> cpp_type "std::vector<int>" a,
    2: map cpp_type "std::unordered_map<int, int>" <i32, i32> b,
    3: set cpp_type "std::unordered_set<int>" <i32> c,
    4: list cpp_type "std::vector<int>" <i32> d,
    5: optional S & e,
    6: i32 f = 3 xsd_optional xsd_nillable xsd_attrs { 1: i32 g } (h = "i")
  })");
}

TEST_CASE("words of the language may be names") {
  accepts(
      "struct S { 1: i32 list, 2: string string, 3: map<i32, i32> map, 4: i32 service, 5: i32 required }");
  accepts("struct S { 1: i32 optional\n 2: i32 namespace\n 3: i32 struct }");
  accepts("service S { void void(), i32 i32(1: i32 i32), oneway void oneway(), bool async() }");
}

TEST_CASE("oneway functions may be called async, as old files do") {
  Model model("service S { oneway void a(), async void b() }");
  CHECK(model.module().services[0].methods[0].oneway);
  CHECK(model.module().services[0].methods[1].oneway);
}

TEST_CASE("senum and slist are strings") {
  Model model("senum S { \"a\", \"b\" } typedef slist L");
  CHECK(model.module().typedefs[0].type.kind == Type::Kind::string);
  CHECK(model.module().typedefs[1].type.kind == Type::Kind::string);
}

TEST_CASE("uuid is a type unless a file has its own") {
  CHECK(Model("struct S { 1: uuid u }").module().structs[0].fields[0].type.kind == Type::Kind::uuid);
  CHECK(Model("typedef string uuid struct S { 1: uuid u }").module().structs[0].fields[0].type.kind ==
        Type::Kind::alias);
}

TEST_CASE("what only fbthrift has is refused in plain words") {
  CHECK(reports("service S { stream<i32> f() }").find("streams are fbthrift's") != std::string::npos);
  CHECK(reports("interaction I { }").find("interactions are fbthrift's") != std::string::npos);
  CHECK(reports("@thrift.Uri{value = \"\"} struct S {}").find("annotations with `@`") != std::string::npos);
  CHECK(reports("struct S { 1: float x }").find("Thrift has `double`") != std::string::npos);
  CHECK(reports("package \"a.b\"").find("write `namespace`") != std::string::npos);
  CHECK(reports("safe exception E {}").find("write `exception`") != std::string::npos);
}

TEST_CASE("names that are being defined have no dots") {
  refuses("struct a.b {}");
  refuses("struct S { 1: i32 a.b }");
  refuses("const i32 a.b = 1");
}

TEST_CASE("nesting has a limit") {
  auto nested = [](int levels) {
    std::string text = "typedef ", end;
    for (int level = 0; level < levels; ++level) {
      text += "list<";
      end += ">";
    }
    return text + "i32" + end + " T";
  };
  accepts(nested(30));
  CHECK(reports(nested(20000)).find("nested deeper than 100 levels") != std::string::npos);
  CHECK(reports("const list<i32> L = " + std::string(20000, '[')).find("nested deeper") != std::string::npos);
  refuses("struct S { 1: list<list<list<");
}
