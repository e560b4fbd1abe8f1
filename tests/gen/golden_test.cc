// What weft-gen writes, byte for byte. WEFT_UPDATE_GOLDEN=1 rewrites the files; the diff is then the review.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "generate.h"
#include "memory.h"
#if WEFT_PROTOBUF
#include <google/protobuf/stubs/common.h>
#endif

using namespace weft::gen;

namespace {

const std::filesystem::path tests = WEFT_TESTS;

void check(const std::filesystem::path& path, const std::string& text) {
  if (std::getenv("WEFT_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  INFO(path.string() << " differs; with WEFT_UPDATE_GOLDEN=1 this test rewrites it");
  CHECK((Disk{}.read(path.string()) == text));
}

void check_folder(const std::filesystem::path& inputs, const std::filesystem::path& outputs,
                  const Choices& choices = {}, std::string_view ending = "") {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(inputs))
    if (ending.empty() ? entry.path().extension() == ".thrift" || entry.path().extension() == ".proto"
                       : entry.path().extension() == ending)
      paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  Disk disk;
  Diagnostics diagnostics;
  const Generated generated = generate(paths, {}, disk, diagnostics, choices);
  CHECK(diagnostics.text() == "");
  REQUIRE(generated.units.size() == paths.size());
  for (const auto& unit : generated.units) {
    check(outputs / (unit.path + ".weft.h"), unit.output.header);
    check(outputs / (unit.path + ".weft.cc"), unit.output.source);
  }
}

}  // namespace

#if WEFT_PROTOBUF && GOOGLE_PROTOBUF_VERSION / 1000 == 3021
TEST_CASE(
    "the well-known types of the codec library are what weft-gen --borrow makes of them, without the "
    "comments") {
  std::vector<std::string> paths;
  for (const char* name : {"any", "api", "descriptor", "duration", "empty", "field_mask", "source_context",
                           "struct", "timestamp", "type", "wrappers"})
    paths.push_back(fmt::format("google/protobuf/{}.proto", name));
  Disk disk;
  Diagnostics diagnostics;
  const Generated generated =
      generate(paths, {WEFT_PROTOBUF_INCLUDE}, disk, diagnostics, {.comments = false, .borrow = true});
  CHECK(diagnostics.text() == "");
  REQUIRE(generated.units.size() == paths.size());
  const std::filesystem::path codec = tests / ".." / "lib" / "codec";
  for (const auto& unit : generated.units) {
    check(codec / "include" / (unit.path + ".weft.h"), unit.output.header);
    check(codec / (unit.path + ".weft.cc"), unit.output.source);
  }
}
#endif

TEST_CASE("the generated code is what it was") {
  for (const char* name : {"hello", "awkward", "recursion", "constants", "derive"}) {
    SUBCASE(name) { check_folder(tests / "golden" / name, tests / "golden" / name); }
  }
#if WEFT_PROTOBUF
  SUBCASE("borrowed") {
    check_folder(tests / "golden" / "borrowed", tests / "golden" / "borrowed", {.borrow = true});
  }
  SUBCASE("descriptors") {
    check_folder(tests / "golden" / "descriptors", tests / "golden" / "descriptors", {.descriptors = true});
  }
  SUBCASE("protobuf") { check_folder(tests / "golden" / "protobuf", tests / "golden" / "protobuf"); }
#endif
  Choices others;
  others.messages = Messages::apache;
  SUBCASE("apache") { check_folder(tests / "adapt", tests / "golden" / "apache", others, ".thrift"); }
#if WEFT_PROTOBUF
  others.messages = Messages::protoc;
  SUBCASE("protoc") { check_folder(tests / "adapt", tests / "golden" / "protoc", others, ".proto"); }
  others.on_arena = true;
  SUBCASE("arena") { check_folder(tests / "adapt", tests / "golden" / "arena", others, ".proto"); }
#endif
  SUBCASE("kitchen") { check_folder(tests / "interop", tests / "golden" / "kitchen"); }
}

TEST_CASE("--no-comments leaves out what the IDL explains") {
  Memory memory{{{"x.thrift",
                  "/** secret */ enum E { /** secret */ A = 1 }\n"
                  "/** secret */ struct S { /** secret */ 1: i32 x }\n"
                  "/** secret */ const i32 C = 1\n"
                  "/** secret */ service V { /** secret */ void f() }\n"}}};
  Diagnostics diagnostics;
  for (const bool comments : {true, false}) {
    const Generated generated = generate({"x.thrift"}, {}, memory, diagnostics, {.comments = comments});
    REQUIRE(generated.units.size() == 1);
    CHECK((generated.units[0].output.header.find("/// secret") != std::string::npos) == comments);
  }
}
