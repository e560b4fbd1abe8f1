// weft-gen: reads IDL files and writes, for each a/x.thrift or a/x.proto, a/x.weft.h and a/x.weft.cc.
#include <charconv>
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
       weft-gen check --against OLD [OPTION]... FILE...
       weft-gen dump [OPTION]... FILE...
Generates C++ for Weft from Thrift and Protobuf IDL files: x.weft.h and x.weft.cc for each
x.thrift or x.proto.

  -I DIR             look for included files in DIR too, in Thrift after the folder of the
                     including file; may be given several times. The output for DIR/a/x.proto
                     is a/x.weft.h, and that for a file in none of them x.weft.h
      --flat         the output for a/x.proto is x.weft.h
      --borrow       handlers are given messages as views into the bytes that came; all files
                     that include one another need the same
      --keep-unknown messages of Protobuf keep the fields that they do not know
      --derive LIST  write the operations of LIST, `order` (<=>), `hash` (std::hash) or both with
                     a comma, for every type that can have them
      --descriptors  services of Protobuf know the descriptors of their files, for reflection
      --messages WHO whose classes the messages are: `weft` (default), or `protoc` or `apache`, whose
                     compiler then makes them, and weft-gen the services alone
      --arena        with --messages=protoc: handlers get and make messages on arenas
      --adjust FILE  what C++ is to be otherwise than the IDL makes it, as JSON; may be
                     given several times
      --plugin NAME[=PATH]
                     ask a plugin what C++ is to be otherwise, and for more of it: one that is
                     built in (snake_case), or the program weft-gen-NAME or PATH
  -o DIR             write the generated files to DIR (default: the current folder)
      --no-comments  leave out the comments of the IDL
      --reach        generate what the services of FILE... need, wherever it is declared, and
                     nothing else
      --keep NAME    keep that, too: a type or constant (`Point`, `shared.Point`), or a whole file
                     (`shared.thrift`); may be given several times
      --report TO    write how much was kept and dropped to the file TO, or to stderr for `-`
      --split N      several sources for a file, with at most N structs and methods in each:
                     x.weft.cc, x.weft.2.cc, ...
      --meson        write a meson.build: a static library for each FILE that has services, and one
                     called common for what they share
      --depfile FILE write to FILE which files the output depends on, for make or ninja
      --help         print this help and exit
      --version      print the version and exit

`weft-gen check` compares the files with an older version of them and says what the changes break,
`weft-gen dump` prints what it knows of them as JSON; both have a `--help` of their own.

Exits with 1 when a file has errors, and then writes nothing; with 2 when the command line is wrong.
)";

struct Options {
  std::vector<std::string> files;
  std::vector<std::string> include_folders;
  std::vector<std::string> adjustments;
  std::string output = ".";
  std::string depfile;
  std::string report;  ///< "-": stderr
  bool meson = false;
  Choices choices;
};

/// Fills in the options; what it returns, if not -1, is the exit status.
int parse(const std::vector<std::string>& arguments, Options& options) {
  std::string error;
  const CommandLine line{
      arguments,
      {
          {"-I", true},        {"--arena"},        {"-o", true},      {"--adjust", true},   {"--borrow"},
          {"--depfile", true}, {"--derive", true}, {"--descriptors"}, {"--flat"},           {"--help"},
          {"--keep", true},    {"--keep-unknown"}, {"--meson"},       {"--messages", true}, {"--no-comments"},
          {"--reach"},         {"--report", true}, {"--split", true}, {"--plugin", true},   {"--version"},
      },
      error};
  if (!error.empty()) return usage_error(error);
  if (line.has("--help")) {
    fmt::print("{}", help);
    return 0;
  }
  if (line.has("--version")) {
    fmt::print("weft-gen {}\n", WEFT_VERSION);
    return 0;
  }
  options.files = line.files();
  options.include_folders = line.values("-I");
  options.adjustments = line.values("--adjust");
  options.output = line.value("-o").value_or(".");
  options.depfile = line.value("--depfile").value_or("");
  options.choices.comments = !line.has("--no-comments");
  options.choices.descriptors = line.has("--descriptors");
  options.choices.borrow = line.has("--borrow");
  options.choices.flat = line.has("--flat");
  options.choices.keep_unknown = line.has("--keep-unknown");
  options.choices.on_arena = line.has("--arena");
  if (const auto whose = line.value("--messages"))
    if (!parse_messages(*whose, options.choices.messages))
      return usage_error(fmt::format("invalid argument '{}' for '--messages'", *whose));
  if (const auto list = line.value("--derive"))
    if (const auto word = parse_operations(*list, options.choices.derive); !word.empty())
      return usage_error(fmt::format("cannot derive '{}'", word));
  options.choices.reach = line.has("--reach");
  options.choices.keep = line.values("--keep");
  options.report = line.value("--report").value_or("");
  options.meson = line.has("--meson");
  if (const auto number = line.value("--split")) {
    const char* const end = number->data() + number->size();
    const auto [at, failed] = std::from_chars(number->data(), end, options.choices.split);
    if (failed != std::errc{} || at != end || options.choices.split == 0)
      return usage_error(fmt::format("'{}' is no number of structs and methods", *number));
  }
  for (const std::string& plugin : line.values("--plugin"))
    options.choices.plugins.push_back(parse_plugin(plugin));
  if (options.files.empty()) return usage_error("no input files");
  if (options.choices.borrow && options.choices.messages != Messages::weft)
    return usage_error("option '--borrow' goes with messages of Weft's own");
  if (!options.choices.reach && !options.choices.keep.empty())
    return usage_error("option '--keep' goes with '--reach'");
  if (!options.choices.reach && !options.report.empty())
    return usage_error("option '--report' goes with '--reach'");
  return -1;
}

/// The files of a run, through temporary ones: whoever reads one sees all of it or what was there before, and
/// none is replaced before all are on the disk.
class Written {
 public:
  ~Written() {
    for (const std::string& path : paths_) std::remove((path + ".tmp").c_str());
  }

  /// A file that has the text already keeps its time: what depends on it need not be built again.
  bool add(const std::string& path, const std::string& text) {
    if (Disk{}.read(path) == text) return true;
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
  for (const std::string& path : options.adjustments)
    add(options.choices.adjustments, read_adjustments(path, disk, diagnostics));
  const Generated generated =
      generate(options.files, options.include_folders, disk, diagnostics, options.choices);
  fmt::print(stderr, "{}", diagnostics.text());
  if (!diagnostics.ok()) return 1;
  if (options.report == "-") fmt::print(stderr, "{}", generated.census.text());

  Written written;
  std::string dependencies;
  const std::string folder = options.output.empty() || options.output == "." ? "" : options.output + "/";
  for (const auto& unit : generated.units) {
    for (const auto& [path, text] : unit.files()) {
      if (!written.add(folder + path, *text)) return 1;
      dependencies += escape_for_make(folder + path) + ' ';
    }
    dependencies.back() = ':';
    for (const std::string& input : unit.inputs)
      dependencies += fmt::format(" \\\n  {}", escape_for_make(input));
    dependencies += '\n';
  }
  if (options.meson && !written.add(folder + "meson.build", generated.libraries.meson())) return 1;
  for (const PluginFile& file : generated.files)
    if (!written.add(fmt::format("{}/{}", options.output.empty() ? "." : options.output, file.path),
                     file.text))
      return 1;
  if (!options.depfile.empty() && !written.add(options.depfile, dependencies)) return 1;
  if (!options.report.empty() && options.report != "-" &&
      !written.add(options.report, generated.census.text()))
    return 1;
  return written.replace() ? 0 : 1;
}
