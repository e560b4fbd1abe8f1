#include "sockets.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fmt/format.h>

#include <weft/runtime/loop.h>

#include "driver.h"

namespace weft::detail {
namespace {

constexpr long long keepalive_max = 32'767;  // seconds; the kernel takes no more

void set_option(int descriptor, int level, int option, int value) {
  setsockopt(descriptor, level, option, &value, sizeof value);
}

Address name_of(int descriptor, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (ask(descriptor, reinterpret_cast<sockaddr*>(&storage), &size) != 0) size = 0;
  return Address::from(reinterpret_cast<sockaddr*>(&storage), size);
}

/// The file of a Unix address; null for others.
const char* path_of(const Address& address) {
  if (!address.is_unix()) return nullptr;
  const char* path = reinterpret_cast<const sockaddr_un&>(*address.data()).sun_path;
  return *path ? path : nullptr;
}

/// A socket's file whose server is gone is in the way of the next one; that of a living server must not be
/// taken away.
Status clear_the_way(const Address& address, const char* path) {
  struct stat status;
  if (::stat(path, &status) != 0 || !S_ISSOCK(status.st_mode)) return {};
  int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool alive = ::connect(probe, address.data(), address.size()) == 0 || errno == EAGAIN;
  ::close(probe);
  if (alive) return from_errno(EADDRINUSE, fmt::format("listen on {}", address.to_string()));
  ::unlink(path);
  return {};
}

/// With SO_REUSEPORT a second server would start on the port of the first and take half of its connections. A
/// socket without that option finds out.
Status check_unused(const Address& address) {
  int probe = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  set_option(probe, SOL_SOCKET, SO_REUSEADDR, 1);
  int error = ::bind(probe, address.data(), address.size()) == 0 ? 0 : errno;
  ::close(probe);
  return error ? from_errno(error, fmt::format("listen on {}", address.to_string())) : Status{};
}

class MachineSockets final : public Sockets {
 public:
  int open(int family) noexcept override {
    int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return descriptor < 0 ? -errno : descriptor;
  }

  Result<int> listen(const Address& address, const ListenOptions& options) override {
    if (const char* path = path_of(address)) {
      if (Status status = clear_the_way(address, path); !status.ok()) return status;
    } else if (!address.is_unix() && options.reuse_port && options.first) {
      if (Status status = check_unused(address); !status.ok()) return status;
    }
    int descriptor = open(address.family());
    if (descriptor < 0) return from_errno(-descriptor, "socket");
    if (!address.is_unix()) {
      set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
      if (options.reuse_port) set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    }
    if (::bind(descriptor, address.data(), address.size()) == 0 && ::listen(descriptor, options.backlog) == 0)
      return descriptor;
    Status status = from_errno(errno, fmt::format("listen on {}", address.to_string()));
    ::close(descriptor);
    return status;
  }

  int duplicate(int descriptor) noexcept override {
    int copy = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? -errno : copy;
  }

  void set_options(int socket, const SocketOptions& options) noexcept override {
    if (options.no_delay) set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);  // not a TCP socket: no harm
    if (options.user_timeout.count() > 0)
      set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(options.user_timeout.count()));
    if (options.keepalive.count() > 0) {
      auto idle = static_cast<int>(std::min<long long>(options.keepalive.count(), keepalive_max));
      set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, idle);
      set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, std::max(idle / 3, 1));
      set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 3);
      set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    }
  }

  void shutdown(int socket, int how) noexcept override { ::shutdown(socket, how); }
  bool send_now(int socket, const void* data, std::size_t size) noexcept override {
    return ::send(socket, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(size);
  }
  void reset(int socket) noexcept override {
    sockaddr nobody{};
    nobody.sa_family = AF_UNSPEC;
    if (::connect(socket, &nobody, sizeof nobody) != 0) ::shutdown(socket, SHUT_RDWR);
  }
  void close(int descriptor) noexcept override { ::close(descriptor); }
  void remove(const Address& address) noexcept override {
    if (const char* path = path_of(address)) ::unlink(path);
  }

  Address local_address(int socket) const override { return name_of(socket, &::getsockname); }
  Address peer_address(int socket) const override { return name_of(socket, &::getpeername); }
  std::uint64_t acknowledged(int socket) const noexcept override {
    tcp_info info{};
    socklen_t size = sizeof info;
    return getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_acked : 0;
  }
};

}  // namespace

Sockets& machine_sockets() noexcept {
  static MachineSockets sockets;
  return sockets;
}

Sockets& sockets() noexcept {
  Loop* loop = Loop::current();
  return loop ? loop->driver().sockets() : machine_sockets();
}

}  // namespace weft::detail
