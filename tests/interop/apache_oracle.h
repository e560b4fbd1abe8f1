// Apache's library as an oracle, behind an interface without its headers: with clang they compile as C++17
// only.
#pragma once

#include <string>
#include <string_view>

namespace interop {

/// Decodes a value of that type of kitchen.thrift, all of `bytes`, and encodes it again. Throws where
/// Apache's does.
std::string through_apache(std::string_view type, std::string bytes);

}  // namespace interop
