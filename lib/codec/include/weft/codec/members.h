// What kinds of members described types have: containers, and what may be unset. For codecs.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <weft/codec/borrowed.h>
#include <weft/codec/box.h>

namespace weft::members {

template <class T>
inline constexpr bool is_vector = false;
template <class T, class A>
inline constexpr bool is_vector<std::vector<T, A>> = true;
template <class T>
inline constexpr bool is_vector<ListView<T>> = true;
template <class View>
inline constexpr bool is_vector<weft::detail::Growing<View>> = true;
template <class T>
inline constexpr bool is_set = false;
template <class T, class L, class A>
inline constexpr bool is_set<std::set<T, L, A>> = true;
template <class T>
inline constexpr bool is_set<SetView<T>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class K, class V, class L, class A>
inline constexpr bool is_map<std::map<K, V, L, A>> = true;
template <class K, class V>
inline constexpr bool is_map<MapView<K, V>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_box = false;
template <class T>
inline constexpr bool is_box<Box<T>> = true;
template <class T>
inline constexpr bool is_box<BoxView<T>> = true;

template <class T>
inline constexpr bool is_text = std::is_same_v<T, std::string> || std::is_same_v<T, std::string_view>;

/// Containers of which the elements lie in an arena.
template <class T>
inline constexpr bool is_view = false;
template <class T>
inline constexpr bool is_view<ListView<T>> = true;
template <class T>
inline constexpr bool is_view<SetView<T>> = true;
template <class K, class V>
inline constexpr bool is_view<MapView<K, V>> = true;
template <class T>
inline constexpr bool is_view<BoxView<T>> = true;

template <class T>
inline constexpr bool is_lent = false;
template <class T>
inline constexpr bool is_lent<Borrowed<T>> = true;

/// What a value can be read into ahead of the node or element that it is for: a text need not be copied
/// twice.
template <class T>
struct Light {
  using type = T;
};
template <>
struct Light<std::string> {
  using type = std::string_view;
};
template <class T>
using light = typename Light<T>::type;

template <class T>
concept Nullable = is_optional<T> || is_box<T>;

/// The T that travels: what a std::optional or a Box holds.
template <class T>
struct Inner {
  using type = T;
};
template <Nullable T>
struct Inner<T> {
  using type = typename T::value_type;
};
template <class T>
using inner = typename Inner<T>::type;

}  // namespace weft::members
