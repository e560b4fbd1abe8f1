// What a code address of this process belongs to.
#pragma once

#include <string>

namespace weft::detail {

/// "function+0x12 (program+0x1234)", or without the function where the program was stripped: `addr2line -e
/// program 0x1234` then tells more. Reads the program's file.
std::string describe_code(const void* address);

}  // namespace weft::detail
