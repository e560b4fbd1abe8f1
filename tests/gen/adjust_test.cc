// What is asked to be otherwise in C++: by annotations, by options, by a file.
#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

struct Result {
  std::string text;
  Output output;
};

Result adjusted(const std::string& path, const std::string& text, const std::string& json = "{}",
                std::map<std::string, std::string> others = {}) {
  others[path] = text;
  others["adjust.json"] = json;
  Memory memory{std::move(others)};
  Diagnostics diagnostics;
  Choices choices;
  if (json != "{}") choices.adjustments = read_adjustments("adjust.json", memory, diagnostics);
  Generated generated = generate({path}, {}, memory, diagnostics, choices);
  return {diagnostics.text(), generated.units.empty() ? Output{} : generated.units[0].output};
}

void has(const std::string& text, std::string_view part) {
  INFO(text);
  INFO(std::string(part));
  CHECK(text.find(part) != text.npos);
}
void has_not(const std::string& text, std::string_view part) {
  INFO(text);
  CHECK(text.find(part) == text.npos);
}

bool reads_json() {
  std::string error;
  return parse_json("{}", error).has_value();
}

}  // namespace

TEST_CASE("annotations rename in C++, and never on the wire") {
  const Result result =
      adjusted("x.thrift",
               "enum E { A (weft.name = \"first\") } (weft.name = \"Kind\")\n"
               "struct S { 1: i32 x (weft.name = \"count\"), 2: E e } (weft.name = \"Thing\")\n"
               "service V { void f(1: S s) (weft.name = \"go\") }\n");
  CHECK(result.text == "");
  has(result.output.header, "enum class Kind : std::int32_t {\n  first = 0,\n};");
  has(result.output.header, "struct Thing {\n  std::int32_t count = 0;\n  Kind e{};\n};");
  has(result.output.header, "field<1>(\"x\", &T::count)");
  has(result.output.header, "std::string_view name = \"S\";");
  has(result.output.header, "virtual weft::Task<void> go(Thing s);");
  has(result.output.source, ".name = \"f\"");
}

TEST_CASE("views have the names that their types are given") {
  Memory memory{{{"x.thrift",
                  "struct S { 1: string x (weft.name = \"text\"), 2: map<i32, string> m (weft.type = "
                  "\"unordered_map\") } (weft.name = \"Thing\")"}}};
  Diagnostics diagnostics;
  Choices choices;
  choices.borrow = true;
  const Generated generated = generate({"x.thrift"}, {}, memory, diagnostics, choices);
  CHECK(diagnostics.text() == "");
  REQUIRE(generated.units.size() == 1);
  const std::string& header = generated.units[0].output.header;
  has(header, "struct ThingView {\n  std::string_view text{};\n");
  has(header, "std::unordered_map<std::int32_t, std::string> m{};");
}

TEST_CASE("a type may be another one that travels alike") {
  const Result result = adjusted("x.thrift",
                                 "typedef map<i32, string> Names (weft.type = \"flat_map\")\n"
                                 "struct P {}\n"
                                 "struct S {\n"
                                 "  1: map<string, i32> a (weft.type = \"unordered_map\")\n"
                                 "  2: map<i32, list<string>> b (weft.type = \"flat_map\")\n"
                                 "  3: set<string> c (weft.type = \"unordered_set\")\n"
                                 "  4: string d = \"x\" (weft.type = \"bytes\")\n"
                                 "  5: optional binary e (weft.type = \"string\")\n"
                                 "  6: Names f = {1: \"one\"}\n"
                                 "  7: optional P g (weft.box)\n"
                                 "  8: P h (weft.shared = \"true\")\n"
                                 "  9: map<i32, S> i (weft.type = \"flat_map\")\n"
                                 "}\n");
  CHECK(result.text == "");
  has(result.output.header,
      "#include <weft/codec/flat_map.h>\n#include <weft/codec/shared.h>\n#include "
      "<weft/codec/unordered.h>\n");
  has(result.output.header, "using Names = weft::FlatMap<std::int32_t, std::string>;");
  has(result.output.header, "std::unordered_map<std::string, std::int32_t> a{};");
  has(result.output.header, "weft::FlatMap<std::int32_t, std::vector<std::string>> b{};");
  has(result.output.header, "std::unordered_set<std::string> c{};");
  has(result.output.header, "weft::Bytes d = weft::Bytes::of_static(\"x\");");
  has(result.output.header, "std::optional<std::string> e{};");
  has(result.output.header, "Names f = {{1, \"one\"}};");
  has(result.output.header, "weft::Box<P> g{};");
  has(result.output.header, "weft::Shared<P> h{};");
  has_not(result.output.header, "#include <map>");
  has_not(result.output.header, "#include <set>");
}

