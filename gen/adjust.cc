#include "adjust.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace weft::gen {

namespace {

using Kind = Type::Kind;

/// The package, or what stands for one in Thrift.
std::string prefix_of(const Module& module) {
  if (!module.protobuf) return module.stem;
  return module.namespaces.empty() ? std::string() : module.namespaces[0].name;
}

bool is_true(std::string_view value) { return value.empty() || value == "1" || value == "true"; }

bool is_identifier(std::string_view name) {
  const auto letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// "200ms" in nanoseconds.
std::optional<std::int64_t> duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"s", 1'000'000'000}, {"min", 60'000'000'000}};
  for (const auto& [name, size] : units)
    if (unit == name && error == std::errc() && count >= 0 && count <= 1'000'000'000'000'000'000 / size)
      return count * size;
  return std::nullopt;
}

/// How many letters have to change; enough to tell a slip from another word.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t at = 0; at <= b.size(); ++at) row[at] = at;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
    }
  }
  return row[b.size()];
}

/// "(weft.field).name" and "weft.name" as "name"; empty when it is nothing of ours.
std::string_view own_name(std::string_view name) {
  if (name.starts_with("(weft.")) {
    const std::size_t end = name.find(").");
    return end == name.npos ? std::string_view() : name.substr(end + 2);
  }
  return name.starts_with("weft.") ? name.substr(5) : std::string_view();
}

/// What one thing can be asked for.
class Rules {
 public:
  using Act = std::function<void(const std::string& value)>;

  Rules(Place place, Diagnostics& diagnostics) : place_(place), diagnostics_(diagnostics) {}

  void add(std::string_view name, Act act) { rules_.emplace_back(name, std::move(act)); }

  void apply(const Annotations& annotations, bool given) {
    for (const Annotation& annotation : annotations) {
      const std::string_view name = given ? std::string_view(annotation.name) : own_name(annotation.name);
      if (name.empty()) continue;
      const auto rule =
          std::find_if(rules_.begin(), rules_.end(), [&](const auto& rule) { return rule.first == name; });
      if (rule != rules_.end())
        rule->second(annotation.value);
      else
        diagnostics_.warning(place_,
                             fmt::format("there is no adjustment `{}` for this{}", name, suggest(name)));
    }
  }

 private:
  std::string suggest(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const auto& [known, act] : rules_) {
      if (distance(known, name) <= 2) return fmt::format("; did you mean `{}`?", known);
      names.push_back(known);
    }
    return fmt::format("; there are {}", fmt::join(names, ", "));
  }

  Place place_;
  Diagnostics& diagnostics_;
  std::vector<std::pair<std::string_view, Act>> rules_;
};

class Adjuster {
 public:
  Adjuster(Program& program, bool by_idl, const Adjustments& given, Diagnostics& diagnostics)
      : program_(program), by_idl_(by_idl), given_(given), diagnostics_(diagnostics) {}

  void run() {
    for (Module& module : program_.modules) {
      module_ = &module;
      prefixes_.insert(prefix_of(module));
      file();
      for (Typedef& alias : module.typedefs) look(alias);
      for (Constant& constant : module.constants) look(constant);
      for (Enum& enumeration : module.enums) look(enumeration);
      for (Struct& structure : module.structs) look(structure);
      for (Service& service : module.services) look(service);
    }
    report_unused();
  }

 private:
  void apply(Rules& rules, Entity& entity, const std::string& name) {
    if (by_idl_) rules.apply(entity.annotations, false);
    if (const auto found = given_.find(name); found != given_.end()) {
      used_.insert(name);
      rules.apply(found->second, true);
    }
    const std::string* deprecated = find(entity.annotations, "deprecated");
    if (entity.attribute.empty() && deprecated && *deprecated != "false") entity.attribute = "[[deprecated]]";
  }

