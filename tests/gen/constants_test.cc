#include <cmath>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "memory.h"

using namespace weft::gen;

namespace {

bool says(const std::string& reports, std::string_view text) {
  return reports.find(text) != std::string::npos;
}

/// The line of the header that declares `name`.
std::string line_of(const Output& output, const std::string& name) {
  const auto at = output.header.find(" " + name + " ");
  if (at == std::string::npos) return output.header;
  const auto begin = output.header.rfind('\n', at) + 1;
  return output.header.substr(begin, output.header.find('\n', at) - begin);
}

std::string spelled(const std::string& type, const std::string& value) {
  std::string line =
      line_of(output("enum E { A, B = 5 } const i32 N = 7 const " + type + " X = " + value), "X");
  return line.substr(line.find(" = ") + 3);
}

}  // namespace

TEST_CASE("integers fit their type") {
  CHECK(spelled("i8", "-128") == "-128;");
  CHECK(spelled("i64", "-9223372036854775808") == "INT64_MIN;");
  CHECK(says(reports("const i8 X = 128"), "128 does not fit into i8, which holds -128 to 127"));
  CHECK(says(reports("const i16 X = -32769"), "does not fit into i16"));
  CHECK(says(reports("const i32 X = 0x80000000"), "does not fit into i32"));
  CHECK(says(reports("const list<i8> X = [1, 1000]"), "1000 does not fit into i8"));
}

TEST_CASE("doubles come back bit by bit") {
  for (const char* text : {"0.1", "1e308", "5e-324", "0.30000000000000004", "123456789.123456789", "1e21"}) {
    INFO(text);
    CHECK(std::strtod(spelled("double", text).c_str(), nullptr) == std::strtod(text, nullptr));
  }
  CHECK(spelled("double", "3") == "3.0;");
  CHECK(spelled("double", "-0.0") == "-0.0;");
}

TEST_CASE("numbers become booleans, doubles and enums; names stay names where the type is the same") {
  CHECK(spelled("bool", "1") == "true;");
  CHECK(spelled("bool", "false") == "false;");
  CHECK(spelled("i32", "true") == "1;");
  CHECK(spelled("E", "E.B") == "E::B;");
  CHECK(spelled("E", "B") == "E::B;");
  CHECK(spelled("E", "5") == "E::B;");
  CHECK(spelled("E", "6") == "static_cast<E>(6);");
  CHECK(spelled("i64", "E.B") == "5;");
  CHECK(spelled("i32", "N") == "N;");
  CHECK(spelled("double", "N") == "7.0;");
}

TEST_CASE("values of another kind are refused") {
  CHECK(says(reports("const i32 X = 1.5"), "expected an i32, found a fraction"));
  CHECK(says(reports("const double X = \"a\""), "expected a double, found text"));
  CHECK(says(reports("const string X = 5"), "expected a string, found a number"));
  CHECK(says(reports("const list<i32> X = {1: 2}"), "expected a list<i32>, found a map"));
  CHECK(says(reports("const map<i32, i32> X = [1]"), "expected a map<i32, i32>, found a list"));
  CHECK(says(reports("const uuid X = \"not one\""), "found text that is not one"));
  CHECK(says(reports("const string A = \"a\" const i32 X = A"), "found a constant of type string"));
  CHECK(says(reports("const i32 X = Y"), "there is no constant or enum value `Y`"));
}

TEST_CASE("fields of a constant exist, once, and a union has one") {
  const std::string types = "struct S { 1: i32 a, 2: i32 b } union U { 1: i32 a, 2: i32 b } ";
  CHECK(reports(types + "const S X = {\"b\": 1, \"a\": 2} const U Y = {\"a\": 1} const U Z = {}") == "");
  CHECK(says(reports(types + "const S X = {\"c\": 1}"), "S has no field `c`"));
  CHECK(says(reports(types + "const S X = {1: 1}"), "expected the name of a field of S"));
  CHECK(says(reports(types + "const S X = {\"a\": 1, \"a\": 2}"), "`a` is given twice"));
  CHECK(says(reports(types + "const U X = {\"a\": 1, \"b\": 2}"), "holds one of its fields"));
  CHECK(says(reports(types + "const S X = {\"a\": \"x\"}"), "expected an i32"));
}

