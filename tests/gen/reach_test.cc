#include "reach.h"

#include <doctest/doctest.h>

#include "memory.h"

using namespace weft::gen;

namespace {

struct Run {
  std::string text;
  std::map<std::string, Output> outputs;
  std::vector<std::string> inputs;
  Census census;

  Run(const std::vector<std::string>& files, const std::vector<std::string>& keep,
      std::map<std::string, std::string> texts) {
    Memory memory{std::move(texts)};
    Diagnostics diagnostics;
    Generated generated = generate(files, {""}, memory, diagnostics, {.reach = true, .keep = keep});
    text = diagnostics.text();
    census = generated.census;
    for (auto& unit : generated.units) {
      inputs = unit.inputs;
      outputs.emplace(unit.path, std::move(unit.output));
    }
  }
  std::string names() const {
    std::string names;
    for (const auto& [name, output] : outputs) names += name + " ";
    return names;
  }
  bool has(const std::string& unit, std::string_view part) const {
    const auto found = outputs.find(unit);
    return found != outputs.end() && found->second.header.find(part) != std::string::npos;
  }
};

const std::map<std::string, std::string> shop{
    {"api.thrift",
     "include \"types.thrift\" include \"unused.thrift\" include \"errors.thrift\"\n"
     "struct Local { 1: i32 n }\n"
     "service Shop { types.Order order(1: types.Id id) throws (1: errors.Missing missing) }"},
    {"types.thrift",
     "include \"money.thrift\" include \"unused.thrift\"\n"
     "typedef i64 Id\n"
     "const i32 LIMIT = 5\n"
     "const i32 OTHER = 6\n"
     "enum State { OPEN, DONE }\n"
     "struct Order { 1: Id id, 2: list<Line> lines, 3: State state, 4: i32 most = LIMIT }\n"
     "struct Line { 1: money.Amount price, 2: optional Order back }\n"
     "struct Report { 1: unused.Thing thing }"},
    {"money.thrift", "struct Amount { 1: i64 cents } struct Rate { 1: double rate }"},
    {"errors.thrift", "exception Missing {} exception Denied {}"},
    {"unused.thrift", "struct Thing { 1: i32 n } service Admin { void stop() }"},
};

}  // namespace

TEST_CASE(
    "what the services of the named files need is generated, wherever it is declared, and nothing else") {
  const Run run({"api.thrift"}, {}, shop);
  CHECK(run.text == "");
  CHECK(run.names() == "api errors money types ");
  CHECK(run.has("types", "struct Order {"));
  CHECK(run.has("types", "struct Line {"));
  CHECK(run.has("types", "using Id = "));
  CHECK(run.has("types", "LIMIT"));
  CHECK(run.has("types", "enum class State"));
  CHECK(run.has("errors", "struct Missing {"));
  CHECK_FALSE(run.has("types", "OTHER"));
  CHECK_FALSE(run.has("types", "Report"));
  CHECK_FALSE(run.has("money", "Rate"));
  CHECK_FALSE(run.has("errors", "Denied"));
  CHECK_FALSE(run.has("api", "Local"));
}

TEST_CASE(
    "includes that are not needed any more are dropped, and output depends on all files that were read") {
  const Run run({"api.thrift"}, {}, shop);
  CHECK(run.has("api", "#include \"types.weft.h\""));
  CHECK_FALSE(run.has("api", "unused.weft.h"));
  CHECK_FALSE(run.has("types", "unused.weft.h"));
  CHECK(run.inputs.size() == 5);
}

TEST_CASE("kept and dropped are counted by kind") {
  const Census census = Run({"api.thrift"}, {}, shop).census;
  CHECK(census.text() ==
        "              kept  dropped\n"
        "files            4        1\n"
        "services         1        1\n"
        "structs          4        5\n"
        "enums            1        0\n"
        "typedefs         1        0\n"
        "constants        1        1\n");
  CHECK(census.kept(Census::structs) == 4);
  CHECK(census.all(Census::structs) == 9);
}

