// Process: another program, run once, with a text for its input and one for its output.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace weft::gen {

/// The program's output, when it exits with 0 in time. Otherwise nothing, and `error` says what happened. The
/// program is looked for in the PATH when its name has no slash. Its standard error is this process'.
std::optional<std::string> run_program(const std::string& program, const std::string& input,
                                       std::chrono::milliseconds limit, std::string& error);

}  // namespace weft::gen
