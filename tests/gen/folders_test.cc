// Where the output goes, and what headers call one another.
#include "folders.h"

#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

struct Run {
  std::vector<std::string> paths;
  std::string text;
  std::vector<Output> outputs;

  Run(const std::vector<std::string>& roots, const std::vector<std::string>& folders,
      std::map<std::string, std::string> files, Choices choices = {}) {
    Memory memory{std::move(files)};
    Diagnostics diagnostics;
    Generated generated = generate(roots, folders, memory, diagnostics, choices);
    text = diagnostics.text();
    for (auto& unit : generated.units) {
      paths.push_back(unit.path);
      outputs.push_back(std::move(unit.output));
    }
  }
  bool includes(std::size_t at, const std::string& header) const {
    return outputs.at(at).header.find("#include \"" + header + "\"\n") != std::string::npos;
  }
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_CASE("a file is called by its path below the first folder that it lies in") {
  const Folders folders{{"idl", "other/"}, {"idl/a/x.thrift", "free/x.thrift", "free/deep/y.thrift"}};
  CHECK(folders.name_of("idl/a/x.thrift") == "a/x.thrift");
  CHECK(folders.name_of("./idl//a/../x.thrift") == "x.thrift");
  CHECK(folders.name_of("other/b/x.thrift") == "b/x.thrift");
  CHECK(folders.name_of("idle/x.thrift") == "x.thrift");
  CHECK(folders.name_of("free/deep/y.thrift") == "deep/y.thrift");
  CHECK(folders.all() == Paths{"idl", "other/", "free"});
  CHECK(Folders{{"."}, {}}.name_of("../x.thrift") == "x.thrift");
  CHECK(Folders{{".."}, {}}.name_of(std::filesystem::absolute("x.thrift").string()) ==
        std::filesystem::current_path().filename().string() + "/x.thrift");
  CHECK(Folders{{"/"}, {}}.name_of("/a/x.thrift") == "a/x.thrift");
}

TEST_CASE("output of Thrift keeps the folders below those that -I names") {
  const Run run({"idl/a/x.thrift", "idl/b/x.thrift"}, {"idl"},
                {{"idl/a/x.thrift", "include \"../b/x.thrift\"\ninclude \"shared.thrift\""},
                 {"idl/b/x.thrift", ""},
                 {"idl/shared.thrift", ""}});
  CHECK(run.text == "");
  REQUIRE(run.paths == Paths{"a/x", "b/x"});
  CHECK(run.includes(0, "b/x.weft.h"));
  CHECK(run.includes(0, "shared.weft.h"));
  CHECK(run.outputs[0].source.find("#include \"a/x.weft.h\"\n") != std::string::npos);
}

TEST_CASE("without -I, the output keeps the folders below those of the files, in any order") {
  const std::map<std::string, std::string> files{
      {"a/x.thrift", "include \"b/x.thrift\" include \"../c/y.thrift\""},
      {"a/b/x.thrift", ""},
      {"c/y.thrift", ""}};
  const Run run({"a/b/x.thrift", "a/x.thrift"}, {}, files);
  CHECK(run.text == "");
  CHECK(run.paths == Paths{"b/x", "x"});
  CHECK(run.includes(1, "b/x.weft.h"));
  CHECK(run.includes(1, "y.weft.h"));
  CHECK(Run({"a/b/x.thrift"}, {}, files).paths == Paths{"x"});
}

TEST_CASE("an included file that lies in no folder is called by its name alone, or longer if that is taken") {
  const Run run({"b/x.thrift"}, {},
                {{"b/x.thrift", "include \"../c/x.thrift\" include \"../c/y.thrift\""},
                 {"c/x.thrift", ""},
                 {"c/y.thrift", ""}});
  CHECK(run.text == "");
  CHECK(run.paths == Paths{"x"});
  CHECK(run.includes(0, "c/x.weft.h"));
  CHECK(run.includes(0, "y.weft.h"));
}

TEST_CASE("flat output is called by the stems, which then have to differ") {
  const std::map<std::string, std::string> files{
      {"idl/a/x.thrift", "include \"../b/y.thrift\""}, {"idl/b/y.thrift", ""}, {"idl/b/x.thrift", ""}};
  const Run run({"idl/a/x.thrift"}, {"idl"}, files, {.flat = true});
  CHECK(run.paths == Paths{"x"});
  CHECK(run.includes(0, "y.weft.h"));
  const Run two({"idl/a/x.thrift", "idl/b/x.thrift"}, {"idl"}, files, {.flat = true});
  CHECK(two.outputs.empty());
  CHECK(two.text.find("x.weft.h would be the header of two files") != std::string::npos);
}

#if WEFT_PROTOBUF
TEST_CASE("output of Protobuf is called as imports call the file") {
  const std::map<std::string, std::string> files{
      {"idl/api/http.proto", "syntax = \"proto3\"; import \"api/deep/http.proto\"; message M { N n = 1; }"},
      {"idl/api/deep/http.proto", "syntax = \"proto3\"; message N {}"}};
  for (const std::string prefix : {"idl/", ""}) {
    INFO(prefix);
    const Run run({prefix + "api/http.proto", prefix + "api/deep/http.proto"}, {"idl"}, files);
    CHECK(run.text == "");
    REQUIRE(run.paths == Paths{"api/http", "api/deep/http"});
    CHECK(run.includes(0, "api/deep/http.weft.h"));
  }
}

TEST_CASE("a file that imports cannot reach because of another is refused") {
  const std::map<std::string, std::string> files{{"a/x.proto", "syntax = \"proto3\";"},
                                                 {"b/x.proto", "syntax = \"proto3\";"}};
  CHECK(Run({"b/x.proto"}, {"a", "b"}, files).text ==
        "weft-gen: error: `b/x.proto` cannot be imported: `a/x.proto` is found first\n");
  CHECK(Run({"b/x.proto"}, {}, files).text == "");
}
#endif
