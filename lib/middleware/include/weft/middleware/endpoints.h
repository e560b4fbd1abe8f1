// Endpoints: who could answer. A handle on a set that all copies share; whoever found them may replace them,
// and a balancer sees the new ones with its next call. Not for two threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <weft/middleware/service.h>

namespace weft {

struct Endpoint {
  std::string address{};  ///< for people: logs, metrics, messages
  ServicePtr service{};   ///< usually a channel
};

class Endpoints {
 public:
  Endpoints() : Endpoints(std::vector<Endpoint>{}) {}
  Endpoints(std::initializer_list<Endpoint> list) : Endpoints(std::vector<Endpoint>{list}) {}
  explicit Endpoints(std::vector<Endpoint> list) : set_(std::make_shared<Set>(std::move(list))) {}

  const std::vector<Endpoint>& list() const noexcept { return set_->list; }
  /// Another one after each change: cheap to ask before each call.
  std::uint64_t version() const noexcept { return set_->version; }

  /// From now on these. What a balancer has learned stays with those that stay; calls to others just end.
  void replace(std::vector<Endpoint> list) {
    set_->list = std::move(list);
    ++set_->version;
  }

 private:
  struct Set {
    explicit Set(std::vector<Endpoint> list) : list(std::move(list)) {}
    std::vector<Endpoint> list;
    std::uint64_t version = 1;
  };
  std::shared_ptr<Set> set_;
};

}  // namespace weft
