// Channel: a Service that sends its calls to one peer, many at once over one connection. It connects with the
// first call and again after a loss, each time looking up a name anew; a call that finds no connection fails
// at once with Reach::never_sent while the channel backs off. For one thread. Dropping it ends its calls with
// `cancelled`.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <weft/middleware/service.h>
#include <weft/runtime/sync.h>
#include <weft/transport/options.h>

namespace weft {

class Channel final : public Service {
 public:
  /// "host:port" with an IP address or a name, or "unix:/path". Before it there may be "thrift://" or
  /// "grpc://", or "thrifts://" or "grpcs://" for TLS (`ChannelOptions::tls`), verified against `host`.
  Channel(std::string target, ChannelOptions options);
  explicit Channel(std::string target) : Channel(std::move(target), ChannelOptions{}) {}
  ~Channel() override;

  /// Waits for the connection, the call's turn and its reply. What fails before the request was written says
  /// Reach::never_sent. Cancelled, it returns at once; a late reply is dropped.
  Task<Reply> call(Call call) override;
  /// Connects now, or fails with `unavailable`. For the protocol of the calls to come, which have a
  /// connection for each.
  Task<void> connect(Protocol protocol = Protocol::thrift);
  const std::string& target() const noexcept;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace weft
