// Whatever the input, weft-gen ends, with output or with errors. The mutations are random but the same in
// every run.
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "memory.h"

using namespace weft::gen;

namespace {

const std::filesystem::path tests = WEFT_TESTS;

std::string read(const std::filesystem::path& path) { return Disk{}.read(path.string()).value(); }

/// `text` with a few bytes, words or stretches changed, lost, doubled or swapped in from elsewhere.
std::string mutate(std::string text, std::mt19937& random) {
  static const std::vector<std::string> pieces{
      "{",           "}",         "(",       ")",        "<",
      ">",           "[",         "]",       ",",        ":",
      "=",           "&",         "@",       "\"",       "/*",
      "*/",          "//",        "\n",      "list<",    "map<",
      "optional ",   "required ", "struct ", "union ",   "service ",
      "extends ",    "throws ",   "const ",  "enum ",    "typedef ",
      "include ",    "0x",        "-",       ".",        "1e",
      "99999999999", "\\",        "\xFF",    "\xF0\x9F", std::string(1, '\0'),
      "void ",       "oneway "};
  const int changes = 1 + static_cast<int>(random() % 6);
  for (int change = 0; change < changes && !text.empty(); ++change) {
    const std::size_t at = random() % text.size();
    const std::size_t size = std::min<std::size_t>(random() % 20, text.size() - at);
    switch (random() % 6) {
      case 0:
        text.erase(at, size);
        break;
      case 1:
        text.insert(at, pieces[random() % pieces.size()]);
        break;
      case 2:
        text.insert(random() % text.size(), text.substr(at, size * 8));
        break;
      case 3:
        text[at] = static_cast<char>(random());
        break;
      case 4:
        text.resize(at);
        break;
      default:
        text.replace(at, size, pieces[random() % pieces.size()]);
        break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("mutated files neither crash nor hang") {
  std::mt19937 random(20261121);
  const std::vector<std::filesystem::path> seeds{
      "golden/hello/hello.thrift", "golden/awkward/awkward.thrift", "golden/recursion/recursion.thrift",
      "golden/constants/constants.thrift", "interop/kitchen.thrift"};
  const std::map<std::string, std::string> others{
      {"vector.thrift", read(tests / "golden/awkward/vector.thrift")},
      {"limits.thrift", read(tests / "golden/constants/limits.thrift")},
      {"kitchen_shared.thrift", read(tests / "interop/kitchen_shared.thrift")}};
  int accepted = 0;
  for (const auto& seed : seeds) {
    const std::string text = read(tests / seed);
    for (int round = 0; round < 300; ++round) accepted += reports(mutate(text, random), others).empty();
  }
  CHECK(accepted > 0);
}

TEST_CASE("a megabyte of anything is refused at once") {
  std::mt19937 random(7);
  std::string garbage(1 << 20, '\0');
  for (char& c : garbage) c = static_cast<char>(random());
  CHECK(reports(garbage).size() < 20000);
  for (const char* piece : {"{", "(", "\"", "/*", "list<", "struct ", "struct S { 1: ", "1: i32 a ", "\x80",
                            "a.", "-", "[", "{1:", "(a,", "*/"}) {
    std::string text = "struct S { ";
    while (text.size() < 1 << 20) text += piece;
    INFO(piece);
    CHECK(reports(text).size() < 20000);
    CHECK(reports(text.substr(11)).size() < 20000);
  }
}

TEST_CASE("long chains of types, typedefs, constants and includes need no stack") {
  std::string structs, typedefs, constants, services;
  for (int index = 0; index < 20000; ++index) {
    const std::string here = std::to_string(index), next = std::to_string(index + 1);
    structs += "struct S" + here + " { 1: S" + next + " s }\n";
    typedefs += "typedef T" + next + " T" + here + "\n";
    constants += "const i32 C" + here + " = C" + next + "\n";
    services += "service V" + next + " extends V" + here + " {}\n";
  }
  CHECK(reports(structs + "struct S20000 {}") == "");
  CHECK(reports("service V0 {}\n" + services).find("deeper than 100 levels") != std::string::npos);
  CHECK(reports(typedefs + "typedef i32 T20000").find("deeper than 100 levels") != std::string::npos);
  CHECK(reports(constants + "const i32 C20000 = 1").find("deeper than 100 levels") != std::string::npos);
  std::map<std::string, std::string> files;
  for (int index = 0; index < 1000; ++index)
    files[fmt::format("f{}.thrift", index)] = fmt::format("include \"f{}.thrift\"\n", index + 1);
  CHECK(reports("include \"f0.thrift\"", files).find("deeper than 200 levels") != std::string::npos);
}
