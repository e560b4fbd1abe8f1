// Names of hosts: from "example.com:9000" to addresses, and to a connected socket.
//
// Names are looked up by the system (`getaddrinfo`: /etc/hosts, DNS, whatever nsswitch.conf says) on the
// threads of `blocking`, each time anew; what is an address already takes no thread.
#pragma once

#include <string>
#include <vector>

#include <weft/runtime/address.h>
#include <weft/runtime/socket.h>
#include <weft/runtime/task.h>

namespace weft {

/// At least one, in the order in which to try them: as the system sorts them, IPv6 and IPv4 by turns. Fails
/// with `invalid_argument` for what can be no address, and with `unavailable` and Reach::never_sent when
/// nobody knows the name. Cancelled, it returns at once.
Task<std::vector<Address>> resolve(std::string target);

/// Resolves and connects to the first address that answers. The next one is tried when one has failed, or has
/// not answered for 250 ms (RFC 8305, "happy eyeballs"); the others are closed. Fails as the first address
/// did.
Task<Socket> connect_socket(std::string target, SocketOptions options = {});
/// The same for addresses that are known.
Task<Socket> connect_socket(std::vector<Address> addresses, SocketOptions options = {});

}  // namespace weft
