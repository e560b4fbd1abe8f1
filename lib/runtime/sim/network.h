// Network: the links between simulated hosts, and who is up.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <weft/runtime/address.h>
#include <weft/runtime/sim.h>

#include "world.h"

namespace weft::detail {

class SimulatedDriver;

using HostId = unsigned;

struct Link {
  LinkOptions options;
  bool is_cut = false;
  Instant free_at{};  ///< when the last byte that was sent has left
};

class Network {
 public:
  Network(World& world, const LinkOptions& options) : world(world), options_(options) {}

  World& world;

  HostId add(std::string name) {
    hosts_.push_back({std::move(name), nullptr});
    return static_cast<HostId>(hosts_.size() - 1);
  }
  const std::string& name(HostId host) const { return hosts_[host].name; }
  /// What a host runs on; null while it is down.
  SimulatedDriver*& driver(HostId host) { return hosts_[host].driver; }
  HostId count() const noexcept { return static_cast<HostId>(hosts_.size()); }

  Link& link(HostId from, HostId to) {
    auto [found, fresh] = links_.try_emplace({from, to});
    if (fresh) found->second.options = from == to ? loopback() : options_;
    return found->second;
  }
  /// How long something of that size takes that is sent now.
  Duration delay(HostId from, HostId to, std::size_t bytes) {
    Link& way = link(from, to);
    const LinkOptions& options = way.options;
    way.free_at = std::max(way.free_at, world.now);
    if (options.bandwidth) way.free_at = way.free_at + Duration(bytes * 1'000'000'000 / options.bandwidth);
    auto jitter =
        static_cast<std::int64_t>(world.random.between(0, 1) * static_cast<double>(options.jitter.count()));
    return way.free_at - world.now + options.latency + Duration(jitter);
  }
  std::uint64_t next_connection() noexcept { return ++connections_; }
  bool is_cut(HostId from, HostId to) { return link(from, to).is_cut; }

  /// 10.0.0.1 and so on, with the port.
  static Address address(HostId host, std::uint16_t port);
  /// Which host has it, seen from `from`; `nobody` when none has.
  HostId owner(const Address& address, HostId from) const;
  static constexpr HostId nobody = ~0u;

 private:
  struct Entry {
    std::string name;
    SimulatedDriver* driver;
  };
  static LinkOptions loopback() {
    return {.latency = std::chrono::microseconds(10), .jitter = Duration::zero()};
  }

  LinkOptions options_;
  std::vector<Entry> hosts_;
  std::map<std::pair<HostId, HostId>, Link> links_;
  std::uint64_t connections_ = 0;
};

/// An address of the machine that asks.
bool is_loopback(const Address& address) noexcept;
/// "All interfaces".
bool is_any(const Address& address) noexcept;

}  // namespace weft::detail
