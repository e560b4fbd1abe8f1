#include "dump.h"

#include <algorithm>
#include <filesystem>
#include <vector>

#include <doctest/doctest.h>

#include "memory.h"
#include "read.h"

using namespace weft::gen;

namespace {

Json dump_of(const std::string& path, const std::string& text,
             std::map<std::string, std::string> others = {}) {
  others[path] = text;
  Memory memory{std::move(others)};
  Diagnostics diagnostics;
  const auto programs = read({path}, {}, memory, diagnostics);
  REQUIRE(diagnostics.text() == "");
  return dump(programs);
}

/// The first item of the last file that has that name.
const Json& item(const Json& dump, std::string_view name) {
  for (const Json& item : dump["files"].items().back()["items"].items())
    if (item["name"].text() == name) return item;
  FAIL("no such item");
  return dump;
}

#if WEFT_PROTOBUF
constexpr bool reads_proto = true;
#else
constexpr bool reads_proto = false;
#endif

/// Restored, and dumped again.
std::string again(const Json& first) {
  Diagnostics diagnostics;
  std::deque<Program> programs;
  for (const bool protobuf : {false, true}) programs.push_back(restore(first, protobuf, diagnostics));
  CHECK(diagnostics.text() == "");
  return diagnostics.ok() ? dump(programs).print() : diagnostics.text();
}

}  // namespace

TEST_CASE("a dump has names, ids, types, defaults, comments, annotations and places") {
  const Json json = dump_of("x.thrift",
                            "namespace cpp a.b\n"
                            "enum Color { RED = 1 (deep = \"yes\") }\n"
                            "/** A thing. */\n"
                            "struct S {\n"
                            "  1: required i32 class = 7 (sql = \"id\")\n"
                            "  2: optional map<string, list<Color>> colors\n"
                            "  3: Color color = Color.RED\n"
                            "}\n");
  CHECK(json["weft_dump"].integer() == 1);
  CHECK(item(json, "S").print() ==
        "{\n"
        "  \"kind\": \"struct\",\n"
        "  \"name\": \"S\",\n"
        "  \"cpp_name\": \"S\",\n"
        "  \"full_name\": \"x.S\",\n"
        "  \"fields\": [\n"
        "    {\n"
        "      \"name\": \"class\",\n"
        "      \"cpp_name\": \"class_\",\n"
        "      \"id\": 1,\n"
        "      \"type\": {\"kind\": \"i32\"},\n"
        "      \"cpp_type\": \"std::int32_t\",\n"
        "      \"presence\": \"required\",\n"
        "      \"default\": 7,\n"
        "      \"annotations\": [{\"name\": \"sql\", \"value\": \"id\"}],\n"
        "      \"place\": {\"line\": 5, \"column\": 19}\n"
        "    },\n"
        "    {\n"
        "      \"name\": \"colors\",\n"
        "      \"cpp_name\": \"colors\",\n"
        "      \"id\": 2,\n"
        "      \"type\": {\n"
        "        \"kind\": \"map\",\n"
        "        \"of\": [\n"
        "          {\"kind\": \"string\"},\n"
        "          {\"kind\": \"list\", \"of\": [{\"kind\": \"enum\", \"file\": \"x.thrift\", \"name\": "
        "\"Color\"}]}\n"
        "        ]\n"
        "      },\n"
        "      \"cpp_type\": \"std::optional<std::map<std::string, std::vector<a::b::Color>>>\",\n"
        "      \"presence\": \"optional\",\n"
        "      \"place\": {\"line\": 6, \"column\": 40}\n"
        "    },\n"
        "    {\n"
        "      \"name\": \"color\",\n"
        "      \"cpp_name\": \"color\",\n"
        "      \"id\": 3,\n"
        "      \"type\": {\"kind\": \"enum\", \"file\": \"x.thrift\", \"name\": \"Color\"},\n"
        "      \"cpp_type\": \"a::b::Color\",\n"
        "      \"default\": {\"number\": 1, \"name\": \"RED\"},\n"
        "      \"place\": {\"line\": 7, \"column\": 12}\n"
        "    }\n"
        "  ],\n"
        "  \"doc\": \"A thing.\",\n"
        "  \"place\": {\"line\": 4, \"column\": 8}\n"
        "}\n");
  CHECK(item(json, "Color")["values"].items()[0]["annotations"].items()[0]["value"].text() == "yes");
}

TEST_CASE("a dump holds the files that were included, in front of those that include them") {
  const Json json =
      dump_of("x.thrift", "include \"y.thrift\"\nstruct S { 1: y.T t }\n", {{"y.thrift", "struct T {}"}});
  REQUIRE(json["files"].items().size() == 2);
  CHECK(json["files"].items()[0]["path"].text() == "y.thrift");
  CHECK(!json["files"].items()[0]["root"].boolean());
  CHECK(json["files"].items()[1]["root"].boolean());
  CHECK(item(json, "S")["fields"].items()[0]["type"]["file"].text() == "y.thrift");
}

#if WEFT_PROTOBUF
TEST_CASE("a dump is of what is generated: a struct that holds itself does so as an option") {
  Memory memory{{{"x.thrift", "struct S { 1: S next, 2: i32 i }"}}};
  Diagnostics diagnostics;
  const Json json = dump(read({"x.thrift"}, {}, memory, diagnostics));
  CHECK(diagnostics.ok());
  CHECK(diagnostics.text().find("taken to be `optional`") != std::string::npos);
  const auto& fields = item(json, "S")["fields"].items();
  REQUIRE(fields.size() == 2);
  CHECK(fields[0]["presence"].text() == "optional");
  CHECK(fields[0]["boxed"].boolean());
}

