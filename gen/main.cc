// weft-gen: reads IDL files and writes, for each a/x.thrift or a/x.proto, a/x.weft.h and a/x.weft.cc.
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "command/command.h"
#include "derive.h"
#include "generate.h"

namespace {

using namespace weft::gen;

constexpr std::string_view help = R"(Usage: weft-gen [OPTION]... FILE...
       weft-gen dump [OPTION]... FILE...
Generates C++ for Weft from Thrift and Protobuf IDL files: x.weft.h and x.weft.cc for each
x.thrift or x.proto.

  -I DIR             look for included files in DIR too, in Thrift after the folder of the
                     including file; may be given several times. The output for DIR/a/x.proto
                     is a/x.weft.h, and that for a file in none of them x.weft.h
      --flat         the output for a/x.proto is x.weft.h
      --keep-unknown messages of Protobuf keep the fields that they do not know
      --derive LIST  write the operations of LIST, `order` (<=>), `hash` (std::hash) or both with
                     a comma, for every type that can have them
      --descriptors  services of Protobuf know the descriptors of their files, for reflection
  -o DIR             write the generated files to DIR (default: the current folder)
      --depfile FILE write to FILE which files the output depends on, for make or ninja
      --help         print this help and exit
      --version      print the version and exit

`weft-gen dump` prints what it knows of the files as JSON. `weft-gen dump --help` has more.

Exits with 1 when a file has errors, and then writes nothing; with 2 when the command line is wrong.
)";

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> include_folders;
  std::string output = ".";
  std::string depfile;
  Choices choices;
};

/// Fills in the options; what it returns, if not -1, is the exit status.
int parse(const std::vector<std::string>& arguments, Options& options) {
  bool only_files = false;
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    if (only_files || argument.size() < 2 || argument[0] != '-') {
      options.files.push_back(argument);
      continue;
    }
    // `-Idir` and `--depfile=file`, or the value is the next argument.
    const bool is_long = argument.starts_with("--");
    const std::size_t end = is_long ? std::min(argument.find('='), argument.size()) : 2;
    const std::string name = argument.substr(0, end);
    std::string value = argument.substr(std::min(argument.size(), end + (is_long ? 1 : 0)));
    bool has_value = argument.size() > end;
    const bool takes_value = name == "-I" || name == "-o" || name == "--depfile" || name == "--derive";
    if (takes_value && !has_value) {
      if (++at == arguments.size()) return usage_error(fmt::format("option '{}' requires an argument", name));
      value = arguments[at];
    } else if (has_value && is_long && !takes_value &&
               (name == "--help" || name == "--version" || name == "--keep-unknown" || name == "--flat")) {
               (name == "--help" || name == "--version" || name == "--keep-unknown" || name == "--descriptors")) {
      return usage_error(fmt::format("option '{}' doesn't allow an argument", name));
    }
    if (name == "-I") {
      options.include_folders.push_back(value);
    } else if (name == "-o") {
      options.output = value;
    } else if (name == "--depfile") {
      options.depfile = value;
    } else if (name == "--derive") {
      if (const auto word = parse_operations(value, options.choices.derive); !word.empty())
        return usage_error(fmt::format("cannot derive '{}'", word));
    } else if (name == "--descriptors") {
      options.choices.descriptors = true;
    } else if (name == "--keep-unknown") {
      options.choices.keep_unknown = true;
    } else if (name == "--flat") {
      options.choices.flat = true;
    } else if (name == "--help") {
      fmt::print("{}", help);
      return 0;
    } else if (name == "--version") {
      fmt::print("weft-gen {}\n", WEFT_VERSION);
      return 0;
    } else if (argument == "--") {
      only_files = true;
    } else if (is_long) {
      return usage_error(fmt::format("unrecognized option '{}'", argument));
    } else {
      return usage_error(fmt::format("invalid option -- '{}'", argument[1]));
    }
  }
  if (options.files.empty()) return usage_error("no input files");
  return -1;
}

/// The files of a run, through temporary ones: whoever reads one sees all of it or what was there before, and
/// none is replaced before all are on the disk.
class Written {
 public:
  ~Written() {
    for (const std::string& path : paths_) std::remove((path + ".tmp").c_str());
  }

  bool add(const std::string& path, const std::string& text) {
    const std::string temporary = path + ".tmp";
    std::FILE* file = std::fopen(temporary.c_str(), "wb");
    if (!file) {
      std::error_code ignored;  // the next try will tell
      std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
      file = std::fopen(temporary.c_str(), "wb");
    }
    if (!file) return failed(path);
    paths_.push_back(path);
    const bool whole = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    return (std::fclose(file) == 0 && whole) || failed(path);
  }

  bool replace() {
    for (; !paths_.empty(); paths_.pop_back())
      if (std::rename((paths_.back() + ".tmp").c_str(), paths_.back().c_str()) != 0)
        return failed(paths_.back());
    return true;
  }

 private:
  bool failed(const std::string& path) {
    fmt::print(stderr, "weft-gen: cannot write `{}`: {}\n", path,
               std::error_code(errno, std::generic_category()).message());
    return false;
  }

  std::vector<std::string> paths_;
};

std::string escape_for_make(std::string_view path) {
  std::string result;
  for (char c : path) {
    if (c == ' ' || c == '#' || c == '\\') result += '\\';
    if (c == '$') result += '$';
    result += c;
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (const auto status = run_command({argv + 1, argv + argc})) return *status;
  Options options;
  if (int status = parse({argv + 1, argv + argc}, options); status >= 0) return status;

  Disk disk;
  Diagnostics diagnostics;
  const Generated generated =
      generate(options.files, options.include_folders, disk, diagnostics, options.choices);
  fmt::print(stderr, "{}", diagnostics.text());
  if (!diagnostics.ok()) return 1;

  Written written;
  std::string dependencies;
  for (const auto& unit : generated.units) {
    const std::string path = options.output.empty() || options.output == "."
                                 ? unit.path
                                 : fmt::format("{}/{}", options.output, unit.path);
    if (!written.add(path + ".weft.h", unit.output.header) ||
        !written.add(path + ".weft.cc", unit.output.source))
      return 1;
    dependencies += fmt::format("{0}.weft.h {0}.weft.cc:", escape_for_make(path));
    for (const std::string& input : unit.inputs)
      dependencies += fmt::format(" \\\n  {}", escape_for_make(input));
    dependencies += '\n';
  }
  if (!options.depfile.empty() && !written.add(options.depfile, dependencies)) return 1;
  return written.replace() ? 0 : 1;
}
