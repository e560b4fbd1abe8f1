#include "compare.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::gen::check {

namespace {

std::string qualified(const Item& item) {
  const std::string space = space_of(*item.module);
  return space.empty() ? item.name : space + "." + item.name;
}

std::string_view kind_of(const ItemPtr& item) {
  constexpr std::string_view kinds[] = {"typedef", "enum", "constant", "type", "service"};
  return kinds[item.index()];
}

class Comparison {
 public:
  Comparison(const std::deque<Program>& before, const std::deque<Program>& now)
      : match_(before, now), wire_(match_) {}

  Findings run() {
    for (const auto& [before, now] : match_.modules()) {
      if (now) files(*before, *now);
      for (const ItemPtr& item : before->items)
        std::visit([&](const auto* old) { this->item(*old, item, now); }, item);
    }
    return std::move(findings_);
  }

 private:
  void files(const Module& before, const Module& now) {
    const Pair pair{findings_, before.path, {before.source, 0, 0}, {now.source, 0, 0}};
    if (space_of(before) != space_of(now)) {
      const std::string message =
          fmt::format("the namespace is `{}` now, it was `{}`", space_of(now), space_of(before));
      // A package is part of what services are called by, and types where they say what they are.
      if (before.protobuf)
        pair.wire("package", message);
      else
        pair.source("namespace", message);
    }
    if (before.syntax != now.syntax)
      pair.warn("syntax", Level::behaviour,
                fmt::format("the syntax is {} now, it was {}", now.syntax, before.syntax));
  }

  template <class T>
  void item(const T& before, const ItemPtr& pointer, const Module* file) {
    const T* now = match_.of(before);
    if (!now) return removed(before, pointer, file);
    const Pair pair{findings_, qualified(before), before.place, now->place};
    if (file && now->module != file)
      pair.source("moved", fmt::format("`{}` is declared in {} now: it has another header", before.name,
                                       now->module->source->path()));
    compare_entities(pair, before, *now);
    compare(pair, before, *now);
  }

  void removed(const Item& before, const ItemPtr& pointer, const Module* file) {
    const auto* structure = std::get_if<Struct*>(&pointer);
    const Place now = file ? Place{file->source, 0, 0} : Place{};
    const Pair pair{findings_, qualified(before), before.place, now};
    const std::string message = fmt::format("the {} `{}` is gone", kind_of(pointer), before.name);
    if (std::holds_alternative<Service*>(pointer))
      pair.wire("service-removed", message);
    else if (structure && (*structure)->oneof)
      return;  // its fields are those of its message
    else
      pair.source("item-removed", message);
  }

  void compare(const Pair& pair, const Typedef& before, const Typedef& now) {
    if (!match_.same(before.type, now.type))
      pair.source("typedef-type", fmt::format("`{}` stands for {} now, it stood for {}", now.name,
                                              name_of(now.type, false), name_of(before.type, false)));
  }

  void compare(const Pair& pair, const Constant& before, const Constant& now) {
    if (!match_.same(before.type, now.type))
      pair.source("constant-type", fmt::format("`{}` is of type {} now, it was of {}", now.name,
                                               name_of(now.type, false), name_of(before.type, false)));
    else if (!same(&before.value, &now.value))
      pair.behaviour("constant-value", fmt::format("`{}` has another value", now.name));
  }

