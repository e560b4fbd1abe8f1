#include "evaluate.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "parser.h"
#include "types.h"

namespace weft::gen::thrift {

namespace {

using Kind = Type::Kind;
using Form = Value::Form;

Value some_value(Form form) {
  Value value;
  value.form = form;
  return value;
}

/// The value itself, where it is another constant's.
const Value& plain(const Value& value) {
  const Value* plain = &value;
  while (plain->form == Form::constant) plain = &plain->constant->value;
  return *plain;
}

/// -1, 0 or 1: some order of values of one type, so that equal ones are found.
int compare(const Value& left, const Value& right) {
  const Value& a = plain(left);
  const Value& b = plain(right);
  const auto order = [](const auto& x, const auto& y) { return int{y < x} - int{x < y}; };
  if (const int first = order(a.integer, b.integer)) return first;
  // As keys the two zeros differ.
  if (const int first = order(std::bit_cast<std::uint64_t>(a.real), std::bit_cast<std::uint64_t>(b.real)))
    return first;
  if (const int first = order(a.text, b.text)) return first;
  if (const int first = order(a.fields, b.fields)) return first;
  for (std::size_t at = 0; at < a.items.size() && at < b.items.size(); ++at)
    if (const int first = compare(a.items[at], b.items[at])) return first;
  return order(a.items.size(), b.items.size());
}

struct Range {
  std::int64_t low, high;
};
Range range_of(Kind kind) {
  switch (kind) {
    case Kind::i8:
      return {INT8_MIN, INT8_MAX};
    case Kind::i16:
      return {INT16_MIN, INT16_MAX};
    case Kind::i64:
      return {INT64_MIN, INT64_MAX};
    default:
      return {INT32_MIN, INT32_MAX};
  }
}

/// 8-4-4-4-12 hexadecimal digits, perhaps in braces.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != '-' : std::string_view("0123456789abcdefABCDEF").find(text[at]) == text.npos)
      return false;
  }
  return true;
}

}  // namespace

void Evaluator::evaluate_constants() {
  for (const Constant* constant : order_) finish(*constant, constant->place);
}

void Evaluator::finish(const Constant& constant, Place place) {
  auto found = pending_.find(&constant);
  if (found == pending_.end()) return;
  if (found->second.open || depth_ > depth_max) {
    diagnostics_.error(place,
                       found->second.open
                           ? fmt::format("the constant `{}` leads back to itself", constant.name)
                           : fmt::format("constants name one another deeper than {} levels", depth_max));
    return;
  }
  found->second.open = true;
  ++depth_;
  Constant& target = *found->second.constant;
  target.value = evaluate(*found->second.literal, target.type);
  --depth_;
  pending_.erase(&constant);
}

bool Evaluator::count(Place place) {
  if (++values_ == values_max)
    diagnostics_.error(place, fmt::format("constants unfold to {} values", values_max));
  return values_ < values_max;
}

Value Evaluator::wrong(const Type& type, Place place, std::string_view found) {
  const std::string name = name_of(type);
  const std::string_view article = std::string_view("aeiou8").find(name[0]) == name.npos ? "a" : "an";
  diagnostics_.error(place, fmt::format("expected {} {}, found {}", article, name, found));
  return some_value(bare(type).kind == Kind::real ? Form::real : Form::integer);
}

Value Evaluator::evaluate(const Literal& literal, const Type& type) {
  if (!count(literal.place)) return {};
  switch (literal.form) {
    case Literal::Form::integer:
      return number(literal.integer, type, literal.place);
    case Literal::Form::real: {
      if (bare(type).kind != Kind::real) return wrong(type, literal.place, "a fraction");
      Value value = some_value(Form::real);
      value.real = literal.real;
      return value;
    }
    case Literal::Form::text:
      return text(literal.text, type, literal.place);
    case Literal::Form::name:
      return named(literal, type);
    case Literal::Form::list:
      return list(literal, type);
    case Literal::Form::map:
      return map(literal, type);
  }
  return {};
}

