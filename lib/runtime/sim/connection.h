// Connection: a simulated TCP connection: two ends, and what is on its way between them.
#pragma once

#include <deque>
#include <memory>
#include <sys/uio.h>
#include <vector>

#include <weft/runtime/address.h>
#include <weft/runtime/bytes.h>

#include "../driver.h"
#include "network.h"

namespace weft::detail {

/// One side of a connection. Its descriptor refers to it by the connection and its index there.
struct End {
  SimulatedDriver* driver = nullptr;  ///< null: not made yet, closed, or its host has crashed
  HostId host = 0;
  bool crashed = false;
  Address address;
  Duration user_timeout{};  ///< zero: the kernel's quarter of an hour
  Duration keepalive{};     ///< zero: never
  bool keeps_alive = false;
  Instant heard{};       ///< when something came from the other side
  unsigned unheard = 0;  ///< probes since then

  // What it received.
  std::deque<Bytes> arrived;
  bool end_arrived = false;
  bool read_shut = false;
  int error = 0;  ///< what broke the connection
  Operation* receive = nullptr;

  // What it sends.
  Operation* connect = nullptr;
  Operation* send = nullptr;
  std::vector<iovec> sending;
  std::size_t sending_bytes = 0;
  bool write_shut = false;
  struct Piece {
    Bytes data;
    bool end;  ///< the FIN
    Instant arrival;
  };
  std::deque<Piece> on_the_way;
  std::size_t unacknowledged = 0;
  std::uint64_t acknowledged = 0;
  unsigned tries = 0;  ///< in vain, of the first piece on the way
  Instant stuck_since{};
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Network& network, std::uint64_t id) : network_(network), id_(id) {}

  std::uint64_t id() const noexcept { return id_; }
  End& end(unsigned side) noexcept { return ends_[side]; }

  /// Side 0 looks for the listener of `target`.
  void connect(Operation& operation, Address target);
  void receive(unsigned side, Operation& operation);
  void send(unsigned side, Operation& operation, const iovec* vector, std::size_t count);
  /// False: there was no room for it.
  bool send_now(unsigned side, Bytes data);
  /// True: the operation was one of this side's, and has ended.
  bool cancel(unsigned side, Operation& operation);
  void shutdown(unsigned side, int how);
  void close(unsigned side);
  void crash(unsigned side);
  void break_with(unsigned side, int error);
  /// To the other side, from `side`: RST.
  void reset_other(unsigned side);
  void established();
  void set_options(unsigned side, const SocketOptions& options);

 private:
  void look_for_listener(Address target, unsigned tries);
  void send_some(unsigned side);
  void put_on_the_way(unsigned side, Bytes data, bool end);
  void expect_first(unsigned side, Instant when);
  void first_arrives(unsigned side);
  void hand_over(unsigned side);
  void acknowledge(unsigned side, std::size_t bytes, Instant since);
  Duration user_timeout(const End& end) const;
  void keep_alive(unsigned side);
  bool is_refused(unsigned side) const noexcept;

  Network& network_;
  std::uint64_t id_;
  End ends_[2];
};

}  // namespace weft::detail
