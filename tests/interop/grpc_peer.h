// What interop-client and grpc-probe share: a client of the test service whose calls can be looked at beside
// their values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <weft/weft.h>

#include "interop.weft.h"

namespace interop {

/// What a call brought beside its value.
struct Seen {
  weft::Metadata initial;
  std::shared_ptr<weft::Metadata> trailers;  ///< of a stream: full once it is over
  bool compressed = false;                   ///< the reply came so

  /// The first trailer of a name; null when there is none.
  const std::string* trailer(std::string_view name) const {
    return trailers ? trailers->find(name) : nullptr;
  }
};

/// A middleware that says what goes with a call, and keeps what came with its reply.
struct Beside {
  weft::Metadata metadata{};
  std::shared_ptr<bool> compress{};  ///< null: as the channel does
  std::shared_ptr<Seen> seen = std::make_shared<Seen>();

  weft::Task<weft::Reply> operator()(weft::Call call, weft::Next next) const;
};

/// Values for a stream of requests, one as soon as it is given.
template <class T>
weft::Stream<T> from(std::shared_ptr<weft::Queue<T>> queue) {
  while (auto value = co_await queue->pop()) co_yield *std::move(value);
}
template <class T>
weft::Stream<T> from(std::vector<T> values) {
  for (T& value : values) co_yield std::move(value);
}

/// A payload of zeros.
grpc::testing::Payload payload_of(std::size_t size);
std::size_t size_of(const std::optional<grpc::testing::Payload>& payload);

/// "host:port", also of an IPv6 address.
std::string address_of(std::string_view host, std::string_view port);

/// `--name=value`; false when the word is another.
bool option(std::string_view word, std::string_view name, std::string_view& value);
/// The same of a number that is not negative.
bool option(std::string_view word, std::string_view name, std::size_t& value);

}  // namespace interop