  static Rules::Act keep(std::vector<std::string>& lines) {
    return [&lines](const std::string& value) {
      for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find('\n', at), value.size());
        lines.push_back(value.substr(at, end - at));
        at = end + 1;
      }
    };
  }

  Rules rules_for(Entity& entity) {
    Rules rules{entity.place, diagnostics_};
    rules.add("name", [&](const std::string& value) {
      if (is_identifier(value))
        entity.cpp_wish = value;
      else
        diagnostics_.error(entity.place, fmt::format("`{}` is no name in C++", value));
    });
    rules.add("attribute", [&](const std::string& value) {
      if (value.starts_with("[[") && value.ends_with("]]"))
        entity.attribute = value;
      else
        diagnostics_.error(entity.place, fmt::format("an attribute is written `[[{}]]`", value));
    });
    return rules;
  }

  void file() {
    Module& module = *module_;
    const Place place{module.source, 0, 0};
    Rules rules{place, diagnostics_};
    rules.add("include", include());
    if (module.protobuf)
      rules.add("keep_unknown", [&](const std::string& value) {
        for (Struct& structure : module.structs)
          if (structure.form != Struct::Form::union_) structure.keeps_unknown = is_true(value);
      });
    if (by_idl_) rules.apply(module.annotations, false);
    for (const auto& [name, adjustments] : given_) {
      const std::string& path = module.source->path();
      if (path != name && !path.ends_with("/" + name)) continue;
      used_.insert(name);
      rules.apply(adjustments, true);
    }
  }

  Rules::Act include() {
    return [module = module_, this](const std::string& value) {
      const bool quoted = value.size() > 2 && ((value.front() == '<' && value.back() == '>') ||
                                               (value.front() == '"' && value.back() == '"'));
      if (!quoted)
        diagnostics_.error({}, fmt::format("a header is written `<{0}>` or `\"{0}\"`", value));
      else if (std::find(module->headers.begin(), module->headers.end(), value) == module->headers.end())
        module->headers.push_back(value);
    };
  }

  void look(Typedef& alias) {
    Rules rules = rules_for(alias);
    rules.add("type", [&](const std::string& value) { type(alias.type, nullptr, value, alias.place); });
    apache_type(alias.annotations, alias.type, alias.place);
    apply(rules, alias, full_name(alias));
  }

  void look(Constant& constant) {
    Rules rules = rules_for(constant);
    apply(rules, constant, full_name(constant));
  }

  void look(Enum& enumeration) {
    Rules rules = rules_for(enumeration);
    extras(rules, enumeration);
    const std::string name = full_name(enumeration);
    apply(rules, enumeration, name);
    for (Enumerator& value : enumeration.values) {
      Rules of_value = rules_for(value);
      apply(of_value, value, name + "." + value.name);
    }
  }

  void extras(Rules& rules, Item& item) {
    rules.add("code", keep(item.code));
    rules.add("source", keep(item.source_code));
    rules.add("include", include());
  }

  void look(Struct& structure) {
    std::string derive;
    Rules rules = rules_for(structure);
    extras(rules, structure);
    rules.add("member", keep(structure.members));
    // Looked for among the annotations: see derive.cc.
    rules.add("derive", [&](const std::string& value) {
      if (!find(structure.annotations, "weft.derive")) derive = value;
    });
    if (module_->protobuf)
      rules.add("keep_unknown", [&](const std::string& value) {
        if (structure.form == Struct::Form::union_)
          diagnostics_.warning(structure.place, "a union keeps no unknown fields: it has room for one");
        else
          structure.keeps_unknown = is_true(value);
      });
    const std::string name = full_name(structure);
    apply(rules, structure, name);
    if (!derive.empty()) structure.annotations.push_back({"weft.derive", derive});
    // The fields of a oneof are called as those of its message.
    const std::string owner = structure.oneof ? name.substr(0, name.rfind('.')) : name;
    for (Field& field : structure.fields) look(field, structure, owner + "." + field.name);
  }

  void look(Field& field, const Struct& structure, const std::string& name) {
    Rules rules = rules_for(field);
    const auto box = [&](const std::string& value, bool shared) {
      const Kind kind = bare(field.type).kind;
      if (kind != Kind::structure || (field.type.structure && field.type.structure->oneof) ||
          structure.form == Struct::Form::union_) {
        diagnostics_.error(field.place,
                           "only a member of a struct's type can be a weft::Box or weft::Shared");
        return;
      }
      field.reference = is_true(value);
      field.shared = shared && field.reference;
    };
    rules.add("box", [&](const std::string& value) { box(value, false); });
    rules.add("shared", [&](const std::string& value) { box(value, true); });
    rules.add("type", [&](const std::string& value) { type(field.type, &field.coding, value, field.place); });
    apache_type(field.annotations, field.type, field.place);
    apply(rules, field, name);
  }

  void look(Service& service) {
    Rules rules = rules_for(service);
    extras(rules, service);
    const std::string name = full_name(service);
    apply(rules, service, name);
    for (Method& method : service.methods) {
      Rules of_method = rules_for(method);
      policy(of_method, method);
      // Thrift has no options of its own for these: they need no prefix.
      if (!module_->protobuf && by_idl_) {
        Annotations plain;
        for (const Annotation& annotation : method.annotations)
          if (annotation.name == "idempotent" || annotation.name == "timeout" || annotation.name == "hedge")
            plain.push_back(annotation);
        of_method.apply(plain, true);
      }
      apply(of_method, method, name + "." + method.name);
      if (method.hedge.attempts > 0 && !method.idempotent)
        diagnostics_.error(method.place, "what is hedged is sent more than once: it has to be `idempotent`");
      if (method.hedge.attempts > 0 && (method.streams_requests || method.oneway))
        diagnostics_.error(method.place,
                           "a method that streams its requests, or is oneway, cannot be hedged");
    }
  }

  void policy(Rules& rules, Method& method) {
    rules.add("idempotent", [&](const std::string& value) { method.idempotent = is_true(value); });
    rules.add("timeout", [&](const std::string& value) {
      if (const auto time = duration(value); time && *time > 0)
        method.timeout_ns = *time;
      else
        diagnostics_.error(method.place, fmt::format("a timeout is written as `200ms`, not `{}`", value));
    });
    rules.add("hedge", [&](const std::string& value) {
      const std::size_t at = value.find('@');
      const std::string_view count = at == value.npos ? "2" : std::string_view(value).substr(0, at);
      const auto delay = duration(std::string_view(value).substr(at == value.npos ? 0 : at + 1));
      const bool valid = count.size() == 1 && count[0] >= '2' && count[0] <= '5' && delay;
      if (valid)
        method.hedge = {.attempts = count[0] - '0', .delay_ns = *delay};
      else
        diagnostics_.error(method.place,
                           fmt::format("a hedge is written as `2@10ms`, two to five attempts and the time "
                                       "between them, not `{}`",
                                       value));
    });
  }

  /// A type as another that travels alike.
  void type(Type& type, Coding* coding, const std::string& value, Place place) {
    const auto refuse = [&](std::string_view why) {
      diagnostics_.error(place, fmt::format("the type cannot be `{}` in C++: {}", value, why));
    };
    if (type.kind == Kind::alias) return refuse("that is said where the typedef is");
    const bool map = type.kind == Kind::map;
    if (map && value == "map") {
      type.container = Container::usual;
    } else if (map && value == "flat_map") {
      type.container = Container::flat;
    } else if ((map && value == "unordered_map") || (type.kind == Kind::set && value == "unordered_set")) {
      const Kind key = bare(type.arguments[0]).kind;
      if (key > Kind::string && key != Kind::enumeration) return refuse("its keys have no std::hash");
      type.container = Container::unordered;
    } else if (type.kind == Kind::set && value == "set") {
      type.container = Container::usual;
    } else if (type.kind == Kind::string && value == "bytes") {
      type.kind = Kind::binary;
    } else if (type.kind == Kind::binary && value == "string") {
      type.kind = Kind::string;
      if (coding) coding->unchecked = true;
    } else if ((type.kind != Kind::string || value != "string") &&
               (type.kind != Kind::binary || value != "bytes")) {
      refuse(map                       ? "a map is a map, unordered_map or flat_map"
             : type.kind == Kind::set  ? "a set is a set or unordered_set"
             : type.kind <= Kind::real ? "numbers are what they are"
                                       : "text is a string or bytes, and nothing else can be chosen");
    }
  }

  /// What Apache's compiler is told about types, as far as it can be had.
  void apache_type(const Annotations& annotations, Type& type, Place place) {
    if (!by_idl_) return;
    for (const char* name : {"cpp.type", "cpp.template", "cpp2.type", "cpp2.template"}) {
      const std::string* value = find(annotations, name);
      if (!value) continue;
      const std::string_view head = std::string_view(*value).substr(0, value->find('<'));
      const bool map = type.kind == Kind::map;
      const bool set = type.kind == Kind::set;
      const bool usual = (map && head == "std::map") || (set && head == "std::set") ||
                         (type.kind == Kind::list && head == "std::vector") ||
                         ((type.kind == Kind::string || type.kind == Kind::binary) && head == "std::string");
      if ((map && head == "std::unordered_map") || (set && head == "std::unordered_set"))
        this->type(type, nullptr, map ? "unordered_map" : "unordered_set", place);
      else if (!usual)
        diagnostics_.warning(place, fmt::format("`{}` is not used: the type in C++ stays as it is", *value));
    }
  }

  void report_unused() {
    for (const auto& [name, adjustments] : given_) {
      if (used_.contains(name)) continue;
      for (const std::string& prefix : prefixes_)
        if (!prefix.empty() && name.starts_with(prefix + ".")) {
          diagnostics_.warning({}, fmt::format("there is nothing to adjust called `{}`", name));
          break;
        }
    }
  }

  Program& program_;
  const bool by_idl_;
  const Adjustments& given_;
  Diagnostics& diagnostics_;
  Module* module_ = nullptr;
  std::set<std::string> used_, prefixes_;
};

}  // namespace

