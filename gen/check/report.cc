#include "report.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "../diagnostic.h"

namespace weft::gen::check {

namespace {

/// A file as a whole has no line to show.
bool is_file(Place place) { return place.size == 0 && place.offset == 0; }

std::string text_of(const Finding& finding) {
  return fmt::format("{} [{}: {}]", finding.message, level_names[static_cast<std::size_t>(finding.level)],
                     finding.rule);
}

void add_place(Json& json, std::string name, Place place) {
  if (!place.source) return;
  const auto [line, column] = place.source->position(place.offset);
  Json where;
  where.add("file", place.source->path());
  if (!is_file(place)) where.add("line", line).add("column", column);
  json.add(std::move(name), std::move(where));
}

}  // namespace

bool is_breaking(const Findings& findings) noexcept {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.breaking; });
}

std::string report(const Findings& findings) {
  Diagnostics diagnostics{std::numeric_limits<std::size_t>::max()};
  for (const Finding& finding : findings) {
    Place now = finding.now;
    std::string text = text_of(finding);
    if (is_file(now)) {
      if (now.source) text = fmt::format("{}: {}", now.source->path(), text);
      now = {};
    }
    if (finding.breaking)
      diagnostics.error(now, text);
    else
      diagnostics.warning(now, text);
    if (finding.before.source && !is_file(finding.before)) diagnostics.note(finding.before, "it was here");
  }
  return diagnostics.text();
}

Json report_json(const Findings& findings) {
  Json list{Json::Array{}};
  for (const Finding& finding : findings) {
    Json json;
    json.add("rule", finding.rule);
    json.add("level", level_names[static_cast<std::size_t>(finding.level)]);
    json.add("breaking", finding.breaking);
    json.add("subject", finding.subject);
    json.add("message", finding.message);
    add_place(json, "now", finding.now);
    add_place(json, "before", finding.before);
    list.push(std::move(json));
  }
  return Json{}
      .add("weft_check", 1)
      .add("compatible", !is_breaking(findings))
      .add("findings", std::move(list));
}

}  // namespace weft::gen::check