TEST_CASE("Apache's own annotations of types are followed where that is possible") {
  const Result result =
      adjusted("x.thrift",
               "struct S {\n"
               "  1: map<string, i32> (cpp.type = \"std::unordered_map<std::string, int32_t>\") a\n"
               "  2: map cpp_type \"std::unordered_map<int, int>\" <i32, i32> b\n"
               "  3: list<i32> cpp_type \"std::vector<int32_t>\" c\n"
               "  4: list<i32> (cpp.type = \"std::deque<int32_t>\") d\n"
               "}\n");
  has(result.output.header, "std::unordered_map<std::string, std::int32_t> a{};");
  has(result.output.header, "std::unordered_map<std::int32_t, std::int32_t> b{};");
  CHECK(result.text ==
        "x.thrift:5:51: warning: `std::deque<int32_t>` is not used: the type in C++ stays as it is\n"
        "  4: list<i32> (cpp.type = \"std::deque<int32_t>\") d\n"
        "                                                  ^\n");
}

TEST_CASE("attributes, members, headers and code stand where they belong") {
  const Result result =
      adjusted("x.thrift",
               "struct S { 1: i32 x (deprecated), 2: i32 y } (weft.attribute = \"[[nodiscard]]\",\n"
               "  weft.member = \"int twice() const { return 2 * y; }\", weft.include = \"<cmath>\",\n"
               "  weft.code = \"int after();\", weft.source = \"int after() { return 1; }\")\n"
               "union U { 1: i32 x (weft.attribute = \"[[maybe_unused]]\") }\n"
               "service V { void f() (deprecated) }\n");
  CHECK(result.text == "");
  has(result.output.header,
      "struct [[nodiscard]] S {\n"
      "  [[deprecated]] std::int32_t x = 0;\n"
      "  std::int32_t y = 0;\n"
      "\n"
      "  int twice() const { return 2 * y; }\n"
      "};\n");
  has(result.output.header,
      "#include <cmath>\n\n#pragma GCC diagnostic push\n#pragma GCC diagnostic ignored");
  has(result.output.header, "struct [[maybe_unused]] X {");
  has(result.output.header, "  [[deprecated]] weft::Task<void> f() const;");
  has(result.output.header, "  virtual weft::Task<void> f();");
  has(result.output.header, "\nint after();\n\n#pragma GCC diagnostic pop\n");
  has(result.output.source, "}  // namespace x\n\nint after() { return 1; }\n");
}

TEST_CASE("policy reaches the method table") {
  const Result result =
      adjusted("x.thrift",
               "service V {\n"
               "  i32 a() (idempotent = \"true\", timeout = \"200ms\", hedge = \"2@10ms\")\n"
               "  i32 b() (weft.timeout = \"90s\")\n"
               "  i32 c() (idempotent, hedge = \"1500us\")\n"
               "  i32 d()\n"
               "}\n");
  CHECK(result.text == "");
  has(result.output.source, "#include <chrono>\n");
  has(result.output.source, ".timeout = std::chrono::milliseconds(200)");
  has(result.output.source, ".hedge = {.attempts = 2, .delay = std::chrono::milliseconds(10)}");
  has(result.output.source,
      "{{.service = \"x.V\", .name = \"b\", .timeout = std::chrono::seconds(90)}, serve_V_b},");
  has(result.output.source, ".hedge = {.attempts = 2, .delay = std::chrono::microseconds(1500)}");
  has(result.output.source, "{{.service = \"x.V\", .name = \"d\"}, serve_V_d},");
}

TEST_CASE("idempotent functions say so in an annotation") {
  const Result result = adjusted("x.thrift",
                                 "service S { void a() (idempotent), void b() (weft.idempotent = \"true\"), "
                                 "void c() (idempotent = \"0\"), void d() }");
  has(result.output.source, ".name = \"a\", .idempotent = true}, serve_S_a}");
  has(result.output.source, ".name = \"b\", .idempotent = true}, serve_S_b}");
  has(result.output.source, ".name = \"c\"}, serve_S_c}");
  has(result.output.source, ".name = \"d\"}, serve_S_d}");
}

TEST_CASE("what makes no sense is said, with what is meant") {
  const auto warns = [](const std::string& text, std::string_view part) {
    has(adjusted("x.thrift", text).text, part);
  };
  warns("struct S { 1: i32 x (weft.nmae = \"y\") }",
        "warning: there is no adjustment `nmae` for this; did you mean `name`?");
  warns("struct S { 1: i32 x (weft.timeout = \"1s\") }",
        "warning: there is no adjustment `timeout` for this; there are name, attribute, box, shared, type");
  warns("struct S { 1: i32 x (weft.name = \"1y\") }", "error: `1y` is no name in C++");
  warns("struct S { 1: i32 x (weft.attribute = \"x\") }", "error: an attribute is written `[[x]]`");
  warns("struct S { 1: i32 x (weft.type = \"i64\") }",
        "error: the type cannot be `i64` in C++: numbers are what they are");
  warns("struct K {} struct S { 1: map<K, i32> x (weft.type = \"unordered_map\") }",
        "its keys have no std::hash");
  warns("typedef map<i32, i32> M struct S { 1: M x (weft.type = \"flat_map\") }",
        "that is said where the typedef is");
  warns("struct S { 1: i32 x (weft.box) }", "error: only a member of a struct's type");
  warns("service V { void f() (timeout = \"soon\") }", "error: a timeout is written as `200ms`, not `soon`");
  warns("service V { void f() (timeout = \"99999999999999s\") }", "error: a timeout is written as");
  warns("service V { void f() (hedge = \"1@1ms\", idempotent) }", "error: a hedge is written as `2@10ms`");
  warns("service V { void f() (hedge = \"2@1ms\") }", "error: what is hedged is sent more than once");
  warns("service V { oneway void f() (hedge = \"2@1ms\", idempotent) }", "or is oneway, cannot be hedged");
}