TEST_CASE("items and files can be kept besides") {
  CHECK(Run({"api.thrift"}, {"OTHER"}, shop).has("types", "OTHER = 6"));
  CHECK(Run({"api.thrift"}, {"money.Rate"}, shop).has("money", "struct Rate"));
  CHECK(Run({"api.thrift"}, {"types.Report"}, shop).has("unused", "struct Thing"));
  CHECK_FALSE(Run({"api.thrift"}, {"types.Report"}, shop).has("unused", "class Admin"));
  CHECK(Run({"api.thrift"}, {"unused.thrift"}, shop).has("unused", "class Admin"));
  CHECK(Run({"money.thrift"}, {"money.thrift"}, shop).names() == "money ");
  CHECK(Run({"api.thrift"}, {"money.Rat"}, shop).text.find("there is no `money.Rat` to keep") !=
        std::string::npos);
  CHECK(Run({"api.thrift"}, {"y.thrift"}, shop).text.find("there is no `y.thrift`") != std::string::npos);
  CHECK(Run({"money.thrift"}, {}, shop).text.find("nothing is reached") != std::string::npos);
}

TEST_CASE("a service that another extends is kept, and all services of the named files are roots") {
  const std::map<std::string, std::string> texts{
      {"base.thrift", "struct A {} struct B {} service Base { A a() } service Other { B b() }"},
      {"api.thrift", "include \"base.thrift\" service Api extends base.Base {}"},
  };
  const Run one({"api.thrift"}, {}, texts);
  CHECK(one.has("base", "class Base"));
  CHECK_FALSE(one.has("base", "class Other"));
  CHECK_FALSE(one.has("base", "struct B"));
  CHECK(Run({"api.thrift", "base.thrift"}, {}, texts).has("base", "class Other"));
}

TEST_CASE("what is generated of a part of a tree is as it is in the whole") {
  const Run part({"api.thrift"}, {}, shop);
  Memory memory{shop};
  Diagnostics diagnostics;
  const Generated whole = generate({"types.thrift"}, {""}, memory, diagnostics);
  const auto body = [](const std::string& header, std::string_view name) {
    const auto at = header.find(name);
    REQUIRE(at != std::string::npos);
    return header.substr(at, header.find("\n};", at) - at);
  };
  for (const char* name : {"struct Order {", "struct Line {", "weft::Schema<types::Order>"})
    CHECK(body(part.outputs.at("types").header, name) == body(whole.units[0].output.header, name));
}

#if WEFT_PROTOBUF
TEST_CASE("messages are reached as structs are, by way of public imports too") {
  const std::map<std::string, std::string> texts{
      {"api.proto",
       "syntax = 'proto3'; package p; import 'middle.proto'; message Ask { Outer.Inner inner = 1; }\n"
       "service Api { rpc Get(Ask) returns (Ask); }"},
      {"middle.proto", "syntax = 'proto3'; package p; import public 'deep.proto'; message Middle {}"},
      {"deep.proto",
       "syntax = 'proto3'; package p; message Outer { message Inner { oneof pick { Kind kind = 1; } }\n"
       "enum Kind { NONE = 0; } message Spare {} Spare spare = 1; }"},
  };
  const Run run({"api.proto"}, {}, texts);
  CHECK(run.text == "");
  CHECK(run.names() == "api deep ");
  CHECK(run.has("api", "#include \"deep.weft.h\""));
  CHECK(run.has("deep", "struct Outer_Inner {"));
  CHECK(run.has("deep", "enum class Outer_Kind"));
  CHECK_FALSE(run.has("deep", "struct Outer {"));
  const Run more({"api.proto"}, {"p.Outer"}, texts);
  CHECK(more.has("deep", "struct Outer {"));
  CHECK(more.has("deep", "struct Outer_Spare {"));
}
#endif
