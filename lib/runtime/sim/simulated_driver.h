// SimulatedDriver: what a host's loop runs on from one boot to the next crash: its descriptors, and the
// completions that wait for its next turn.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "../driver.h"
#include "connection.h"
#include "disk.h"
#include "network.h"

namespace weft::detail {

/// Of a host to somebody who wants to connect.
enum class Answer { accepted, refused, silence };

class SimulatedDriver final : public Driver, private Sockets {
 public:
  SimulatedDriver(Network& network, HostId host, Disk& disk);
  ~SimulatedDriver() override;

  // Driver
  Instant now() noexcept override { return has_own_time_ ? own_now_ : network_.world.now; }
  Sockets& sockets() noexcept override { return *this; }
  void accept(Operation& operation, int listener) override;
  void receive(Operation& operation, int socket) override;
  void send(Operation& operation, int socket, const msghdr& message) override;
  void send(Operation& operation, int socket, const void* data, std::size_t size) override;
  void connect(Operation& operation, int socket, const sockaddr* address, socklen_t size) override;
  void file(Operation& operation, const FileRequest& request) override;
  void cancel(Operation& operation) override;
  /// Completes what is due. Does not wait, unless the host is cut off for good.
  void wait(Instant until) override;
  void wake() noexcept override { woken_ = true; }
  std::size_t in_flight() const noexcept override { return in_flight_; }
  bool is_simulated() const noexcept override { return true; }

  // For the simulation.
  bool has_work() const noexcept { return woken_ || !done_.empty(); }
  /// The host is gone: its connections are dead, nothing more gets out or in, and its time is its own.
  void leave();
  /// From here on its time is its own: what it still waits for is over at once.
  void leave_time() noexcept;

  // For connections.
  void complete(Operation& operation, Completion completion);
  void complete(Operation& operation, int last_result) { complete(operation, {last_result, false, {}}); }
  /// Somebody wants to connect to `target`, an address of this host.
  Answer offer(std::shared_ptr<Connection> connection, const Address& target);

 private:
  struct Accepting {
    Address address;
    std::size_t backlog;
    std::deque<std::shared_ptr<Connection>> waiting{};
    Operation* accept = nullptr;
    bool is_shut = false;
  };
  /// What a descriptor stands for: a listener, an end of a connection, a file, or a socket that is nothing
  /// yet.
  struct Descriptor {
    bool is_open = false;
    std::shared_ptr<Accepting> listener{};
    std::shared_ptr<Connection> connection{};
    unsigned side = 0;
    std::shared_ptr<OpenedFile> file{};
  };
  /// A file request on its way to the disk.
  struct AskingDisk {
    Operation* operation;  ///< null: the host is gone
    FileRequest request;
  };
  struct Done {
    Operation* operation;
    Completion completion;
  };

  // Sockets
  int open(int family) noexcept override;
  Result<int> listen(const Address& address, const ListenOptions& options) override;
  int duplicate(int descriptor) noexcept override;
  void set_options(int socket, const SocketOptions& options) noexcept override;
  void shutdown(int socket, int how) noexcept override;
  bool send_now(int socket, const void* data, std::size_t size) noexcept override;
  void close(int descriptor) noexcept override;
  void remove(const Address&) noexcept override {}
  Address local_address(int socket) const override;
  Address peer_address(int socket) const override;
  std::uint64_t acknowledged(int socket) const noexcept override;
  std::optional<std::vector<Address>> look_up(const HostPort& name) override;

  Descriptor& begin(Operation& operation, int descriptor) noexcept;
  int add(Descriptor descriptor);
  void accept_waiting(Accepting& listener);
  int ask_disk(const FileRequest& request);
  void begin_send(Operation& operation, int socket, const iovec* vector, std::size_t count);

  Network& network_;
  HostId host_;
  Disk& disk_;
  std::vector<Descriptor> descriptors_;
  std::vector<std::weak_ptr<Accepting>> listeners_;
  std::vector<std::shared_ptr<AskingDisk>> asking_disk_;
  std::deque<Done> done_;
  std::size_t in_flight_ = 0;
  std::uint16_t next_port_ = 32768;
  bool woken_ = false;
  bool is_gone_ = false;
  bool has_own_time_ = false;
  Instant own_now_{};
};

}  // namespace weft::detail
