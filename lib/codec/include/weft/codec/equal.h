// equal(a, b), less(a, b) and compare(a, b): comparison of generated types by their tables. Less orders the
// keys of a std::map or std::set that `<` cannot: structs, unions, containers and doubles.
#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <weft/codec/members.h>
#include <weft/codec/schema.h>

namespace weft {

/// Field by field, as `==` would: NaN differs from itself, -0.0 is 0.0.
template <class T>
bool equal(const T& a, const T& b);

/// A strict total order: field by field, in the order of ids. Unset comes before set, `false` before `true`,
/// and doubles are ordered as IEEE 754's totalOrder: -NaN < -inf < ... < -0.0 < 0.0 < ... < inf < NaN.
template <class T>
bool less(const T& a, const T& b);

/// The same order, as `<=>` of generated types gives it. It agrees with `==` where no double is compared.
template <class T>
std::strong_ordering compare(const T& a, const T& b);

struct Less {
  template <class T>
  bool operator()(const T& a, const T& b) const {
    return less(a, b);
  }
};

namespace detail {

template <class T>
concept Union = Described<T> && Schema<T>::shape == Shape::union_;

/// A std::optional or a Box.
template <class T>
concept Nullable = requires(const T& value) {
  { value.has_value() } -> std::same_as<bool>;
  *value;
};

template <class T>
concept Container = requires(const T& value) {
  value.begin();
  value.end();
  typename T::value_type;
} && (requires { typename T::allocator_type; } || members::is_view<T>) && !std::is_same_v<T, std::string>;

/// A std::unordered_map or std::unordered_set.
template <class T>
concept Unordered = Container<T> && requires { typename T::hasher; };

template <class T>
concept Pair = requires(const T& value) {
  value.first;
  value.second;
};

/// -1, 0 or 1.
template <class T>
int three_way(const T& a, const T& b);

/// Calls `look` with each field until it returns true; whether one did.
template <class T, class Look>
bool any_field(Look look) {
  constexpr auto& fields = Schema<T>::fields;
  return any_entry<0, ids_of(&Schema<T>::fields).size()>(fields, look);
}

/// Calls `with` with the values of the alternative that both unions hold, and returns what it returns;
/// `unset` if none.
template <class T, class R, class With>
R with_alternative(const T& a, const T& b, R unset, With with) {
  R result = unset;
  any_field<T>([&]<std::int32_t Id, class Type>(const Alternative<Id, Type>&) {
    const Type* held = std::get_if<Type>(&a.value);
    if (!held) return false;
    result = with(held->value, std::get_if<Type>(&b.value)->value);
    return true;
  });
  return result;
}

/// The elements of two unordered containers, from the least.
template <class T>
int compare_sorted(const T& a, const T& b) {
  const auto sorted = [](const T& container) {
    std::vector<const typename T::value_type*> elements;
    for (const auto& element : container) elements.push_back(&element);
    std::sort(elements.begin(), elements.end(),
              [](const auto* x, const auto* y) { return three_way(*x, *y) < 0; });
    return elements;
  };
  const auto x = sorted(a), y = sorted(b);
  for (std::size_t at = 0; at < x.size() && at < y.size(); ++at)
    if (const int order = three_way(*x[at], *y[at])) return order;
  return int{x.size() > y.size()} - int{x.size() < y.size()};
}

template <class T>
int three_way(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, float>) {
    return three_way<double>(a, b);
  } else if constexpr (std::is_same_v<T, double>) {
    // Negative numbers are ordered by falling magnitude; flipping their other bits makes integers of all.
    auto ordered = [](double value) {
      auto bits = std::bit_cast<std::int64_t>(value);
      return bits < 0 ? bits ^ INT64_MAX : bits;
    };
    return three_way(ordered(a), ordered(b));
  } else if constexpr (Union<T>) {
    if (a.value.index() != b.value.index()) return a.value.index() < b.value.index() ? -1 : 1;
    return with_alternative(a, b, 0, [](const auto& x, const auto& y) { return three_way(x, y); });
  } else if constexpr (Described<T>) {
    int order = 0;
    any_field<T>(
        [&](const auto& field) { return (order = three_way(a.*field.member, b.*field.member)) != 0; });
    if constexpr (requires { Schema<T>::unknown; })
      if (order == 0) return three_way(a.*Schema<T>::unknown, b.*Schema<T>::unknown);
    return order;
  } else if constexpr (Nullable<T>) {
    if (a.has_value() && b.has_value()) return three_way(*a, *b);
    return int{a.has_value()} - int{b.has_value()};
  } else if constexpr (Pair<T>) {
    const int order = three_way(a.first, b.first);
    return order != 0 ? order : three_way(a.second, b.second);
  } else if constexpr (Unordered<T>) {
    return compare_sorted(a, b);
  } else if constexpr (Container<T>) {
    auto x = a.begin();
    auto y = b.begin();
    for (; x != a.end() && y != b.end(); ++x, ++y)
      if (const int order = three_way<typename T::value_type>(*x, *y)) return order;
    return int{x != a.end()} - int{y != b.end()};
  } else if constexpr (std::three_way_comparable<T>) {
    const auto order = a <=> b;
    return int{order > 0} - int{order < 0};
  } else {
    return int{b < a} - int{a < b};
  }
}

}  // namespace detail

template <class T>
bool equal(const T& a, const T& b) {
  if constexpr (detail::Union<T>) {
    return a.value.index() == b.value.index() &&
           detail::with_alternative(a, b, true, [](const auto& x, const auto& y) { return equal(x, y); });
  } else if constexpr (Described<T>) {
    if constexpr (requires { Schema<T>::unknown; })
      if (a.*Schema<T>::unknown != b.*Schema<T>::unknown) return false;
    return !detail::any_field<T>([&](const auto& field) { return !equal(a.*field.member, b.*field.member); });
  } else if constexpr (detail::Nullable<T>) {
    return a.has_value() && b.has_value() ? equal(*a, *b) : a.has_value() == b.has_value();
  } else if constexpr (detail::Pair<T>) {
    return equal(a.first, b.first) && equal(a.second, b.second);
  } else if constexpr (detail::Unordered<T>) {
    if (a.size() != b.size()) return false;
    for (const auto& element : a) {
      if constexpr (detail::Pair<typename T::value_type>) {
        const auto found = b.find(element.first);
        if (found == b.end() || !equal(element.second, found->second)) return false;
      } else if (!b.contains(element)) {
        return false;
      }
    }
    return true;
  } else if constexpr (detail::Container<T>) {
    if (a.size() != b.size()) return false;
    for (auto x = a.begin(), y = b.begin(); x != a.end(); ++x, ++y)
      if (!equal<typename T::value_type>(*x, *y)) return false;
    return true;
  } else {
    return a == b;
  }
}

template <class T>
bool less(const T& a, const T& b) {
  return detail::three_way(a, b) < 0;
}

template <class T>
std::strong_ordering compare(const T& a, const T& b) {
  return detail::three_way(a, b) <=> 0;
}

}  // namespace weft