TEST_CASE("what allocates nothing is constexpr, and text that is a uuid becomes one") {
  const std::string types =
      "struct P { 1: i32 x, 2: optional double y } union U { 1: P p } struct T { 1: string t } ";
  const auto declared = [&](const std::string& constant) { return line_of(output(types + constant), "X"); };
  CHECK(declared("const P X = {\"x\": 1}") == "inline constexpr P X = {.x = 1};");
  CHECK(declared("const U X = {\"p\": {}}") == "inline constexpr U X = {.value = U::P{{}}};");
  CHECK(declared("const P Q = {} const P X = Q") == "inline constexpr P X = Q;");
  CHECK(output(types + "const T X = {}").header.find("const T& X();") != std::string::npos);
  const std::string id = "00112233-4455-6677-8899-aabbccddeeff";
  CHECK(reports("const string S = \"" + id + "\" const uuid X = S") == "");
  CHECK(says(reports("const string S = \"no\" const uuid X = S"), "text that is not one"));
}

TEST_CASE("a key that comes twice and a number that is no double are warned of") {
  CHECK(says(reports("const i32 N = 1 const map<i32, i32> X = {1: 2, 3: 4, N: 5}"),
             "warning: this key is there already; the first is taken"));
  CHECK(reports("const map<double, i32> X = {0.0: 1, -0.0: 2} const set<i32> Y = [1, 1]") == "");
  CHECK(says(reports("const double X = 9007199254740993"), "is no double; 9007199254740992 is taken"));
  CHECK(says(reports("const double X = 9223372036854775807"), "is no double; 9223372036854775808 is taken"));
  CHECK(reports("const double X = -9223372036854775808 const double Y = 9007199254740994") == "");
}

TEST_CASE("constants name one another in any order, but not in a circle") {
  CHECK(reports("const i32 A = B const i32 B = C const i32 C = 1") == "");
  CHECK(says(reports("const i32 A = B const i32 B = A"), "leads back to itself"));
  CHECK(says(reports("const list<i32> A = [1, B] const i32 B = C const i32 C = B"), "leads back to itself"));
}

TEST_CASE("constants that unfold without end are refused") {
  std::string text = "const list<i32> L0 = [1, 2]\n";
  std::string type = "list<i32>", real = "list<double>";
  for (int level = 1; level < 40; ++level) {
    const std::string last = "L" + std::to_string(level - 1);
    type = fmt::format("list<{}>", type);
    text += "const " + type + " L" + std::to_string(level) + " = [" + last + ", " + last + "]\n";
    real = fmt::format("list<{}>", real);
  }
  CHECK(reports(text) == "");  // by name, each costs two
  CHECK(says(reports(text + "const " + real + " X = L39\n"), "constants unfold to 1000000 values"));
}

TEST_CASE("an enum's value is found by its last part where the whole name is none") {
  const std::map<std::string, std::string> files{{"a.thrift", "enum E { X, Y }"}};
  CHECK(
      says(reports("include \"a.thrift\" const a.E V = E.Y", files), "warning: there is no `E.Y`; `Y` of E"));
  CHECK(
      says(reports("include \"a.thrift\" const a.E V = a.Y", files), "warning: there is no `a.Y`; `Y` of E"));
  CHECK(says(reports("enum E { X } enum F { Z } const F V = E.Z"), "warning: there is no `E.Z`; `Z` of F"));
  CHECK(says(reports("enum E { X } const E V = E.W"), "error: there is no constant or enum value `E.W`"));
}
