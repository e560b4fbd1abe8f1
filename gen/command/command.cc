#include "command.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fmt/format.h>

namespace weft::gen {

CommandLine::CommandLine(const std::vector<std::string>& arguments, std::initializer_list<OptionRule> rules,
                         std::string& error) {
  for (std::size_t at = 0; at < arguments.size() && error.empty(); ++at) {
    const std::string& argument = arguments[at];
    if (argument == "--") {
      files_.insert(files_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
      return;
    }
    if (argument.size() < 2 || argument[0] != '-') {
      files_.push_back(argument);
      continue;
    }
    const bool is_long = argument.starts_with("--");
    const std::size_t end = is_long ? std::min(argument.find('='), argument.size()) : 2;
    const std::string name = argument.substr(0, end);
    const auto rule =
        std::find_if(rules.begin(), rules.end(), [&](const OptionRule& rule) { return rule.name == name; });
    const bool has_value = argument.size() > end;
    if (rule == rules.end())
      error = fmt::format("unrecognized option '{}'", argument);
    else if (!rule->takes_value && has_value)
      error = fmt::format("option '{}' doesn't allow an argument", name);
    else if (!rule->takes_value)
      values_[name];
    else if (has_value)
      values_[name].push_back(argument.substr(end + (is_long ? 1 : 0)));
    else if (at + 1 == arguments.size())
      error = fmt::format("option '{}' requires an argument", name);
    else
      values_[name].push_back(arguments[++at]);
  }
}

std::vector<std::string> CommandLine::values(std::string_view option) const {
  const auto found = values_.find(option);
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::optional<std::string> CommandLine::value(std::string_view option) const {
  const auto all = values(option);
  return all.empty() ? std::nullopt : std::optional(all.back());
}

int usage_error(std::string_view message) {
  fmt::print(stderr, "weft-gen: {}\nTry 'weft-gen --help' for more information.\n", message);
  return 2;
}

bool write_text(const std::string& path, std::string_view text) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "wb");
  bool ok = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file) ok = (file == stdout ? std::fflush(file) : std::fclose(file)) == 0 && ok;
  if (!ok)
    fmt::print(stderr, "weft-gen: cannot write `{}`: {}\n", path,
               std::error_code(errno, std::generic_category()).message());
  return ok;
}

std::optional<int> run_command(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return std::nullopt;
  const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "check") return check_command(rest);
  if (arguments[0] == "dump") return dump_command(rest);
  return std::nullopt;
}

}  // namespace weft::gen
