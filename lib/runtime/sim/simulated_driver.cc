#include "simulated_driver.h"

#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>

#include <weft/runtime/tasks.h>

namespace weft::detail {
namespace {

Address with_port(const Address& address, std::uint16_t port) {
  sockaddr_storage storage{};
  std::memcpy(&storage, address.data(), address.size());
  if (address.family() == AF_INET)
    reinterpret_cast<sockaddr_in&>(storage).sin_port = htons(port);
  else
    reinterpret_cast<sockaddr_in6&>(storage).sin6_port = htons(port);
  return Address::from(reinterpret_cast<sockaddr*>(&storage), address.size());
}

/// Whether who listens there is meant by `target`, on the same host.
bool reaches(const Address& listener, const Address& target) {
  if (listener.is_unix() || target.is_unix()) return listener.to_string() == target.to_string();
  if (listener.port() != target.port()) return false;
  return is_any(listener) || listener.to_string() == target.to_string() ||
         (is_loopback(listener) && is_loopback(target) && listener.family() == target.family());
}

}  // namespace

SimulatedDriver::SimulatedDriver(Network& network, HostId host, Disk& disk)
    : network_(network), host_(host), disk_(disk) {
  network_.driver(host) = this;
}

SimulatedDriver::~SimulatedDriver() {
  leave();
  assert(in_flight_ == 0);
}

void SimulatedDriver::leave_time() noexcept {
  if (has_own_time_) return;
  own_now_ = network_.world.now;
  has_own_time_ = true;
  // The disk does at once what it was asked for, if it still can.
  for (auto& asking : std::exchange(asking_disk_, {})) {
    Operation& operation = *std::exchange(asking->operation, nullptr);
    complete(operation, is_gone_ ? -EIO : ask_disk(asking->request));
  }
}

void SimulatedDriver::leave() {
  if (is_gone_) return;
  is_gone_ = true;
  leave_time();
  network_.driver(host_) = nullptr;
  for (Descriptor& descriptor : descriptors_) {
    if (descriptor.connection) {
      End& end = descriptor.connection->end(descriptor.side);
      for (Operation* operation : {end.connect, end.send, end.receive})
        if (operation) complete(*operation, -ECONNRESET);
      descriptor.connection->crash(descriptor.side);
    } else if (descriptor.listener) {
      if (Operation* operation = std::exchange(descriptor.listener->accept, nullptr))
        complete(*operation, -ENETDOWN);
      for (auto& connection : descriptor.listener->waiting) connection->crash(1);
      descriptor.listener->waiting.clear();
    }
  }
}

void SimulatedDriver::complete(Operation& operation, Completion completion) {
  done_.push_back({&operation, std::move(completion)});
}

void SimulatedDriver::wait(Instant until) {
  woken_ = false;
  if (has_own_time_ && done_.empty() && until > own_now_) {
    if (until.is_never()) {
      std::fprintf(stderr, "weft: a simulated host is down, and its tasks do not end: %s",
                   describe_tasks().c_str());
      std::abort();
    }
    own_now_ = until;
  }
  // What is done meanwhile is for the next turn.
  for (std::size_t count = done_.size(); count; --count) {
    auto [operation, completion] = std::move(done_.front());
    done_.pop_front();
    if (!completion.more) {
      operation->in_flight = false;
      --in_flight_;
    }
    operation->complete(*operation, std::move(completion));
  }
}

SimulatedDriver::Descriptor& SimulatedDriver::begin(Operation& operation, int descriptor) noexcept {
  operation.descriptor = descriptor;
  operation.in_flight = true;
  operation.cancelled = false;
  ++in_flight_;
  return descriptors_[static_cast<std::size_t>(descriptor)];
}

int SimulatedDriver::add(Descriptor descriptor) {
  descriptor.is_open = true;
  for (std::size_t index = 0; index < descriptors_.size(); ++index) {
    if (descriptors_[index].is_open) continue;
    descriptors_[index] = std::move(descriptor);
    return static_cast<int>(index);
  }
  descriptors_.push_back(std::move(descriptor));
  return static_cast<int>(descriptors_.size() - 1);
}

void SimulatedDriver::accept(Operation& operation, int listener) {
  Descriptor& descriptor = begin(operation, listener);
  if (is_gone_ || descriptor.listener->is_shut) return complete(operation, -EINVAL);
  descriptor.listener->accept = &operation;
  accept_waiting(*descriptor.listener);
}

void SimulatedDriver::accept_waiting(Accepting& listener) {
  while (listener.accept && !listener.waiting.empty()) {
    auto connection = std::move(listener.waiting.front());
    listener.waiting.pop_front();
    complete(*listener.accept, {add({.connection = std::move(connection), .side = 1}), true, {}});
  }
}

Answer SimulatedDriver::offer(std::shared_ptr<Connection> connection, const Address& target) {
  std::vector<std::shared_ptr<Accepting>> possible;
  for (auto& each : listeners_)
    if (auto listener = each.lock(); listener && !listener->is_shut && reaches(listener->address, target))
      possible.push_back(std::move(listener));
  if (possible.empty()) return Answer::refused;
  Accepting& listener = *possible[network_.world.random.below(static_cast<std::uint32_t>(possible.size()))];
  if (listener.waiting.size() >= listener.backlog) return Answer::silence;
  End& end = connection->end(1);
  end.driver = this;
  listener.waiting.push_back(std::move(connection));
  accept_waiting(listener);
  return Answer::accepted;
}

void SimulatedDriver::receive(Operation& operation, int socket) {
  operation.receiving = true;
  Descriptor& descriptor = begin(operation, socket);
  if (is_gone_) return complete(operation, -ECONNRESET);
  descriptor.connection->receive(descriptor.side, operation);
}

void SimulatedDriver::begin_send(Operation& operation, int socket, const iovec* vector, std::size_t count) {
  Descriptor& descriptor = begin(operation, socket);
  if (is_gone_) return complete(operation, -ECONNRESET);
  descriptor.connection->send(descriptor.side, operation, vector, count);
}

void SimulatedDriver::send(Operation& operation, int socket, const msghdr& message) {
  begin_send(operation, socket, message.msg_iov, message.msg_iovlen);
}

void SimulatedDriver::send(Operation& operation, int socket, const void* data, std::size_t size) {
  iovec part{const_cast<void*>(data), size};
  begin_send(operation, socket, &part, 1);
}

void SimulatedDriver::connect(Operation& operation, int socket, const sockaddr* address, socklen_t size) {
  Descriptor& descriptor = begin(operation, socket);
  if (is_gone_) return complete(operation, -ENETDOWN);
  Address target = Address::from(address, size);
  auto connection = std::make_shared<Connection>(network_, network_.next_connection());
  End& end = connection->end(0);
  end.driver = this;
  end.host = host_;
  end.address = target.is_unix()      ? Address{}
                : is_loopback(target) ? with_port(target, next_port_)
                                      : Network::address(host_, next_port_);
  next_port_ = next_port_ == 60999 ? 32768 : next_port_ + 1;
  descriptor.connection = connection;
  descriptor.side = 0;
  connection->connect(operation, target);
}

void SimulatedDriver::file(Operation& operation, const FileRequest& request) {
  operation.descriptor = -1;
  operation.in_flight = true;
  operation.cancelled = false;
  ++in_flight_;
  if (has_own_time_) return complete(operation, is_gone_ ? -EIO : ask_disk(request));
  auto asking = std::make_shared<AskingDisk>(&operation, request);
  asking_disk_.push_back(asking);
  World& world = network_.world;
  world.at(world.now + disk_.time_of(request, world.random), [this, asking] {
    if (!asking->operation) return;  // and this is gone, too
    std::erase(asking_disk_, asking);
    Operation& operation = *asking->operation;
    // Once it has begun nothing ends it early.
    bool ends_early = operation.cancelled && network_.world.random.below(2) == 0;
    complete(operation, ends_early ? -ECANCELED : ask_disk(asking->request));
  });
}

int SimulatedDriver::ask_disk(const FileRequest& request) {
  using Kind = FileRequest::Kind;
  switch (request.kind) {
    case Kind::open: {
      auto opened = std::make_shared<OpenedFile>();
      if (int error = disk_.name(request, *opened)) return error;
      network_.world.note("{} opens {}", network_.name(host_), request.path);
      return add({.file = std::move(opened)});
    }
    case Kind::rename:
    case Kind::remove: {
      OpenedFile none;
      network_.world.note("{} renames or removes {}", network_.name(host_), request.path);
      return disk_.name(request, none);
    }
    case Kind::close:
      close(request.file);
      return 0;
    default:
      break;
  }
  int result = disk_.perform(request, *descriptors_[static_cast<std::size_t>(request.file)].file);
  network_.world.note("{}: file request {}: {}", network_.name(host_), static_cast<int>(request.kind),
                      result);
  return result;
}

void SimulatedDriver::cancel(Operation& operation) {
  if (!operation.in_flight || operation.cancelled) return;
  operation.cancelled = true;
  if (operation.descriptor < 0) return;  // the disk looks at it when it gets there
  Descriptor& descriptor = descriptors_[static_cast<std::size_t>(operation.descriptor)];
  if (descriptor.connection)
    descriptor.connection->cancel(descriptor.side, operation);
  else if (descriptor.listener && descriptor.listener->accept == &operation) {
    descriptor.listener->accept = nullptr;
    complete(operation, -ECANCELED);
  }
  // In neither place: it has its last completion already.
}

int SimulatedDriver::open(int) noexcept { return add({}); }

Result<int> SimulatedDriver::listen(const Address& address, const ListenOptions& options) {
  Address own = address;
  if (!own.is_unix() && own.port() == 0) own = with_port(own, next_port_++);
  std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
  for (auto& each : listeners_)
    if (auto other = each.lock(); other && !other->is_shut && reaches(other->address, own) &&
                                  (own.is_unix() || !options.reuse_port || options.first))
      return from_errno(EADDRINUSE, fmt::format("listen on {}", address.to_string()));
  if (network_.owner(own, host_) != host_)
    return from_errno(EADDRNOTAVAIL, fmt::format("listen on {}", address.to_string()));
  auto listener = std::make_shared<Accepting>(own, static_cast<std::size_t>(options.backlog));
  listener->is_shut = is_gone_;
  listeners_.push_back(listener);
  return add({.listener = std::move(listener)});
}

int SimulatedDriver::duplicate(int descriptor) noexcept {
  (void)descriptor;  // a host has one loop, with which nobody shares a listener
  return -EOPNOTSUPP;
}

void SimulatedDriver::set_options(int socket, const SocketOptions& options) noexcept {
  Descriptor& descriptor = descriptors_[static_cast<std::size_t>(socket)];
  if (descriptor.connection) descriptor.connection->set_options(descriptor.side, options);
}

void SimulatedDriver::shutdown(int socket, int how) noexcept {
  Descriptor& descriptor = descriptors_[static_cast<std::size_t>(socket)];
  if (descriptor.connection && !is_gone_) descriptor.connection->shutdown(descriptor.side, how);
  if (!descriptor.listener) return;
  Accepting& listener = *descriptor.listener;
  listener.is_shut = true;
  if (Operation* operation = std::exchange(listener.accept, nullptr)) complete(*operation, -EINVAL);
  for (auto& connection : std::exchange(listener.waiting, {})) {
    connection->reset_other(1);
    connection->crash(1);
  }
}

bool SimulatedDriver::send_now(int socket, const void* data, std::size_t size) noexcept {
  Descriptor& descriptor = descriptors_[static_cast<std::size_t>(socket)];
  if (!descriptor.connection || is_gone_) return false;
  return descriptor.connection->send_now(descriptor.side,
                                         Bytes{std::string_view{static_cast<const char*>(data), size}});
}

void SimulatedDriver::close(int number) noexcept {
  Descriptor descriptor = std::exchange(descriptors_[static_cast<std::size_t>(number)], {});
  if (descriptor.connection) descriptor.connection->close(descriptor.side);
  if (descriptor.file && descriptor.file->inode && descriptor.file->inode->locked_by == descriptor.file.get())
    descriptor.file->inode->locked_by = nullptr;
}

Address SimulatedDriver::local_address(int socket) const {
  const Descriptor& descriptor = descriptors_[static_cast<std::size_t>(socket)];
  if (descriptor.listener) return descriptor.listener->address;
  return descriptor.connection ? descriptor.connection->end(descriptor.side).address : Address{};
}

Address SimulatedDriver::peer_address(int socket) const {
  const Descriptor& descriptor = descriptors_[static_cast<std::size_t>(socket)];
  return descriptor.connection ? descriptor.connection->end(1 - descriptor.side).address : Address{};
}

std::uint64_t SimulatedDriver::acknowledged(int socket) const noexcept {
  const Descriptor& descriptor = descriptors_[static_cast<std::size_t>(socket)];
  return descriptor.connection ? descriptor.connection->end(descriptor.side).acknowledged : 0;
}

std::optional<std::vector<Address>> SimulatedDriver::look_up(const HostPort& name) {
  if (name.host == "localhost") return std::vector{*Address::parse(fmt::format("127.0.0.1:{}", name.port))};
  for (HostId host = 0; host < network_.count(); ++host)
    if (network_.name(host) == name.host) return std::vector{Network::address(host, name.port)};
  return std::vector<Address>{};
}

}  // namespace weft::detail
