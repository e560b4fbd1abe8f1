// Where Weft's few log lines go: standard error, until a host program replaces the hook.
#pragma once

#include <cstdint>
#include <string_view>

namespace weft {

enum class LogLevel : std::uint8_t { info, warning, error };

/// Called from any thread, with one line without a line end.
using LogHook = void (*)(LogLevel level, std::string_view line);

/// Returns the hook before. Null silences Weft.
LogHook set_log_hook(LogHook hook) noexcept;
void log(LogLevel level, std::string_view line);

}  // namespace weft