  void compare(const Pair& pair, const Enum& before, const Enum& now) {
    std::map<std::int32_t, const Enumerator*> numbers;
    std::map<std::string_view, const Enumerator*> names;
    for (const Enumerator& value : now.values) {
      numbers.emplace(value.value, &value);
      names.emplace(value.name, &value);
    }
    for (const Enumerator& value : before.values) {
      const auto named = names.find(value.name);
      if (named != names.end()) {
        const Pair part = pair.part(value, *named->second);
        compare_entities(part, value, *named->second);
        if (named->second->value != value.value)
          part.wire("enum-value-number",
                    fmt::format("`{}` is {} now, it was {}", value.name, named->second->value, value.value));
        continue;
      }
      const auto numbered = numbers.find(value.value);
      if (numbered != numbers.end())
        pair.part(value, *numbered->second)
            .source("enum-value-renamed", fmt::format("{} is called `{}` now, it was `{}`", value.value,
                                                      numbered->second->name, value.name));
      else if (now.reserved.has(value.value))
        pair.gone(value).source("enum-value-removed", fmt::format("the value `{}` is gone", value.name));
      else
        pair.gone(value).wire("enum-value-removed",
                              fmt::format("the value `{}` = {} is gone{}", value.name, value.value,
                                          now.module->protobuf ? ", and its number is not reserved" : ""));
    }
    if (before.closed != now.closed)
      pair.behaviour("enum-closed", before.closed ? "unknown values are kept now, they were unknown fields"
                                                  : "unknown values are unknown fields now, they were kept");
    if (now.module->protobuf && !before.values.empty() && !now.values.empty() &&
        before.values[0].value != now.values[0].value)
      pair.behaviour("enum-default", fmt::format("fields that are not set are `{}` now, they were `{}`",
                                                 now.values[0].name, before.values[0].name));
    compare_reserved(pair, before.reserved, now.reserved);
  }

  void compare(const Pair& pair, const Struct& before, const Struct& now) {
    compare_structs(pair, before, now, match_, wire_);
  }
  void compare(const Pair& pair, const Service& before, const Service& now) {
    compare_services(pair, before, now, match_, wire_);
  }

  Findings findings_;
  const Match match_;
  Wire wire_;
};

}  // namespace

void compare_entities(const Pair& pair, const Entity& before, const Entity& now) {
  // What is in a oneof has the name of its alternative.
  if (before.name == now.name && before.cpp_name != now.cpp_name && !before.cpp_name.empty() &&
      !now.cpp_name.empty())
    pair.source("cpp-name",
                fmt::format("`{}` is `{}` in C++ now, it was `{}`", now.name, now.cpp_name, before.cpp_name));
  if (!find(before.annotations, "deprecated") && find(now.annotations, "deprecated"))
    pair.warn("deprecated", Level::behaviour, fmt::format("`{}` is deprecated now", now.name));
}

void compare_reserved(const Pair& pair, const Reserved& before, const Reserved& now) {
  for (const Reserved::Range& range : before.ids) {
    // Ranges may have been joined or split.
    std::int64_t at = range.first;
    for (bool found = true; found && at <= range.last;) {
      found = false;
      for (const Reserved::Range& other : now.ids)
        if (other.first <= at && at <= other.last) {
          at = std::int64_t{other.last} + 1;
          found = true;
        }
    }
    if (at <= range.last)
      pair.wire("reserved-removed", fmt::format("the number {} is not reserved any more", at));
  }
  for (const std::string& name : before.names)
    if (!now.has(name))
      pair.wire("reserved-removed", fmt::format("the name `{}` is not reserved any more", name));
}

bool same(const Value* before, const Value* now) {
  if (!before || !now) return before == now;
  while (before->constant) before = &before->constant->value;
  while (now->constant) now = &now->constant->value;
  if (before->form != now->form || before->integer != now->integer || before->text != now->text ||
      before->items.size() != now->items.size() || before->fields.size() != now->fields.size())
    return false;
  const bool both_nan = before->real != before->real && now->real != now->real;
  if (before->real != now->real && !both_nan) return false;
  for (std::size_t at = 0; at < before->fields.size(); ++at)
    if (before->fields[at]->id != now->fields[at]->id) return false;
  for (std::size_t at = 0; at < before->items.size(); ++at)
    if (!same(&before->items[at], &now->items[at])) return false;
  return true;
}

Findings compare(const std::deque<Program>& before, const std::deque<Program>& now) {
  return Comparison{before, now}.run();
}

}  // namespace weft::gen::check
