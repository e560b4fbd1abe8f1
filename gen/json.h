// Json: a value of JSON, what it is read from and its text. Objects keep the order in which members were
// added, so that equal programs have equal text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weft::gen {

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default;
  Json(bool value) : value_(value) {}
  Json(std::int32_t value) : value_(std::int64_t{value}) {}
  Json(std::int64_t value) : value_(value) {}
  Json(std::uint64_t value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  bool is_null() const noexcept { return std::holds_alternative<std::nullptr_t>(value_); }
  bool is_array() const noexcept { return std::holds_alternative<Array>(value_); }
  bool is_object() const noexcept { return std::holds_alternative<Object>(value_); }
  bool is_boolean() const noexcept { return std::holds_alternative<bool>(value_); }
  bool is_string() const noexcept { return std::holds_alternative<std::string>(value_); }

  /// Adds a member to an object; what is null becomes one.
  Json& add(std::string name, Json value) &;
  Json add(std::string name, Json value) && { return std::move(add(std::move(name), std::move(value))); }
  /// Adds an element to an array; what is null becomes one.
  Json& push(Json value) &;
  Json push(Json value) && { return std::move(push(std::move(value))); }

  /// A member of an object; null when there is none, or this is no object.
  const Json* find(std::string_view name) const noexcept;
  /// The same, where what is missing is as good as null.
  const Json& operator[](std::string_view name) const noexcept;
  /// What it holds, or what stands for something else.
  const Array& items() const noexcept;
  const Object& members() const noexcept;
  const std::string& text() const noexcept;
  bool boolean() const noexcept;
  std::int64_t integer() const noexcept;  ///< of 64 unsigned bits, the same bits
  double real() const noexcept;

  /// As a text of lines, those that have room for it on one. Bytes that are not UTF-8 become U+FFFD.
  std::string print() const;

 private:
  friend class JsonText;
  /// What is neither array nor object.
  void scalar(std::string& out) const;

  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, Array, Object> value_;
};

/// Whether JSON can hold the text as it is.
bool is_utf8(std::string_view text) noexcept;

/// Reads a JSON text of at most 200 levels; what is wrong with it goes to `error`, and nothing comes back
/// then. Of members with one name, all stay, and the first is found.
std::optional<Json> parse_json(std::string_view text, std::string& error);

}  // namespace weft::gen
