#include "driver.h"

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include <fmt/format.h>

#include <weft/runtime/log.h>

#include "epoll.h"
#include "uring.h"

namespace weft::detail {
namespace {

/// What the environment asks for where the program leaves it open.
LoopDriver wanted(LoopDriver option) {
  const char* name = std::getenv("WEFT_DRIVER");
  if (option != LoopDriver::automatic || !name) return option;
  if (std::string_view(name) == "epoll") return LoopDriver::epoll;
  if (std::string_view(name) == "io_uring") return LoopDriver::io_uring;
  return option;
}

}  // namespace

Instant machine_time() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return {std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)};
}

Result<std::unique_ptr<Driver>> make_driver(const LoopOptions& options) {
  LoopDriver choice = wanted(options.driver);
  if (choice == LoopDriver::epoll) return make_epoll(options);
  auto uring = make_uring(options);
  if (uring || choice == LoopDriver::io_uring) return uring;
  static std::atomic<bool> said{false};  // once, not for each core
  if (!said.exchange(true))
    log(LogLevel::warning, fmt::format("{}; going on with epoll", uring.status().message()));
  return make_epoll(options);
}

}  // namespace weft::detail
