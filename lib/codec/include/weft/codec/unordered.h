// std::unordered_map and std::unordered_set as members of messages: searched in constant time, written in no
// certain order. Equal are those with equal elements, in whatever order; less(a, b) sorts first.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include <weft/codec/members.h>

namespace weft::members {

template <class K, class V, class H, class E, class A>
inline constexpr bool is_map<std::unordered_map<K, V, H, E, A>> = true;
template <class T, class H, class E, class A>
inline constexpr bool is_set<std::unordered_set<T, H, E, A>> = true;

}  // namespace weft::members
