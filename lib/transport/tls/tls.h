// TLS below the connections: a handshake on a fresh Socket, after which the socket's bytes are encrypted and
// nobody above sees a difference. The only header of this folder for others; OpenSSL is not seen through it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <weft/runtime/socket.h>
#include <weft/runtime/task.h>
#include <weft/transport/tls_options.h>

namespace weft::detail {

/// What a server shows to its clients. One for all cores; for any thread.
class TlsServer {
 public:
  /// Reads the files. `protocols`: what it answers to clients that offer some by ALPN, the best first; a
  /// client that offers others only is refused. Empty: offers are not answered.
  static Result<std::shared_ptr<TlsServer>> open(ServerTls options, std::vector<std::string> protocols = {});
  virtual ~TlsServer() = default;

  /// Reads the files anew, for connections from now on. After a failure all stays as it was.
  virtual Status reload() = 0;
};

/// The handshakes of one core.
class TlsAcceptor {
 public:
  static std::unique_ptr<TlsAcceptor> make(std::shared_ptr<TlsServer> server);
  virtual ~TlsAcceptor() = default;

  /// Finds out whether the peer speaks TLS, and if so does the handshake. Returns the protocol that ALPN
  /// agreed on; empty: none, or no TLS. `silence_max`: how long a peer may say nothing, where TLS is not
  /// required. Fails where the peer cannot be served, after telling it why; `unavailable` when it just went.
  virtual Task<std::string> open(Socket* socket, Duration silence_max) = 0;
  /// Now and then: handshakes that stall make room for those that wait.
  virtual void sweep() noexcept = 0;
};

/// What a channel knows about its peer: whom to expect, and sessions to resume. For one thread.
class TlsClient {
 public:
  /// `address`: whose host the certificate must be for. `protocols`: offered by ALPN; the server must then
  /// choose one.
  static Result<std::shared_ptr<TlsClient>> open(ChannelTls options, std::string_view address,
                                                 std::vector<std::string> protocols = {});
  virtual ~TlsClient() = default;

  /// The handshake on a connected socket, of which the deadline is the caller's. Fails with `unavailable`, or
  /// as `open` does where files have changed since. Returns the protocol that ALPN agreed on.
  virtual Task<std::string> connect(Socket* socket) = 0;
};

}  // namespace weft::detail
