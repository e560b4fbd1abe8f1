#include "wire.h"

#include <fmt/format.h>

#include "../dump_names.h"

namespace weft::gen::check {

namespace {

using Kind = Type::Kind;

/// Thrift's type on the wire: an enum travels as its number, text as bytes.
Kind thrift_kind(const Type& type) {
  if (type.kind == Kind::enumeration) return Kind::i32;
  return type.kind == Kind::string ? Kind::binary : type.kind;
}

/// How Protobuf writes one value: types of one form can be read as each other.
std::string_view proto_form(const Type& type, bool zigzag, bool fixed, bool group) {
  switch (type.kind) {
    case Kind::i32:
    case Kind::u32:
      return fixed ? "32 bits" : zigzag ? "a zigzag varint" : "a varint";
    case Kind::i64:
    case Kind::u64:
      return fixed ? "64 bits" : zigzag ? "a zigzag varint" : "a varint";
    case Kind::boolean:
    case Kind::enumeration:
      return "a varint";
    case Kind::single:
      return "a float";
    case Kind::real:
      return "a double";
    case Kind::string:
    case Kind::binary:
      return "bytes behind their size";
    case Kind::structure:
      return group ? "a group" : "a message";
    default:
      return "nothing";
  }
}

std::string changed(std::string_view before, std::string_view now) {
  return fmt::format("it travelled as {}, now as {}", before, now);
}

std::string proto_name(const Type& type, bool zigzag, bool fixed) {
  const bool wide = type.kind == Kind::i64 || type.kind == Kind::u64;
  const bool is_signed = type.kind == Kind::i32 || type.kind == Kind::i64;
  switch (type.kind) {
    case Kind::i32:
    case Kind::i64:
    case Kind::u32:
    case Kind::u64:
      return fmt::format("{}{}",
                         fixed       ? (is_signed ? "sfixed" : "fixed")
                         : zigzag    ? "sint"
                         : is_signed ? "int"
                                     : "uint",
                         wide ? 64 : 32);
    case Kind::binary:
      return "bytes";
    default:
      return std::string(kind_names[static_cast<std::size_t>(type.kind)]);
  }
}

}  // namespace

std::string name_of(const Type& type, bool protobuf, const Coding& coding) {
  if (type.structure) return type.structure->name;
  if (type.enumeration) return type.enumeration->name;
  if (type.alias) return type.alias->name;
  if (protobuf && type.kind == Kind::list) return "repeated " + name_of(type.arguments[0], true, coding);
  if (type.kind == Kind::map) {
    const Coding keys{.zigzag = coding.zigzag_keys, .fixed = coding.fixed_keys};
    return fmt::format("map<{}, {}>", name_of(type.arguments[0], protobuf, keys),
                       name_of(type.arguments[1], protobuf, coding));
  }
  if (!type.arguments.empty())
    return fmt::format("{}<{}>", kind_names[static_cast<std::size_t>(type.kind)],
                       name_of(type.arguments[0], protobuf));
  return protobuf ? proto_name(type, coding.zigzag, coding.fixed)
                  : std::string(kind_names[static_cast<std::size_t>(type.kind)]);
}

std::string Wire::difference(const Field& before, const Field& now, bool protobuf) {
  return protobuf ? proto(bare(before.type), bare(now.type), before.coding, now.coding)
                  : thrift(bare(before.type), bare(now.type));
}

std::string Wire::difference(const Type& before, const Type& now, bool protobuf) {
  return protobuf ? proto(bare(before), bare(now), {}, {}) : thrift(bare(before), bare(now));
}

std::string Wire::thrift(const Type& before, const Type& now) {
  if (before.kind == Kind::structure && now.kind == Kind::structure)
    return structs(*before.structure, *now.structure, false);
  if (thrift_kind(before) != thrift_kind(now)) return "readers of the other version skip it";
  for (std::size_t at = 0; at < before.arguments.size(); ++at) {
    const std::string what = thrift(bare(before.arguments[at]), bare(now.arguments[at]));
    if (!what.empty()) return fmt::format("in its elements: {}", what);
  }
  return {};
}

std::string Wire::proto(const Type& before, const Type& now, const Coding& old_coding, const Coding& coding) {
  if ((before.kind == Kind::map) != (now.kind == Kind::map)) return "only one is a map";
  if (before.kind == Kind::map) {
    const std::string key = proto(before.arguments[0], now.arguments[0],
                                  {.zigzag = old_coding.zigzag_keys, .fixed = old_coding.fixed_keys},
                                  {.zigzag = coding.zigzag_keys, .fixed = coding.fixed_keys});
    if (!key.empty()) return fmt::format("in its keys: {}", key);
    return proto(before.arguments[1], now.arguments[1], old_coding, coding);
  }
  const bool was_list = before.kind == Kind::list;
  const bool is_list = now.kind == Kind::list;
  const Type& a = was_list ? before.arguments[0] : before;
  const Type& b = is_list ? now.arguments[0] : now;
  const auto old_form = proto_form(a, old_coding.zigzag, old_coding.fixed, old_coding.group);
  const auto form = proto_form(b, coding.zigzag, coding.fixed, coding.group);
  if (old_form != form) return changed(old_form, form);
  if (a.kind == Kind::binary && b.kind == Kind::string && !coding.unchecked)
    return "bytes that are not UTF-8 are refused";
  // Text and messages are read by whoever expects one: the last counts. Packed numbers are not.
  const bool number = a.kind != Kind::string && a.kind != Kind::binary && a.kind != Kind::structure;
  if (was_list != is_list && number) return "only one is repeated";
  if (a.kind == Kind::structure) return structs(*a.structure, *b.structure, true);
  return {};
}

std::string Wire::structs(const Struct& before, const Struct& now, bool protobuf) {
  if (match_.of(before) == &now || !assumed_.emplace(&before, &now).second) return {};
  std::string why;
  if (before.form != now.form)
    why = fmt::format("one is a {}, the other a {}", form_names[static_cast<std::size_t>(before.form)],
                      form_names[static_cast<std::size_t>(now.form)]);
  for (const Field& field : before.fields) {
    if (!why.empty()) break;
    const Field* other = nullptr;
    for (const Field& candidate : now.fields)
      if (candidate.id == field.id) other = &candidate;
    if (!other)
      why = fmt::format("{} has no field {}", now.name, field.id);
    else if (field.presence != other->presence &&
             (field.presence == Presence::required || other->presence == Presence::required))
      why = fmt::format("field {} is required in only one of them", field.id);
    else if (const std::string what = difference(field, *other, protobuf); !what.empty())
      why = fmt::format("field {} differs: {}", field.id, what);
  }
  for (const Field& field : now.fields) {
    if (!why.empty()) break;
    bool known = false;
    for (const Field& candidate : before.fields) known |= candidate.id == field.id;
    if (!known && field.presence == Presence::required)
      why = fmt::format("{} requires a field {}", now.name, field.id);
  }
  // What rested on this comparison is compared again.
  if (!why.empty()) assumed_.clear();
  return why;
}

}  // namespace weft::gen::check
