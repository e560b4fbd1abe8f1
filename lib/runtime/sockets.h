// Sockets: what is done to sockets at once, without waiting for anything: those of the machine, or those of a
// simulated host. What waits goes through the Driver.
#pragma once

#include <cstdint>
#include <optional>
#include <sys/socket.h>
#include <vector>

#include <weft/runtime/address.h>
#include <weft/runtime/socket.h>

namespace weft::detail {

class Sockets {
 public:
  virtual ~Sockets() = default;

  /// A stream socket's descriptor, or a negative errno.
  virtual int open(int family) noexcept = 0;
  /// A descriptor that listens. The file of a Unix address that nobody listens on any more is replaced.
  virtual Result<int> listen(const Address& address, const ListenOptions& options) = 0;
  /// Another descriptor of the same socket, or a negative errno.
  virtual int duplicate(int descriptor) noexcept = 0;
  virtual void set_options(int socket, const SocketOptions& options) noexcept = 0;
  virtual void shutdown(int socket, int how) noexcept = 0;
  /// Sends what there is room for at once. False: not all of it.
  virtual bool send_now(int, const void*, std::size_t) noexcept { return false; }
  /// Ends the connection and drops what the peer has not acknowledged.
  virtual void reset(int socket) noexcept { shutdown(socket, SHUT_RDWR); }
  /// No operation may be in flight.
  virtual void close(int descriptor) noexcept = 0;
  /// Frees the name of a Unix address.
  virtual void remove(const Address& address) noexcept = 0;

  virtual Address local_address(int socket) const = 0;
  virtual Address peer_address(int socket) const = 0;
  /// Bytes sent that the peer has acknowledged; 0 where nobody says.
  virtual std::uint64_t acknowledged(int socket) const noexcept = 0;
  /// What is known without asking anybody who may be slow; empty: there is no such host.
  virtual std::optional<std::vector<Address>> look_up(const HostPort&) { return std::nullopt; }
};

/// The kernel's.
Sockets& machine_sockets() noexcept;
/// Those of this thread's loop; the kernel's where there is none.
Sockets& sockets() noexcept;

}  // namespace weft::detail
