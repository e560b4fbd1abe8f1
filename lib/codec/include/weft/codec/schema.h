// What a generated type says about itself: its name, its shape and a constexpr table of its fields. The
// codecs, comparison and printing are templates over this table; generated code holds nothing else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace weft {

/// Specialised by generated code, for structs, unions and exceptions:
///
///   template <>
///   struct weft::Schema<hello::HelloRequest> : StructSchema<::hello::HelloRequest> {
///     static constexpr std::string_view name = "HelloRequest";
///     static constexpr auto fields = Table{field<1>("name", &T::name)};  // sorted by id
///   };
///
/// A union lists the alternatives of its `value`, a std::variant whose first alternative, std::monostate, is
/// "unset" and whose others are structs with one member `value`:
///
///   static constexpr auto fields = Table{alternative<1, Pick::Number>("number"), ...};
///
/// A type whose Schema has a member `unknown` keeps there, as they came, the Protobuf fields that its table
/// does not have; they are written behind the others:
///
///   static constexpr auto unknown = &T::unknown_fields;  // a std::string
template <class T>
struct Schema;

/// Specialised for Protobuf's closed enums (proto2's): a value that is not listed is an unknown field.
///
///   static constexpr auto values = std::array<std::int32_t, 3>{0, 1, 5};
template <class Enum>
struct ClosedEnum;

enum class Shape : std::uint8_t { structure, union_, exception };

/// What a Schema derives from.
template <class Type>
struct StructSchema {
  using T = Type;
  static constexpr Shape shape = Shape::structure;
};
template <class Type>
struct UnionSchema {
  using T = Type;
  static constexpr Shape shape = Shape::union_;
};
template <class Type>
struct ExceptionSchema {
  using T = Type;
  static constexpr Shape shape = Shape::exception;
};

/// When a field is written, and what its absence on the wire means.
enum class Presence : std::uint8_t {
  plain,     ///< always written, by Protobuf unless it is zero or empty; absent: the member keeps its default
  required,  ///< always written; absent: the message is refused
  optional,  ///< written when set. The member is a std::optional or a Box
};

/// How Protobuf writes a field where the C++ type leaves a choice. Flags; Thrift's codecs have no choices.
enum class Coding : std::uint8_t {
  usual = 0,      ///< integers are varints, repeated numbers are packed, text is checked to be UTF-8
  zigzag = 1,     ///< sint32, sint64: zigzag varints
  fixed = 2,      ///< fixed32, sfixed32, fixed64, sfixed64
  unpacked = 4,   ///< repeated numbers have a tag each, as in proto2. Both forms are read, whatever is said
  unchecked = 8,  ///< proto2's strings, keys too: any bytes
  group = 16,     ///< a message between two tags, not behind its size
  zigzag_keys = 32,  ///< of a map
  fixed_keys = 64,
};
constexpr Coding operator|(Coding a, Coding b) noexcept {
  return static_cast<Coding>(static_cast<int>(a) | static_cast<int>(b));
}
constexpr bool has(Coding set, Coding flag) noexcept {
  return (static_cast<int>(set) & static_cast<int>(flag)) != 0;
}

/// One field of a struct: Thrift ids are 16 bits wide, Protobuf's 29.
template <std::int32_t Id, class Struct, class Member>
struct Field {
  static constexpr std::int32_t id = Id;
  using member_type = Member;

  std::string_view name;
  Member Struct::* member;
  Presence presence = Presence::plain;
  Coding coding = Coding::usual;
};

template <std::int32_t Id, class Struct, class Member>
constexpr Field<Id, Struct, Member> field(std::string_view name, Member Struct::* member,
                                          Presence presence = Presence::plain,
                                          Coding coding = Coding::usual) {
  return {name, member, presence, coding};
}
template <std::int32_t Id, class Struct, class Member>
constexpr Field<Id, Struct, Member> field(std::string_view name, Member Struct::* member, Coding coding) {
  return {name, member, Presence::plain, coding};
}

/// Protobuf's oneof: the member is a described union, whose alternatives travel as fields of the struct.
template <class Struct, class Union>
struct Oneof {
  static constexpr std::int32_t id = 0;  ///< none of its own
  using member_type = Union;

  std::string_view name;
  Union Struct::* member;
};

template <class Struct, class Union>
constexpr Oneof<Struct, Union> oneof(std::string_view name, Union Struct::* member) {
  return {name, member};
}

/// One alternative of a union.
template <std::int32_t Id, class Type>
struct Alternative {
  static constexpr std::int32_t id = Id;
  using type = Type;

  std::string_view name;
  Coding coding = Coding::usual;
};

template <std::int32_t Id, class Type>
constexpr Alternative<Id, Type> alternative(std::string_view name, Coding coding = Coding::usual) {
  return {name, coding};
}

namespace detail {

template <std::size_t Index, class Entry>
struct Leaf {
  Entry entry;
};
template <class Indices, class... Entries>
struct Leaves;
template <std::size_t... I, class... Entries>
struct Leaves<std::index_sequence<I...>, Entries...> : Leaf<I, Entries>... {};

}  // namespace detail

/// Fields or alternatives, sorted by id. A std::tuple serves as well up to some hundred entries; this one is
/// flat, and compiles with 700.
template <class... Entries>
struct Table : detail::Leaves<std::index_sequence_for<Entries...>, Entries...> {
  constexpr Table(Entries... entries)
      : detail::Leaves<std::index_sequence_for<Entries...>, Entries...>{{entries}...} {}
};

namespace detail {

template <std::size_t I, class Entry>
constexpr const Entry& entry(const Leaf<I, Entry>& leaf) noexcept {
  return leaf.entry;
}
template <std::size_t I, class... Entries>
constexpr const auto& entry(const std::tuple<Entries...>& table) noexcept {
  return std::get<I>(table);
}

template <template <class...> class List, class... Entries>
consteval std::array<std::int32_t, sizeof...(Entries)> ids_of(const List<Entries...>*) {
  return {Entries::id...};
}

/// Calls `look` with entries [Begin, End) until it returns true; whether one did. Long tables in halves: a
/// fold nests as deep as it is long, which compilers limit to some hundred.
template <std::size_t Begin, std::size_t End, class List, class Look>
constexpr bool any_entry(const List& table, Look&& look) {
  if constexpr (End - Begin <= 32)
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (look(entry<Begin + I>(table)) || ...);
    }(std::make_index_sequence<End - Begin>{});
  else
    return any_entry<Begin, (Begin + End) / 2>(table, look) || any_entry<(Begin + End) / 2, End>(table, look);
}

}  // namespace detail

/// Whether generated code described T.
template <class T>
concept Described = requires { Schema<T>::fields; };

}  // namespace weft
