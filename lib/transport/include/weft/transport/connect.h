// Ways to a peer: a connected client of a generated service, a channel for the end of a stack, endpoints to
// balance over.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include <weft/middleware/endpoints.h>
#include <weft/transport/channel.h>

namespace weft {

/// A channel as the innermost part of a stack: `stack(Timeout{200ms}, channel("greeter:9000"))`. It
/// connects with the first call; a bad address is reported by each call.
ServicePtr channel(std::string_view address, const ChannelOptions& options);
// Not a default argument, here and below: g++ 12 destroys an aggregate temporary of a co_await expression
// twice.
inline ServicePtr channel(std::string_view address) { return channel(address, ChannelOptions{}); }

/// One channel for each address, for `Balance`.
Endpoints endpoints(std::initializer_list<std::string_view> addresses, const ChannelOptions& options);
inline Endpoints endpoints(std::initializer_list<std::string_view> addresses) {
  return endpoints(addresses, ChannelOptions{});
}

namespace detail {
Task<ServicePtr> connect_service(std::string address, ChannelOptions options, Protocol protocol);
}

/// `auto greeter = co_await connect<hello::Greeter>("127.0.0.1:9000");`
template <class S>
Task<typename S::Client> connect(std::string address, ChannelOptions options) {
  ServicePtr service = co_await detail::connect_service(std::move(address), options, S::info().protocol);
  co_return typename S::Client{std::move(service)};
}
template <class S>
Task<typename S::Client> connect(std::string address) {
  return connect<S>(std::move(address), ChannelOptions{});
}

}  // namespace weft
