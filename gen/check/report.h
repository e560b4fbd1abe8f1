// Report: findings for people, as a compiler prints them, and for programs, as JSON.
#pragma once

#include <string>

#include "../json.h"
#include "finding.h"

namespace weft::gen::check {

/// Whether a finding breaks somebody.
bool is_breaking(const Findings& findings) noexcept;

/// Errors are what breaks, each with its level and rule, its place, and a note that points at the old one.
std::string report(const Findings& findings);

/// `{"weft_check": 1, "compatible": ..., "findings": [{rule, level, breaking, subject, message, now,
/// before}]}`; places are `{file, line, column}`, and missing where a version has none.
Json report_json(const Findings& findings);

}  // namespace weft::gen::check
