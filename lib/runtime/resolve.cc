#include <cstring>
#include <memory>
#include <netdb.h>

#include <fmt/format.h>

#include <weft/runtime/blocking.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/resolve.h>

#include "sockets.h"

namespace weft {
namespace {

// RFC 8305, 5: "One recommended value for a default delay is 250 milliseconds."
constexpr Duration attempt_delay = std::chrono::milliseconds(250);
constexpr std::size_t addresses_max = 32;

/// RFC 8305, 4: "interleaving the two address families".
std::vector<Address> interleave(const std::vector<Address>& sorted) {
  std::vector<Address> first, second, mixed;
  for (const Address& address : sorted)
    (address.family() == sorted.front().family() ? first : second).push_back(address);
  for (std::size_t index = 0; index < std::max(first.size(), second.size()); ++index) {
    if (index < first.size()) mixed.push_back(first[index]);
    if (index < second.size()) mixed.push_back(second[index]);
  }
  return mixed;
}

Status has_no_address(std::string_view host) {
  return unavailable(fmt::format("{} has no address", host)).with(Reach::never_sent);
}

/// Blocks.
Result<std::vector<Address>> look_up(std::string host, std::uint16_t port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error)
    return unavailable(
               fmt::format("{}: {}", host, error == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(error)))
        .with(Reach::never_sent);
  std::vector<Address> addresses;
  for (addrinfo* each = found; each && addresses.size() < addresses_max; each = each->ai_next)
    addresses.push_back(Address::from(each->ai_addr, each->ai_addrlen));
  freeaddrinfo(found);
  if (addresses.empty()) return has_no_address(host);
  return interleave(addresses);
}

/// One of several attempts to connect.
struct Attempt {
  Address address;
  Event failed;
};

Task<Socket> connect_in_turn(std::vector<std::unique_ptr<Attempt>>* attempts, std::size_t index,
                             SocketOptions options) {
  if (index > 0) {
    // When the one before has failed, or all before have had their time.
    auto turn = co_await attempt(
        within(attempt_delay * static_cast<int>(index), (*attempts)[index - 1]->failed.wait()));
    if (!turn && turn.status().code() != Code::deadline_exceeded) co_await std::move(turn).status();
  }
  auto connected = co_await attempt(connect_socket((*attempts)[index]->address, options));
  if (!connected) (*attempts)[index]->failed.set();
  co_return std::move(connected);
}

}  // namespace

Task<std::vector<Address>> resolve(std::string target) {
  auto host = HostPort::split(target);
  // Unix sockets, numbers, and what is wrong with the rest.
  if (!host || host->is_numeric()) {
    Address address = co_await Address::parse(target);
    co_return std::vector<Address>{address};
  }
  if (auto known = detail::sockets().look_up(*host)) {
    if (known->empty()) co_return has_no_address(host->host);
    co_return *std::move(known);
  }
  co_return co_await blocking(look_up, host->host, host->port);
}

Task<Socket> connect_socket(std::vector<Address> addresses, SocketOptions options) {
  if (addresses.empty()) co_await invalid_argument("there is no address to connect to");
  if (addresses.size() == 1) co_return co_await connect_socket(std::move(addresses[0]), options);
  std::vector<std::unique_ptr<Attempt>> attempts;
  std::vector<Task<Socket>> tasks;
  for (Address& address : addresses) {
    attempts.push_back(std::make_unique<Attempt>());
    attempts.back()->address = std::move(address);
  }
  for (std::size_t index = 0; index < attempts.size(); ++index)
    tasks.push_back(connect_in_turn(&attempts, index, options));
  co_return co_await race(std::move(tasks));
}

Task<Socket> connect_socket(std::string target, SocketOptions options) {
  auto addresses = co_await resolve(std::move(target));
  co_return co_await connect_socket(std::move(addresses), options);
}

}  // namespace weft