Value Evaluator::number(std::int64_t number, const Type& type, Place place) {
  const Type& target = bare(type);
  Value value = some_value(Form::integer);
  value.integer = number;
  switch (target.kind) {
    case Kind::boolean:
      value.form = Form::boolean;
      value.integer = number != 0;
      return value;
    case Kind::real:
      value.form = Form::real;
      value.real = static_cast<double>(number);
      value.integer = 0;
      // Up to 2^53 every number is one.
      if (number > std::int64_t{1} << 53 || number < -(std::int64_t{1} << 53))
        if (value.real >= 0x1p63 || static_cast<std::int64_t>(value.real) != number)
          diagnostics_.warning(place, fmt::format("{} is no double; {:.0f} is taken", number, value.real));
      return value;
    case Kind::i8:
    case Kind::i16:
    case Kind::i32:
    case Kind::i64:
    case Kind::enumeration:
      break;
    default:
      return wrong(type, place, "a number");
  }
  auto [low, high] = range_of(target.kind);
  if (number < low || number > high) {
    diagnostics_.error(place, fmt::format("{} does not fit into {}, which holds {} to {}", number,
                                          name_of(type), low, high));
    value.integer = 0;
  }
  if (target.kind == Kind::enumeration) {
    value.form = Form::enumerator;
    for (const Enumerator& enumerator : target.enumeration->values)
      if (!value.enumerator && enumerator.value == value.integer) value.enumerator = &enumerator;
  }
  return value;
}

Value Evaluator::text(std::string text, const Type& type, Place place) {
  const Type& target = bare(type);
  Value value = some_value(Form::text);
  value.text = std::move(text);
  if (target.kind == Kind::uuid) {
    if (value.text.size() == 38 && value.text.front() == '{' && value.text.back() == '}')
      value.text = value.text.substr(1, 36);
    if (is_uuid(value.text)) return value;
    return wrong(type, place, "text that is not one, as in \"00112233-4455-6677-8899-aabbccddeeff\"");
  }
  if (target.kind == Kind::string || target.kind == Kind::binary) return value;
  return wrong(type, place, "text");
}

Value Evaluator::named(const Literal& literal, const Type& type) {
  const Type& target = bare(type);
  if (target.kind == Kind::enumeration) {
    // Old files leave the enum's name out.
    if (const Enumerator* enumerator = find(*target.enumeration, literal.text)) {
      Value value = some_value(Form::enumerator);
      value.integer = enumerator->value;
      value.enumerator = enumerator;
      return value;
    }
    // Apache's compiler looks at the last part alone, and there are files that live by it.
    const Enumerator* last = find(*target.enumeration, literal.text.substr(literal.text.rfind('.') + 1));
    if (last && !symbols_.look_up_value(literal.text, literal.place)) {
      diagnostics_.warning(literal.place, fmt::format("there is no `{}`; `{}` of {} is taken", literal.text,
                                                      last->name, target.enumeration->name));
      Value value = some_value(Form::enumerator);
      value.integer = last->value;
      value.enumerator = last;
      return value;
    }
  }
  auto symbol = symbols_.find_value(literal.text, literal.place);
  if (!symbol) return {};
  if (symbol->constant) {
    finish(*symbol->constant, literal.place);
    if (!same(symbol->constant->type, type))
      return convert(symbol->constant->value, symbol->constant->type, type, literal.place);
    Value value = some_value(Form::constant);
    value.constant = symbol->constant;
    return value;
  }
  if (target.kind != Kind::enumeration || target.enumeration == symbol->enumeration) {
    Value value = number(symbol->enumerator->value, type, literal.place);
    if (value.form == Form::enumerator) value.enumerator = symbol->enumerator;
    return value;
  }
  diagnostics_.warning(literal.place, fmt::format("`{}` is not a value of {}; its number is taken",
                                                  literal.text, target.enumeration->name));
  return number(symbol->enumerator->value, type, literal.place);
}

