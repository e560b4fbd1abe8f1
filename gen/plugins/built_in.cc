// The plugins that are part of weft-gen.
#include <iterator>

#include "../plugin.h"

namespace weft::gen {

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// "userId" as "user_id", "HTTPStatus" as "http_status".
std::string snake_case(std::string_view name) {
  std::string snake;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const bool behind_small = at > 0 && !is_upper(name[at - 1]) && name[at - 1] != '_';
    const bool before_small = at > 0 && at + 1 < name.size() && is_lower(name[at + 1]) && name[at - 1] != '_';
    if (is_upper(name[at]) && (behind_small || before_small)) snake += '_';
    snake += is_upper(name[at]) ? static_cast<char>(name[at] - 'A' + 'a') : name[at];
  }
  return snake;
}

void rename(const Json& list, const std::string& owner, Json& adjustments) {
  for (const Json& part : list.items()) {
    const std::string& name = part["name"].text();
    const std::string better = snake_case(name);
    if (better != name && part["cpp_name"].text() != better)
      adjustments.add(owner + "." + name, Json{}.add("name", better));
  }
}

/// Fields and methods are called in C++ as C++ calls its own, whatever the IDL's style.
Json snake_case_plugin(const Json& dump) {
  Json adjustments{Json::Object{}};
  for (const Json& file : dump["files"].items())
    for (const Json& item : file["items"].items()) {
      if (!item["oneof"].boolean()) rename(item["fields"], item["full_name"].text(), adjustments);
      rename(item["methods"], item["full_name"].text(), adjustments);
    }
  return Json{}.add("adjustments", std::move(adjustments));
}

constexpr std::pair<std::string_view, BuiltIn> built_ins[] = {{"snake_case", snake_case_plugin}};

}  // namespace

BuiltIn find_built_in(std::string_view name) {
  for (const auto& [known, function] : built_ins)
    if (known == name) return function;
  return nullptr;
}

}  // namespace weft::gen
