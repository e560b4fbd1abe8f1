// weft-gen check: two versions of the IDL, and what the changes break.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "../check/compare.h"
#include "../check/report.h"
#include "../dump.h"
#include "../folders.h"
#include "../read.h"
#include "command.h"

namespace weft::gen {

namespace {

constexpr std::string_view help = R"(Usage: weft-gen check --against OLD [OPTION]... FILE...
Compares Thrift and Protobuf IDL files with an older version of them, and says what the changes break.

  --against OLD   the older version: a folder that holds the files by the paths given here, or by
                  those below the -I folders; or one file; or what `weft-gen dump` wrote (x.json)
  --level LEVEL   report what breaks the `wire` (peers of the other version), also the `source`
                  (what compiles against the generated code), or also the `behaviour` (default)
  --json          print the findings to standard output as JSON
  -I DIR          look for included files in DIR too, and for those of the old ones in OLD/DIR
  --help          print this help and exit

Exits with 0 when nothing breaks, warnings or not; with 1 when something does, or a file has errors;
with 2 when the command line is wrong.
)";

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// Where the old version is, and how it is read.
struct Old {
  std::vector<std::string> files;
  std::vector<std::string> folders;
};

/// In a folder that holds the old tree, or what lies below one of its -I folders.
Old in_folder(const std::string& folder, const std::vector<std::string>& files,
              const std::vector<std::string>& folders) {
  Old old;
  const Folders called_from{folders, files};
  bool below = false;
  for (const std::string& file : files) {
    const std::string by_path = fmt::format("{}/{}", folder, file);
    const std::string by_name = fmt::format("{}/{}", folder, called_from.name_of(file));
    if (!file.starts_with('/') && exists(by_path)) {
      old.files.push_back(by_path);
    } else if (exists(by_name)) {
      old.files.push_back(by_name);
      below = true;
    }
  }
  if (below) old.folders.push_back(folder);
  for (const std::string& name : folders)
    if (!name.starts_with('/') && exists(fmt::format("{}/{}", folder, name)))
      old.folders.push_back(fmt::format("{}/{}", folder, name));
  // What is no part of the tree has one version.
  for (const std::string& name : folders)
    if (name.starts_with('/')) old.folders.push_back(name);
  return old;
}

std::deque<Program> from_dump(const std::string& path, Files& files, Diagnostics& diagnostics) {
  std::deque<Program> programs;
  std::string error;
  const auto text = files.read(path);
  const auto json = text ? parse_json(*text, error) : std::nullopt;
  if (!json) {
    diagnostics.error({},
                      text ? fmt::format("`{}`: {}", path, error) : fmt::format("cannot read `{}`", path));
    return programs;
  }
  programs.push_back(restore(*json, false, diagnostics));
  if (diagnostics.ok()) programs.push_back(restore(*json, true, diagnostics));
  return programs;
}

}  // namespace

int check_command(const std::vector<std::string>& arguments) {
  std::string error;
  const CommandLine line{
      arguments, {{"--against", true}, {"--level", true}, {"--json"}, {"-I", true}, {"--help"}}, error};
  if (!error.empty()) return usage_error(error);
  if (line.has("--help")) {
    fmt::print("{}", help);
    return 0;
  }
  const auto against = line.value("--against");
  if (!against) return usage_error("--against says what to compare with");
  if (line.files().empty()) return usage_error("no input files");
  const std::string wanted = line.value("--level").value_or("behaviour");
  const auto level = std::find(std::begin(check::level_names), std::end(check::level_names), wanted);
  if (level == std::end(check::level_names))
    return usage_error(fmt::format("there is no level '{}'; there are wire, source and behaviour", wanted));
  if (!exists(*against)) return usage_error(fmt::format("there is no '{}'", *against));

  Disk disk;
  Diagnostics diagnostics;
  const std::vector<std::string> folders = line.values("-I");
  const std::deque<Program> now = read(line.files(), folders, disk, diagnostics);
  std::deque<Program> before;
  if (against->ends_with(".json")) {
    before = from_dump(*against, disk, diagnostics);
  } else if (std::filesystem::is_directory(*against)) {
    const Old old = in_folder(*against, line.files(), folders);
    if (old.files.empty()) return usage_error(fmt::format("'{}' has none of the files", *against));
    before = read(old.files, old.folders, disk, diagnostics);
  } else {
    before = read({*against}, folders, disk, diagnostics);
  }
  fmt::print(stderr, "{}", diagnostics.text());
  if (!diagnostics.ok()) return 1;

  check::Findings findings = check::compare(before, now);
  std::erase_if(findings, [&](const check::Finding& finding) {
    return static_cast<std::ptrdiff_t>(finding.level) > level - std::begin(check::level_names);
  });
  if (!line.has("--json"))
    fmt::print(stderr, "{}", check::report(findings));
  else if (!write_text("-", check::report_json(findings).print()))
    return 1;
  return check::is_breaking(findings) ? 1 : 0;
}

}  // namespace weft::gen
