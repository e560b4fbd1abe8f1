#include <atomic>
#include <cstdio>

#include <weft/runtime/log.h>

namespace weft {
namespace {

void to_stderr(LogLevel level, std::string_view line) {
  const char* names[] = {"info", "warning", "error"};
  std::fprintf(stderr, "weft %s: %.*s\n", names[static_cast<int>(level)], static_cast<int>(line.size()),
               line.data());
}

std::atomic<LogHook> current{&to_stderr};

}  // namespace

LogHook set_log_hook(LogHook hook) noexcept { return current.exchange(hook); }

void log(LogLevel level, std::string_view line) {
  if (LogHook hook = current.load()) hook(level, line);
}

}  // namespace weft
