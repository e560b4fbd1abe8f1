// Call and Reply: one remote call as data. Middleware sees these, with the payload encoded: a retry sends the same
// bytes again, and a server can refuse a call before it decodes it. Copying a Call shares its payload.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/clock.h>

namespace weft {

/// What the IDL says about a method. Generated code holds one constant for each; it is compared by address.
struct Method {
  std::string_view service;  ///< "hello.Greeter"
  std::string_view name;     ///< "say_hello"
  bool oneway = false;       ///< nobody answers
  bool idempotent = false;   ///< may be sent again when its fate is unknown
};

/// Names and values that travel beside the payload, where the protocol has a place for them. Names may repeat.
class Metadata {
 public:
  using Entry = std::pair<std::string, std::string>;

  void add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }
  /// The first value of `name`; null when there is none.
  const std::string* find(std::string_view name) const noexcept {
    for (const Entry& entry : entries_)
      if (entry.first == name) return &entry.second;
    return nullptr;
  }
  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

class Call {
 public:
  Call(const Method& method, Chain payload) : payload(std::move(payload)), method_(&method) {}

  const Method& method() const noexcept { return *method_; }

  Chain payload;          ///< the encoded arguments
  Metadata metadata;
  std::uint32_t attempt = 0;  ///< 0 for the first; set by retry and hedging

 private:
  const Method* method_;
};

struct Reply {
  Chain payload;      ///< the encoded result, a declared exception included
  Metadata metadata;
  bool declared_exception = false;  ///< the payload holds one. Known on the side that encoded it
};

}  // namespace weft
