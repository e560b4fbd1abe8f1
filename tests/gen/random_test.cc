// Random IDL (random_idl.py), generated and compiled: every order of definitions, every box, and the
// operations that each type can have are checked by the compiler; constants hold what the IDL says.
#include <bit>
#include <compare>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "random_idl.weft.h"

namespace {

template <class T>
concept Hashable = requires(const T& value) { std::hash<T>{}(value); };

template <class T>
consteval bool can(bool ordered, bool trivial) {
  return std::three_way_comparable<T> == ordered && Hashable<T> == ordered &&
         std::is_trivially_copyable_v<T> == trivial;
}

template <class T>
std::string print(const T& value);

std::string hex(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

template <class T>
std::string print_struct(const T& value) {
  std::vector<std::string> fields;
  weft::detail::any_field<T>(
      [&]<std::int32_t Id, class Struct, class Member>(const weft::Field<Id, Struct, Member>& field) {
        if constexpr (weft::detail::Nullable<Member>) {
          if (value.*field.member) fields.push_back(fmt::format("{}={}", Id, print(*(value.*field.member))));
        } else {
          fields.push_back(fmt::format("{}={}", Id, print(value.*field.member)));
        }
        return false;
      });
  return fmt::format("({})", fmt::join(fields, ","));
}

template <class T>
std::string print_union(const T& value) {
  std::string text;
  weft::detail::any_field<T>([&]<std::int32_t Id, class Type>(const weft::Alternative<Id, Type>&) {
    if (const Type* held = std::get_if<Type>(&value.value))
      text = fmt::format("{}={}", Id, print(held->value));
    return false;
  });
  return fmt::format("({})", text);
}

/// As random_idl.py writes it.
template <class T>
std::string print(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, double>) {
    return fmt::format("d{:016x}", std::bit_cast<std::uint64_t>(value));
  } else if constexpr (std::is_enum_v<T> || std::is_integral_v<T>) {
    return fmt::format("{}", static_cast<std::int64_t>(value));
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return "x" + hex(value);
  } else if constexpr (std::is_same_v<T, weft::Bytes>) {
    return "x" + hex(value.view());
  } else if constexpr (std::is_same_v<T, weft::Uuid>) {
    return "u" + hex({reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()});
  } else if constexpr (weft::detail::Union<T>) {
    return print_union(value);
  } else if constexpr (weft::Described<T>) {
    return print_struct(value);
  } else if constexpr (weft::detail::Pair<T>) {
    return fmt::format("{}:{}", print(value.first), print(value.second));
  } else if constexpr (requires { typename T::key_type; }) {
    std::set<std::string> items;
    for (const auto& item : value) items.insert(print(item));
    return fmt::format("{{{}}}", fmt::join(items, ","));
  } else {
    std::vector<std::string> items;
    for (std::size_t at = 0; at < value.size(); ++at)
      items.push_back(print<typename T::value_type>(value[at]));
    return fmt::format("[{}]", fmt::join(items, ","));
  }
}

/// A constant, or the function that has it.
template <class T>
void expect(const char* name, const T& constant, std::string_view text) {
  INFO(name);
  if constexpr (std::is_function_v<T>)
    CHECK(print(constant()) == text);
  else
    CHECK(print(constant) == text);
}

#include "random_expected.inc"

}  // namespace

TEST_CASE("constants hold what the IDL says, however it says it") { expect_all(); }
