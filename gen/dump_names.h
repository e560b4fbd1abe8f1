// The words of a dump for the model's enums and flags: what is written is what is read.
#pragma once

#include <iterator>
#include <string_view>
#include <utility>

#include "model.h"

namespace weft::gen {

/// By Type::Kind.
inline constexpr std::string_view kind_names[] = {
    "void",   "bool",   "i8",   "i16",  "i32", "i64", "u32",  "u64",    "float",  "double",
    "string", "binary", "uuid", "list", "set", "map", "enum", "struct", "typedef"};
static_assert(std::size(kind_names) == static_cast<std::size_t>(Type::Kind::alias) + 1);

/// By Struct::Form and by Presence.
inline constexpr std::string_view form_names[] = {"struct", "union", "exception"};
inline constexpr std::string_view presence_names[] = {"plain", "required", "optional"};

inline constexpr std::pair<std::string_view, bool Coding::*> coding_flags[] = {
    {"zigzag", &Coding::zigzag},         {"fixed", &Coding::fixed}, {"unpacked", &Coding::unpacked},
    {"unchecked", &Coding::unchecked},   {"group", &Coding::group}, {"zigzag_keys", &Coding::zigzag_keys},
    {"fixed_keys", &Coding::fixed_keys},
};

}  // namespace weft::gen
