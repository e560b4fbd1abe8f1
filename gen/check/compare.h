// Compare: all that differs between two versions of the IDL.
#pragma once

#include <deque>

#include "finding.h"
#include "match.h"
#include "wire.h"

namespace weft::gen::check {

/// In the order of the old files; what only became longer is no finding.
Findings compare(const std::deque<Program>& before, const std::deque<Program>& now);

// Its parts.

/// What two things that are being compared are, and where findings about them go.
struct Pair {
  Findings& findings;
  std::string subject;
  Place before;
  Place now;

  void wire(std::string_view rule, std::string message) const { add(rule, Level::wire, true, message); }
  void source(std::string_view rule, std::string message) const { add(rule, Level::source, true, message); }
  void behaviour(std::string_view rule, std::string message) const {
    add(rule, Level::behaviour, true, message);
  }
  void warn(std::string_view rule, Level level, std::string message) const {
    add(rule, level, false, message);
  }

  /// About a part of both.
  Pair part(const Entity& before, const Entity& now) const {
    return {findings, subject + "." + before.name, before.place, now.place};
  }
  /// About a part that only the old one has.
  Pair gone(const Entity& part) const { return {findings, subject + "." + part.name, part.place, now}; }

 private:
  void add(std::string_view rule, Level level, bool breaking, std::string& message) const {
    findings.push_back({.rule = rule,
                        .level = level,
                        .breaking = breaking,
                        .subject = subject,
                        .message = std::move(message),
                        .now = now,
                        .before = before});
  }
};

/// What every kind of thing has: its name in C++, whether it is deprecated.
void compare_entities(const Pair& pair, const Entity& before, const Entity& now);
/// Ids and names must stay reserved.
void compare_reserved(const Pair& pair, const Reserved& before, const Reserved& now);
void compare_structs(const Pair& pair, const Struct& before, const Struct& now, const Match& match,
                     Wire& wire);
void compare_services(const Pair& pair, const Service& before, const Service& now, const Match& match,
                      Wire& wire);
/// Whether both values mean the same.
bool same(const Value* before, const Value* now);

}  // namespace weft::gen::check
