// Health: what a server says about itself and its services to those who ask by grpc.health.v1.
//
//   server.health().set("shop.v1.Shop", false);   // for as long as its database is away
//
// A server with gRPC services answers by itself (`ServerOptions::health`): it and they are serving until it
// drains. From then on nothing is, whatever is set, and watchers are told so before their streams end.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <weft/runtime/core_local.h>
#include <weft/runtime/sync.h>

namespace weft {

/// From any thread. Watchers of this thread's core hear of a change at once, those of others within 100 ms;
/// of changes that follow each other faster they may see the last one only.
class Health {
 public:
  Health() = default;
  Health(const Health&) = delete;
  Health& operator=(const Health&) = delete;

  /// "": the server as a whole. A name that the server does not have is known from then on.
  void set(std::string_view service, bool serving);
  /// Nothing when there is no such service.
  std::optional<bool> is_serving(std::string_view service) const;
  std::map<std::string, bool, std::less<>> all() const;

  /// The server's: from now on nothing is serving, until it starts anew.
  void drain() noexcept;
  void start() noexcept { draining_.store(false, std::memory_order_release); }
  bool is_draining() const noexcept { return draining_.load(std::memory_order_acquire); }

  /// Changes with each change.
  std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }
  /// In a task: waits until `version` is another than `seen`.
  Task<void> changed(std::uint64_t seen);

 private:
  void tell() noexcept;

  mutable std::mutex mutex_;
  std::map<std::string, bool, std::less<>> services_{{"", true}};
  std::atomic<std::uint64_t> version_{0};
  std::atomic<bool> draining_{false};
  CoreLocal<Event> here_;  ///< set, and reset, at a change made on this core
};

}  // namespace weft
