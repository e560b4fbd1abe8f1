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

struct Choice {
  LoopDriver driver;
  const char* reason;
};

/// The environment decides where the program leaves it open.
Choice choose(LoopDriver option) {
  if (option != LoopDriver::automatic) return {option, "LoopOptions::driver says so"};
  const char* name = std::getenv("WEFT_DRIVER");
  if (name && std::string_view(name) == "epoll") return {LoopDriver::epoll, "WEFT_DRIVER says so"};
  if (name && std::string_view(name) == "io_uring") return {LoopDriver::io_uring, "WEFT_DRIVER says so"};
  return {LoopDriver::automatic, "the default"};
}

Result<std::unique_ptr<Driver>> with_reason(Result<std::unique_ptr<Driver>> driver, std::string reason) {
  if (driver) (*driver)->reason = std::move(reason);
  return driver;
}

}  // namespace

Instant machine_time() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return {std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)};
}

Result<std::unique_ptr<Driver>> make_driver(const LoopOptions& options) {
  Choice choice = choose(options.driver);
  if (choice.driver == LoopDriver::epoll) return with_reason(make_epoll(options), choice.reason);
  auto uring = make_uring(options);
  if (uring || choice.driver == LoopDriver::io_uring) return with_reason(std::move(uring), choice.reason);
  std::string refusal{uring.status().message()};
  static std::atomic<bool> said{false};  // once, not for each core
  if (!said.exchange(true)) log(LogLevel::warning, fmt::format("{}; going on with epoll", refusal));
  return with_reason(make_epoll(options), std::move(refusal));
}

}  // namespace weft::detail
