// Address: where to listen or connect: "127.0.0.1:9000", "[::1]:9000", "localhost:9000", ":9000" (all
// interfaces), "unix:/path", "unix:@abstract".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>

#include <weft/runtime/result.h>

namespace weft {

/// "host:port", taken apart.
struct HostPort {
  std::string host;  ///< without the brackets of IPv6; empty for all interfaces
  std::uint16_t port = 0;

  /// `invalid_argument` says what is wrong. Not for "unix:...".
  static Result<HostPort> split(std::string_view text);
  /// Whether it is an address already, and no name.
  bool is_numeric() const noexcept;
};

class Address {
 public:
  /// Numeric addresses and "localhost" only; `resolve` is for names. `invalid_argument` says what is wrong.
  static Result<Address> parse(std::string_view text);
  static Address from(const sockaddr* address, socklen_t size);

  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const noexcept { return size_; }
  int family() const noexcept { return storage_.ss_family; }
  bool is_unix() const noexcept { return family() == AF_UNIX; }
  /// 0 for Unix sockets.
  std::uint16_t port() const noexcept;
  std::string to_string() const;

 private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace weft