Value Evaluator::convert(const Value& value, const Type& from, const Type& to, Place place) {
  if (!count(place)) return {};
  const Value& source = plain(value);
  const Type& a = bare(from);
  const Type& b = bare(to);
  switch (source.form) {
    case Form::boolean:
    case Form::integer:
    case Form::enumerator:
      return number(source.integer, to, place);
    case Form::list: {
      if ((a.kind != Kind::list && a.kind != Kind::set) || (b.kind != Kind::list && b.kind != Kind::set))
        break;
      Value result = some_value(Form::list);
      for (const Value& item : source.items)
        result.items.push_back(convert(item, a.arguments[0], b.arguments[0], place));
      return result;
    }
    case Form::map: {
      if (a.kind != Kind::map || b.kind != Kind::map) break;
      Value result = some_value(Form::map);
      for (std::size_t index = 0; index < source.items.size(); ++index)
        result.items.push_back(
            convert(source.items[index], a.arguments[index % 2], b.arguments[index % 2], place));
      return result;
    }
    case Form::text:
      if (b.kind == Kind::string || b.kind == Kind::binary || b.kind == Kind::uuid)
        return text(source.text, to, place);
      break;
    case Form::real:
    case Form::structure:
      if (same(a, b)) return source;
      break;
    case Form::constant:
      break;
  }
  return wrong(to, place, fmt::format("a constant of type {}", name_of(from)));
}

Value Evaluator::list(const Literal& literal, const Type& type) {
  const Type& target = bare(type);
  // `[]` for an empty map is an old habit.
  if (target.kind == Kind::map && literal.items.empty()) return some_value(Form::map);
  if (target.kind != Kind::list && target.kind != Kind::set) return wrong(type, literal.place, "a list");
  Value value = some_value(Form::list);
  for (const Literal& item : literal.items) value.items.push_back(evaluate(item, target.arguments[0]));
  return value;
}

Value Evaluator::map(const Literal& literal, const Type& type) {
  const Type& target = bare(type);
  if (target.kind == Kind::structure) return structure(literal, type);
  if ((target.kind == Kind::list || target.kind == Kind::set) && literal.items.empty())
    return some_value(Form::list);
  if (target.kind != Kind::map) return wrong(type, literal.place, "a map");
  Value value = some_value(Form::map);
  for (std::size_t index = 0; index < literal.items.size(); ++index)
    value.items.push_back(evaluate(literal.items[index], target.arguments[index % 2]));
  const auto less = [&](std::size_t a, std::size_t b) { return compare(value.items[a], value.items[b]) < 0; };
  std::set<std::size_t, decltype(less)> keys(less);
  for (std::size_t index = 0; index < value.items.size(); index += 2)
    if (auto [first, added] = keys.insert(index); !added) {
      diagnostics_.warning(literal.items[index].place, "this key is there already; the first is taken");
      diagnostics_.note(literal.items[*first].place, "it is here");
    }
  return value;
}

Value Evaluator::structure(const Literal& literal, const Type& type) {
  const Struct& target = *bare(type).structure;
  Value value = some_value(Form::structure);
  std::map<std::size_t, Value> fields;  // in the order of declaration, as C++ wants them
  for (std::size_t index = 0; index < literal.items.size(); index += 2) {
    const Literal& key = literal.items[index];
    auto field = std::find_if(target.fields.begin(), target.fields.end(), [&](const Field& field) {
      return key.form == Literal::Form::text && field.name == key.text;
    });
    if (field == target.fields.end()) {
      diagnostics_.error(key.place,
                         key.form == Literal::Form::text
                             ? fmt::format("{} has no field `{}`", target.name, key.text)
                             : fmt::format("expected the name of a field of {}, in quotes", target.name));
      diagnostics_.note(target.place, fmt::format("{} is declared here", target.name));
      continue;
    }
    auto position = static_cast<std::size_t>(field - target.fields.begin());
    if (!fields.emplace(position, evaluate(literal.items[index + 1], field->type)).second)
      diagnostics_.error(key.place, fmt::format("`{}` is given twice", key.text));
  }
  if (target.form == Struct::Form::union_ && fields.size() > 1)
    diagnostics_.error(literal.place, fmt::format("{} is a union: it holds one of its fields", target.name));
  for (auto& [position, item] : fields) {
    value.fields.push_back(&target.fields[position]);
    value.items.push_back(std::move(item));
  }
  return value;
}

}  // namespace weft::gen::thrift
