// What a generated type says about itself: its name, its shape and a constexpr table of its fields. The
// codecs, comparison and printing are templates over this table; generated code holds nothing else.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace weft {

/// Specialised by generated code, for structs, unions and exceptions:
///
///   template <>
///   struct weft::Schema<hello::HelloRequest> {
///     static constexpr std::string_view name = "HelloRequest";
///     static constexpr Shape shape = Shape::structure;
///     static constexpr auto fields = std::tuple{field<1>("name", &hello::HelloRequest::name)};   // sorted
///     by id
///   };
///
/// A union lists the alternatives of its `value`, a std::variant whose first alternative, std::monostate, is
/// "unset" and whose others are structs with one member `value`:
///
///   static constexpr auto fields = std::tuple{alternative<1, Pick::Number>("number"), ...};
template <class T>
struct Schema;

enum class Shape : std::uint8_t { structure, union_, exception };

/// When a field is written, and what its absence on the wire means.
enum class Presence : std::uint8_t {
  plain,     ///< always written; absent: the member keeps its default
  required,  ///< always written; absent: the message is refused
  optional,  ///< written when set. The member is a std::optional or a Box
};

/// One field of a struct: Thrift ids are 16 bits wide, Protobuf's 29.
template <std::int32_t Id, class Struct, class Member>
struct Field {
  static constexpr std::int32_t id = Id;
  using member_type = Member;

  std::string_view name;
  Member Struct::* member;
  Presence presence = Presence::plain;
};

template <std::int32_t Id, class Struct, class Member>
constexpr Field<Id, Struct, Member> field(std::string_view name, Member Struct::* member,
                                          Presence presence = Presence::plain) {
  return {name, member, presence};
}

/// One alternative of a union.
template <std::int32_t Id, class Type>
struct Alternative {
  static constexpr std::int32_t id = Id;
  using type = Type;

  std::string_view name;
};

template <std::int32_t Id, class Type>
constexpr Alternative<Id, Type> alternative(std::string_view name) {
  return {name};
}

/// Whether generated code described T.
template <class T>
concept Described = requires { Schema<T>::fields; };

}  // namespace weft
