#include "json.h"

#include <cmath>

#include <fmt/format.h>

namespace weft::gen {

namespace {

constexpr std::size_t width = 110;

/// The size of the character of UTF-8 that `text` begins with; 0 when it is none.
std::size_t character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  char32_t code = first & (0x7F >> size);
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(at) & 0x3F);
  }
  constexpr char32_t shortest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < shortest[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
  return size;
}

void quote(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = character(text.substr(at));
    const char c = text[at];
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else if (size == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(at, size);
    at += std::max<std::size_t>(size, 1);
  }
  out += '"';
}

}  // namespace

class JsonText {
 public:
  std::string take(const Json& json) {
    value(json, 0);
    return std::move(out_) + '\n';
  }

 private:
  void value(const Json& json, std::size_t after);
  /// On one line, unless it gets longer than that has room for.
  bool flat(const Json& json, std::size_t until);
  void line() {
    out_ += '\n';
    begin_ = out_.size();
    out_.append(indent_, ' ');
  }

  std::string out_;
  std::size_t begin_ = 0;  ///< of the last line
  std::size_t indent_ = 0;
};

bool JsonText::flat(const Json& json, std::size_t until) {
  if (!json.is_array() && !json.is_object()) {
    json.scalar(out_);
  } else {
    out_ += json.is_array() ? '[' : '{';
    bool first = true;
    for (const Json& item : json.items()) {
      if (!std::exchange(first, false)) out_ += ", ";
      if (!flat(item, until)) return false;
    }
    for (const auto& [name, member] : json.members()) {
      if (!std::exchange(first, false)) out_ += ", ";
      quote(out_, name);
      out_ += ": ";
      if (!flat(member, until)) return false;
    }
    out_ += json.is_array() ? ']' : '}';
  }
  return out_.size() <= until;
}

void JsonText::value(const Json& json, std::size_t after) {
  if (!json.is_array() && !json.is_object()) return json.scalar(out_);
  const std::size_t before = out_.size();
  if (flat(json, begin_ + width - after)) return;
  out_.resize(before);
  out_ += json.is_array() ? '[' : '{';
  indent_ += 2;
  std::size_t left = json.items().size() + json.members().size();
  for (const Json& item : json.items()) {
    line();
    value(item, 1);
    if (--left > 0) out_ += ',';
  }
  for (const auto& [name, member] : json.members()) {
    line();
    quote(out_, name);
    out_ += ": ";
    value(member, 1);
    if (--left > 0) out_ += ',';
  }
  indent_ -= 2;
  line();
  out_ += json.is_array() ? ']' : '}';
}

void Json::scalar(std::string& out) const {
  struct Print {
    std::string& out;
    void operator()(std::nullptr_t) const { out += "null"; }
    void operator()(bool value) const { out += value ? "true" : "false"; }
    void operator()(std::int64_t value) const { out += fmt::format("{}", value); }
    void operator()(std::uint64_t value) const { out += fmt::format("{}", value); }
    void operator()(double value) const {
      // JSON has no others.
      if (!std::isfinite(value)) return quote(out, std::isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
      const std::string digits = fmt::format("{}", value);
      out += digits;
      if (digits.find_first_of(".e") == digits.npos) out += ".0";
    }
    void operator()(const std::string& value) const { quote(out, value); }
    void operator()(const Array&) const {}
    void operator()(const Object&) const {}
  };
  std::visit(Print{out}, value_);
}

Json& Json::add(std::string name, Json value) & {
  if (is_null()) value_ = Object{};
  std::get<Object>(value_).emplace_back(std::move(name), std::move(value));
  return *this;
}

Json& Json::push(Json value) & {
  if (is_null()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(value));
  return *this;
}

const Json* Json::find(std::string_view name) const noexcept {
  for (const auto& [known, value] : members())
    if (known == name) return &value;
  return nullptr;
}

const Json& Json::operator[](std::string_view name) const noexcept {
  static const Json nothing;
  const Json* found = find(name);
  return found ? *found : nothing;
}

const Json::Array& Json::items() const noexcept {
  static const Array none;
  const auto* items = std::get_if<Array>(&value_);
  return items ? *items : none;
}

const Json::Object& Json::members() const noexcept {
  static const Object none;
  const auto* members = std::get_if<Object>(&value_);
  return members ? *members : none;
}

const std::string& Json::text() const noexcept {
  static const std::string none;
  const auto* text = std::get_if<std::string>(&value_);
  return text ? *text : none;
}

bool Json::boolean() const noexcept {
  const auto* value = std::get_if<bool>(&value_);
  return value && *value;
}

std::int64_t Json::integer() const noexcept {
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return *value;
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return static_cast<std::int64_t>(*value);
  return 0;
}

double Json::real() const noexcept {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (text() == "nan") return std::nan("");
  if (text() == "inf" || text() == "-inf") return text() == "inf" ? HUGE_VAL : -HUGE_VAL;
  return static_cast<double>(integer());
}

std::string Json::print() const { return JsonText{}.take(*this); }

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = character(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace weft::gen
