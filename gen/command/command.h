// Commands: what weft-gen does beside generating, `weft-gen NAME [OPTION]... FILE...`, and how their command
// lines are read.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::gen {

/// An option of a command: "-I" or "--json".
struct OptionRule {
  std::string_view name;
  bool takes_value = false;
};

/// The parts of a command line.
class CommandLine {
 public:
  /// Reads `--name value`, `--name=value`, `-I value` and `-Ivalue`; all else, and what follows `--`, are
  /// files. `error` is left empty when that went well.
  CommandLine(const std::vector<std::string>& arguments, std::initializer_list<OptionRule> rules,
              std::string& error);

  const std::vector<std::string>& files() const noexcept { return files_; }
  bool has(std::string_view option) const { return values_.contains(option); }
  /// All values, in order; none when it was not given.
  std::vector<std::string> values(std::string_view option) const;
  /// The last one.
  std::optional<std::string> value(std::string_view option) const;

 private:
  std::vector<std::string> files_;
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// Says what is wrong with the command line; the exit status for that.
int usage_error(std::string_view message);
/// Writes all of `text` to the file, or to standard output for "-"; says so when it cannot.
bool write_text(const std::string& path, std::string_view text);

/// If the first argument names a command (and there is no file of that name), runs it and returns its exit
/// status.
std::optional<int> run_command(const std::vector<std::string>& arguments);

int check_command(const std::vector<std::string>& arguments);
int dump_command(const std::vector<std::string>& arguments);

}  // namespace weft::gen
