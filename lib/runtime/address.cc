#include <arpa/inet.h>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <sys/un.h>

#include <fmt/format.h>

#include <weft/runtime/address.h>

namespace weft {
namespace {

Status wrong(std::string_view text, std::string_view why) {
  return invalid_argument(fmt::format("address '{}': {}", text, why));
}

}  // namespace

Result<HostPort> HostPort::split(std::string_view text) {
  std::size_t colon = text.rfind(':');
  if (colon == text.npos) return wrong(text, "expected host:port or unix:/path");
  std::string_view port_text = text.substr(colon + 1);
  HostPort split;
  auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), split.port);
  if (error != std::errc() || end != port_text.data() + port_text.size() || port_text.empty())
    return wrong(text, "the port is a number from 0 to 65535");
  std::string_view host = text.substr(0, colon);
  bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  split.host = host;
  if (split.is_numeric()) return split;
  // RFC 1123, 2.1: letters, digits, hyphens, up to 255; underscores are in use too.
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
  if (bracketed || host.size() > 255 || host.find_first_not_of(allowed) != host.npos)
    return wrong(text, "the host is neither an IP address nor a name");
  return split;
}

bool HostPort::is_numeric() const noexcept {
  in6_addr any;
  return host.empty() || host == "*" || host == "localhost" || inet_pton(AF_INET, host.c_str(), &any) == 1 ||
         inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

Result<Address> Address::parse(std::string_view text) {
  Address address;
  if (text.starts_with("unix:")) {
    std::string_view path = text.substr(5);
    auto& un = reinterpret_cast<sockaddr_un&>(address.storage_);
    if (path.empty() || path.size() >= sizeof un.sun_path)
      return wrong(text, "a socket path has 1 to 107 bytes");
    un.sun_family = AF_UNIX;
    std::memcpy(un.sun_path, path.data(), path.size());
    address.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    if (path[0] == '@')
      un.sun_path[0] = '\0';  // Linux' abstract names have their length for an end
    else
      ++address.size_;
    return address;
  }
  HostPort split;
  if (auto host = HostPort::split(text))
    split = *std::move(host);
  else
    return std::move(host).status();
  std::string host = split.host == "localhost" ? "127.0.0.1" : split.host;
  if (host.empty() || host == "*") host = "0.0.0.0";
  auto& in = reinterpret_cast<sockaddr_in&>(address.storage_);
  auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage_);
  if (inet_pton(AF_INET, host.c_str(), &in.sin_addr) == 1) {
    in.sin_family = AF_INET;
    in.sin_port = htons(split.port);
    address.size_ = sizeof in;
  } else if (inet_pton(AF_INET6, host.c_str(), &in6.sin6_addr) == 1) {
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(split.port);
    address.size_ = sizeof in6;
  } else {
    return wrong(text, "an IP address is needed here, not a name");
  }
  return address;
}

Address Address::from(const sockaddr* data, socklen_t size) {
  Address address;
  std::memcpy(&address.storage_, data, std::min<std::size_t>(size, sizeof address.storage_));
  address.size_ = size;
  return address;
}

std::uint16_t Address::port() const noexcept {
  if (family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in&>(storage_).sin_port);
  if (family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(storage_).sin6_port);
  return 0;
}

std::string Address::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  switch (family()) {
    case AF_INET:
      inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage_).sin_addr, text, sizeof text);
      return fmt::format("{}:{}", text, port());
    case AF_INET6:
      inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(storage_).sin6_addr, text, sizeof text);
      return fmt::format("[{}]:{}", text, port());
    case AF_UNIX: {
      auto& un = reinterpret_cast<const sockaddr_un&>(storage_);
      std::size_t length =
          size_ > offsetof(sockaddr_un, sun_path) ? size_ - offsetof(sockaddr_un, sun_path) : 0;
      if (length && un.sun_path[0] == '\0')
        return fmt::format("unix:@{}", std::string_view(un.sun_path + 1, length - 1));
      return fmt::format("unix:{}", std::string_view(un.sun_path, strnlen(un.sun_path, length)));
    }
    default:
      return "(no address)";
  }
}

}  // namespace weft
