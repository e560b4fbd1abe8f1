#include "network.h"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>

namespace weft::detail {
namespace {

const in_addr& ipv4(const Address& address) {
  return reinterpret_cast<const sockaddr_in*>(address.data())->sin_addr;
}
const in6_addr& ipv6(const Address& address) {
  return reinterpret_cast<const sockaddr_in6*>(address.data())->sin6_addr;
}

constexpr std::uint32_t first_host = 0x0a000001;  // 10.0.0.1

}  // namespace

Address Network::address(HostId host, std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(first_host + host);
  return Address::from(reinterpret_cast<const sockaddr*>(&in), sizeof in);
}

HostId Network::owner(const Address& address, HostId from) const {
  if (address.is_unix() || is_loopback(address) || is_any(address)) return from;
  if (address.family() != AF_INET) return nobody;
  std::uint32_t host = ntohl(ipv4(address).s_addr) - first_host;
  return host < count() ? host : nobody;
}

bool is_loopback(const Address& address) noexcept {
  if (address.family() == AF_INET) return ntohl(ipv4(address).s_addr) >> 24 == 127;
  return address.family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&ipv6(address));
}

bool is_any(const Address& address) noexcept {
  if (address.family() == AF_INET) return ipv4(address).s_addr == 0;
  return address.family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&ipv6(address));
}

}  // namespace weft::detail