TEST_CASE("what cannot be generated, two files with one header, is not dumped") {
  Memory memory{
      {{"a/x.thrift", "include \"../b/x.thrift\"\nstruct A { 1: x.B b }"}, {"b/x.thrift", "struct B {}"}}};
  Diagnostics diagnostics;
  read({"a/x.thrift"}, {"b"}, memory, diagnostics);
  CHECK(diagnostics.text().find("would be the header of two files") != std::string::npos);
  Diagnostics with_folder;
  read({"a/x.thrift"}, {"."}, memory, with_folder);
  CHECK(with_folder.text() == "");
}

TEST_CASE("Protobuf's options are annotations, custom ones by the names that the IDL calls them by") {
  const Json json =
      dump_of("x.proto",
              "syntax = \"proto2\";\n"
              "package p;\n"
              "import \"google/protobuf/descriptor.proto\";\n"
              "message Rule { optional string get = 1; repeated int32 n = 2; optional Rule more = 3; }\n"
              "extend google.protobuf.MethodOptions { optional Rule http = 70001; }\n"
              "extend google.protobuf.FieldOptions { repeated string tag = 70002; }\n"
              "message M {\n"
              "  reserved 5, 7 to 9;\n"
              "  reserved \"old\";\n"
              "  optional int32 big_one = 1 [deprecated = true, (tag) = \"a\", (tag) = \"b\"];\n"
              "}\n"
              "service S {\n"
              "  rpc Get(M) returns (stream M) {\n"
              "    option (http) = {get: \"/x\" n: 1 n: 2 more {}};\n"
              "    option idempotency_level = NO_SIDE_EFFECTS;\n"
              "  }\n"
              "}\n",
              {{"google/protobuf/descriptor.proto",
                *Disk{}.read(WEFT_PROTOBUF_INCLUDE "/google/protobuf/descriptor.proto")}});
  const Json& field = item(json, "M")["fields"].items()[0];
  CHECK(field["json_name"].text() == "bigOne");
  CHECK(field["annotations"].print() ==
        "[\n"
        "  {\"name\": \"deprecated\", \"value\": \"true\"},\n"
        "  {\"name\": \"(p.tag)\", \"value\": \"a\"},\n"
        "  {\"name\": \"(p.tag)\", \"value\": \"b\"}\n"
        "]\n");
  CHECK(item(json, "M")["reserved"].print() == "{\"ids\": [[5, 5], [7, 9]], \"names\": [\"old\"]}\n");
  const Json& method = item(json, "S")["methods"].items()[0];
  CHECK(method["idempotent"].boolean());
  CHECK(method["streams_replies"].boolean());
  CHECK(!method["streams_requests"].boolean());
  CHECK(method["annotations"].print() ==
        "[\n"
        "  {\"name\": \"idempotency_level\", \"value\": \"NO_SIDE_EFFECTS\"},\n"
        "  {\"name\": \"(p.http).get\", \"value\": \"/x\"},\n"
        "  {\"name\": \"(p.http).n\", \"value\": \"1\"},\n"
        "  {\"name\": \"(p.http).n\", \"value\": \"2\"},\n"
        "  {\"name\": \"(p.http).more\", \"value\": \"{}\"}\n"
        "]\n");
}
#endif

TEST_CASE("a program that is restored from its dump has the same dump") {
  const std::filesystem::path tests = WEFT_TESTS;
  std::vector<std::string> paths;
  for (const char* folder : {"golden/awkward", "golden/constants", "golden/hello", "golden/recursion",
                             "interop", "golden/protobuf", "codec"})
    for (const auto& entry : std::filesystem::directory_iterator(tests / folder)) {
      const std::string ending = entry.path().extension().string();
      if (ending == ".thrift" || (reads_proto && ending == ".proto")) paths.push_back(entry.path().string());
    }
  std::sort(paths.begin(), paths.end());
  REQUIRE(paths.size() > 5);
  for (const std::string& path : paths) {
    CAPTURE(path);
    Disk disk;
    Diagnostics diagnostics;
    const auto programs = read({path}, {}, disk, diagnostics);
    REQUIRE(diagnostics.ok());
    const Json first = dump(programs);
    CHECK((again(first) == first.print()));
  }
}

TEST_CASE("what is no dump, or a broken one, is refused") {
  const auto refused = [](const Json& json) {
    Diagnostics diagnostics;
    restore(json, false, diagnostics);
    return diagnostics.text();
  };
  CHECK(refused(Json{}) == "weft-gen: error: the dump cannot be read: not a dump of version 1\n");
  const auto file = [](Json items) {
    return Json{}
        .add("weft_dump", 1)
        .add("files",
             Json{}.push(Json{}.add("path", "x.thrift").add("idl", "thrift").add("items", std::move(items))));
  };
  const auto alias = [](const char* name, Json type) {
    return Json{}.add("kind", "typedef").add("name", name).add("type", std::move(type));
  };
  const Json self = Json{}.add("kind", "typedef").add("file", "x.thrift").add("name", "A");
  CHECK(refused(file(Json{}.push(alias("A", self)))) ==
        "weft-gen: error: the dump cannot be read: a typedef is made of itself\n");
  CHECK(refused(file(Json{}.push(alias("B", self)))) ==
        "weft-gen: error: the dump cannot be read: there is no `A` of that kind in `x.thrift`\n");
  CHECK(refused(file(Json{}.push(alias("A", Json{}.add("kind", "list"))))) ==
        "weft-gen: error: the dump cannot be read: a container's type has the wrong number of arguments\n");
  CHECK(refused(file(Json{}.push(alias("A", Json{}.add("kind", "i32"))))) == "");
}
