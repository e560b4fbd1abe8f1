#include "plugin.h"

#include <fmt/format.h>

#include "process.h"

namespace weft::gen {

namespace {

/// Strings as they are, whoever said them, and nothing else.
std::optional<std::vector<std::string>> texts(const Json& list) {
  std::vector<std::string> result;
  for (const Json& item : list.items()) {
    if (!item.is_string()) return std::nullopt;
    result.push_back(item.text());
  }
  if (!list.is_array()) return std::nullopt;
  return result;
}

/// A file must not leave the output folder.
bool is_below(std::string_view path) {
  const std::string normal = normal_path(path);
  return !normal.empty() && !normal.starts_with('/') && !normal.starts_with("..") && normal != ".";
}

class Reader {
 public:
  Reader(const Plugin& plugin, Diagnostics& diagnostics) : plugin_(plugin), diagnostics_(diagnostics) {}

  PluginAnswer read(const Json& json) {
    PluginAnswer answer;
    if (!json.is_object()) fail("its answer is no object");
    for (const auto& [name, value] : json.members()) {
      if (name == "adjustments")
        answer.adjustments = read_adjustments(value, "plugin " + plugin_.name, diagnostics_);
      else if (name == "files")
        files(value, answer.files);
      else if (name == "errors" || name == "warnings")
        messages(value, name == "errors");
      else
        fail(fmt::format("there is no `{}` in answers", name));
    }
    return answer;
  }

  void fail(std::string_view what) {
    diagnostics_.error({}, fmt::format("plugin `{}`: {}", plugin_.name, what));
  }

 private:
  void messages(const Json& list, bool errors) {
    const auto all = texts(list);
    if (!all) return fail("errors and warnings are lists of texts");
    for (const std::string& text : *all) {
      if (errors)
        fail(text);
      else
        diagnostics_.warning({}, fmt::format("plugin `{}`: {}", plugin_.name, text));
    }
  }

  void files(const Json& list, std::vector<PluginFile>& files) {
    if (!list.is_array()) return fail("`files` is a list");
    for (const Json& file : list.items()) {
      if (!file["path"].is_string() || !file["text"].is_string())
        return fail("a file has a `path` and a `text`");
      if (!is_below(file["path"].text()))
        return fail(fmt::format("the file `{}` would not be below the output folder", file["path"].text()));
      files.push_back({file["path"].text(), file["text"].text()});
    }
  }

  const Plugin& plugin_;
  Diagnostics& diagnostics_;
};

}  // namespace

Plugin parse_plugin(std::string_view text) {
  Plugin plugin;
  const std::size_t equals = text.find('=');
  plugin.name = std::string(text.substr(0, equals));
  if (equals != text.npos) plugin.command = std::string(text.substr(equals + 1));
  return plugin;
}

PluginAnswer run(const Plugin& plugin, const Json& dump, Diagnostics& diagnostics) {
  Reader reader{plugin, diagnostics};
  if (plugin.command.empty())
    if (const BuiltIn function = find_built_in(plugin.name)) return reader.read(function(dump));
  const std::string program = plugin.command.empty() ? "weft-gen-" + plugin.name : plugin.command;
  std::string error;
  const auto output = run_program(program, dump.print(), plugin.limit, error);
  const auto json = output ? parse_json(*output, error) : std::nullopt;
  if (json) return reader.read(*json);
  reader.fail(output ? fmt::format("its answer is no JSON: {}", error) : error);
  return {};
}

}  // namespace weft::gen