TEST_CASE("a file of adjustments stands above the IDL") {
  if (!reads_json()) return;
  const std::string idl =
      "struct S { 1: i32 x (weft.name = \"count\"), 2: map<i32, i32> m }\n"
      "service V { void f() }\n";
  const Result result = adjusted("a/x.thrift", idl, R"({
    "x.S": {"member": ["int one() { return 1; }", "int two() { return 2; }"], "attribute": "[[nodiscard]]"},
    "x.S.x": {"name": "number"},
    "x.S.m": {"type": "unordered_map"},
    "x.V.f": {"idempotent": true, "timeout": "1s"},
    "x.thrift": {"include": "<vector>"},
    "other.T": {"name": "U"}
  })");
  CHECK(result.text == "");
  has(result.output.header, "std::int32_t number = 0;");
  has(result.output.header, "std::unordered_map<std::int32_t, std::int32_t> m{};");
  has(result.output.header, "  int one() { return 1; }\n  int two() { return 2; }\n};");
  has(result.output.header, "#include <vector>\n");
  has(result.output.source, ".idempotent = true, .timeout = std::chrono::seconds(1)");

  has(adjusted("x.thrift", idl, R"({"x.T": {"name": "U"}})").text,
      "warning: there is nothing to adjust called `x.T`");
  has(adjusted("x.thrift", idl, R"({"x.S": 5})").text,
      "error: `adjust.json`: the adjustments of `x.S` are an object");
  has(adjusted("x.thrift", idl, R"({"x.S": {"name": 5}})").text,
      "`name` of `x.S` is a text, true or false, or a list");
  has(adjusted("x.thrift", idl, "[]").text, "adjustments are an object");
  has(adjusted("x.thrift", idl, "{").text, "error: `adjust.json`: parse error");
}

#if WEFT_PROTOBUF
TEST_CASE("weft/options.proto says the same in Protobuf, and is found without being installed") {
  const std::string proto =
      "syntax = \"proto3\";\n"
      "package p;\n"
      "import \"weft/options.proto\";\n"
      "message M {\n"
      "  option (weft.message).name = \"Thing\";\n"
      "  option (weft.message).member = \"int one() const { return 1; }\";\n"
      "  map<string, int32> a = 1 [(weft.field).type = \"unordered_map\"];\n"
      "  bytes b = 2 [(weft.field) = {type: \"string\" name: \"text\"}];\n"
      "  string c = 3 [(weft.field).type = \"bytes\", deprecated = true];\n"
      "  M d = 4 [(weft.field).shared = true];\n"
      "  oneof o { int32 e = 5 [(weft.field).attribute = \"[[maybe_unused]]\"]; }\n"
      "}\n"
      "enum E { option (weft.enum).name = \"Kind\"; A = 0 [(weft.enum_value).name = \"none\"]; }\n"
      "service V {\n"
      "  rpc Get(M) returns (M) { option (weft.method) = {idempotent: true timeout: \"1s\" hedge: "
      "\"3@5ms\"}; }\n"
      "}\n";
  const std::map<std::string, std::string> google{
      {"google/protobuf/descriptor.proto",
       *Disk{}.read(WEFT_PROTOBUF_INCLUDE "/google/protobuf/descriptor.proto")}};
  const Result result = adjusted("x.proto", proto, "{}", google);
  CHECK(result.text == "");
  has(result.output.header, "struct Thing {");
  has(result.output.header, "std::unordered_map<std::string, std::int32_t> a{};");
  has(result.output.header, "std::string text{};");
  has(result.output.header, "field<2>(\"b\", &T::text, Coding::unchecked)");
  has(result.output.header, "[[deprecated]] weft::Bytes c{};");
  has(result.output.header, "weft::Shared<Thing> d{};");
  has(result.output.header, "enum class Kind : std::int32_t {\n  none = 0,\n};");
  has(result.output.header, "struct [[maybe_unused]] E {");
  has(result.output.header, "int one() const { return 1; }");
  has_not(result.output.header, "weft/options");
  has(result.output.source, ".hedge = {.attempts = 3, .delay = std::chrono::milliseconds(5)}");
}
#endif
