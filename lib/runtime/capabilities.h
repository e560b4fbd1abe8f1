// What a program that asks for it in its environment logs of its kernel.
#pragma once

namespace weft::detail {

/// With WEFT_REPORT=1, for the first loop that is made.
void report_capabilities_once();

}  // namespace weft::detail
