// Plugins: programs that answer, and programs that do not.
#include "plugin.h"

#include <cstdlib>
#include <filesystem>
#include <unistd.h>

#include <doctest/doctest.h>

#include "memory.h"
#include "process.h"

using namespace weft::gen;
using namespace std::chrono_literals;

namespace {

/// A shell script that is there as long as this lives.
class Script {
 public:
  explicit Script(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "weft-plugin-XXXXXX").string();
    const int file = mkstemp(name.data());
    REQUIRE(file >= 0);
    const std::string whole = "#!/bin/sh\n" + text + "\n";
    REQUIRE(::write(file, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size()));
    ::close(file);
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~Script() { std::filesystem::remove(path_); }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Generated generated(const std::string& text, const Plugin& plugin, std::string& reports) {
  Memory memory{{{"x.thrift", text}}};
  Diagnostics diagnostics;
  Choices choices;
  choices.plugins.push_back(plugin);
  Generated result = generate({"x.thrift"}, {}, memory, diagnostics, choices);
  reports = diagnostics.text();
  return result;
}

/// What is said when the plugin runs that script.
std::string said(const std::string& script, std::chrono::milliseconds limit = 60s) {
  const Script file{script};
  std::string reports;
  const Generated result = generated("struct S { 1: i32 x }", {"test", file.path(), limit}, reports);
  CHECK(result.units.empty() == (reports.find("error") != std::string::npos));
  return reports;
}

bool reads_json() {
  std::string error;
  return parse_json("{}", error).has_value();
}

}  // namespace

TEST_CASE("a plugin is given by its name, or by its name and path") {
  CHECK(parse_plugin("fmt").name == "fmt");
  CHECK(parse_plugin("fmt").command.empty());
  CHECK(parse_plugin("fmt=a/b=c").name == "fmt");
  CHECK(parse_plugin("fmt=a/b=c").command == "a/b=c");
}

TEST_CASE("a program gets the dump, and its answer is generated") {
  if (!reads_json()) return;
  // It answers only when it was given the type.
  const Script script{
      "grep -q '\"full_name\": \"x.S\"' && echo '{\"adjustments\": {\"x.S\": {\"name\": \"Thing\", "
      "\"member\": \"int one();\"}},"
      " \"files\": [{\"path\": \"sub/extra.txt\", \"text\": \"hello\"}], \"warnings\": [\"mind this\"]}'"};
  std::string reports;
  const Generated result = generated("struct S { 1: i32 x } struct T { 1: optional T t, 2: S s }",
                                     {"test", script.path()}, reports);
  CHECK(reports == "weft-gen: warning: plugin `test`: mind this\n");
  REQUIRE(result.units.size() == 1);
  CHECK(result.units[0].output.header.find("struct Thing {") != std::string::npos);
  CHECK(result.units[0].output.header.find("  int one();\n") != std::string::npos);
  CHECK(result.units[0].output.header.find("  weft::Box<T> t{};\n  Thing s{};\n") != std::string::npos);
  REQUIRE(result.files.size() == 1);
  CHECK(result.files[0].path == "sub/extra.txt");
  CHECK(result.files[0].text == "hello");
}

TEST_CASE("what goes wrong with a plugin is an error, and nothing is generated") {
  if (!reads_json()) return;
  CHECK(said("exit 3") == "weft-gen: error: plugin `test`: it exited with 3\n");
  CHECK(said("kill -9 $$") == "weft-gen: error: plugin `test`: it was ended by signal 9\n");
  CHECK(said("sleep 600", 200ms) == "weft-gen: error: plugin `test`: it takes too long\n");
  CHECK(said("exec >&-; sleep 600", 200ms) == "weft-gen: error: plugin `test`: it takes too long\n");
  CHECK(said("echo hello").starts_with("weft-gen: error: plugin `test`: its answer is no JSON: parse error"));
  CHECK(said("true").starts_with("weft-gen: error: plugin `test`: its answer is no JSON: parse error"));
  CHECK(said("echo 5") == "weft-gen: error: plugin `test`: its answer is no object\n");
  CHECK(said("echo '{\"adjustment\": {}}'") ==
        "weft-gen: error: plugin `test`: there is no `adjustment` in answers\n");
  CHECK(said("echo '{\"errors\": [\"no\"]}'") == "weft-gen: error: plugin `test`: no\n");
  CHECK(said("echo '{\"files\": [{\"path\": \"../x\", \"text\": \"\"}]}'") ==
        "weft-gen: error: plugin `test`: the file `../x` would not be below the output folder\n");
  CHECK(said("echo '{\"adjustments\": {\"x.S\": {\"nmae\": \"T\"}}}'").find("did you mean `name`?") !=
        std::string::npos);
  std::string reports;
  generated("struct S {}", {"gone", "/nowhere/at/all"}, reports);
  CHECK(reports ==
        "weft-gen: error: plugin `gone`: `/nowhere/at/all` cannot be run: No such file or directory\n");
}

TEST_CASE("a program may answer without reading, and long texts go both ways") {
  if (!reads_json()) return;
  CHECK(said("exec <&-; echo '{}'") == "");
  std::string error;
  const std::string large(std::size_t{4} << 20, 'x');
  const auto output = run_program("cat", large, 60s, error);
  CHECK(error == "");
  REQUIRE(output.has_value());
  CHECK((*output == large));
}

TEST_CASE("the built-in plugin snake_case renames fields and methods in C++") {
  if (!reads_json()) return;
  std::string reports;
  const Generated result = generated(
      "struct S { 1: i32 userId, 2: i32 HTTPStatus, 3: i32 plain_one, 4: i32 a1B }\n"
      "service V { void getAll() }\n",
      parse_plugin("snake_case"), reports);
  CHECK(reports == "");
  REQUIRE(result.units.size() == 1);
  const std::string& header = result.units[0].output.header;
  for (const char* name : {"user_id = 0;", "http_status = 0;", "plain_one = 0;", "a1_b = 0;", "get_all();"}) {
    CAPTURE(name);
    CHECK(header.find(name) != std::string::npos);
  }
  CHECK(header.find("field<1>(\"userId\"") != std::string::npos);
}