std::string full_name(const Item& item) {
  const std::string prefix = prefix_of(*item.module);
  return prefix.empty() ? item.name : prefix + "." + item.name;
}

Adjustments read_adjustments(const Json& json, const std::string& from, Diagnostics& diagnostics) {
  Adjustments adjustments;
  const auto wrong = [&](std::string_view what) {
    diagnostics.error({}, fmt::format("`{}`: {}", from, what));
  };
  if (!json.is_object()) wrong("adjustments are an object, with a member for each thing that is adjusted");
  for (const auto& [name, values] : json.members()) {
    if (!values.is_object()) {
      wrong(fmt::format("the adjustments of `{}` are an object", name));
      continue;
    }
    for (const auto& [key, value] : values.members()) {
      Json::Array texts;
      if (value.is_array())
        texts = value.items();
      else
        texts.push_back(value);
      for (const Json& text : texts) {
        if (text.is_string())
          adjustments[name].push_back({key, text.text()});
        else if (text.is_boolean())
          adjustments[name].push_back({key, text.boolean() ? "true" : "false"});
        else
          wrong(fmt::format("`{}` of `{}` is a text, true or false, or a list of texts", key, name));
      }
    }
  }
  return adjustments;
}

Adjustments read_adjustments(const std::string& path, Files& files, Diagnostics& diagnostics) {
  std::string error;
  const auto text = files.read(path);
  const auto json = text ? parse_json(*text, error) : std::nullopt;
  if (json) return read_adjustments(*json, path, diagnostics);
  diagnostics.error({}, text ? fmt::format("`{}`: {}", path, error) : fmt::format("cannot read `{}`", path));
  return {};
}

void add(Adjustments& to, const Adjustments& more) {
  for (const auto& [name, annotations] : more)
    to[name].insert(to[name].end(), annotations.begin(), annotations.end());
}

void adjust(Program& program, const Adjustments& given, Diagnostics& diagnostics) {
  Adjuster{program, true, given, diagnostics}.run();
}

void adjust_more(Program& program, const Adjustments& given, Diagnostics& diagnostics) {
  Adjuster{program, false, given, diagnostics}.run();
}

}  // namespace weft::gen
