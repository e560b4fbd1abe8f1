// Socket and Listener: byte streams over TCP and Unix sockets.
//
// Reading is one await for each piece that arrives, where it arrived, in memory shared with the loop's
// receive ring; the kernel keeps filling while the task works, until `receive_ahead_max` bytes wait unread:
// then receiving stops for this socket alone. Writing only queues: all that was written during a turn of the
// loop leaves in one system call at its end. Both belong to the thread that made them. Closing (or dropping)
// one cancels what it was doing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <weft/runtime/address.h>
#include <weft/runtime/byte_filter.h>
#include <weft/runtime/bytes.h>
#include <weft/runtime/cancel.h>
#include <weft/runtime/task.h>

namespace weft {

namespace detail {
class ByteStream;
class Acceptor;
}  // namespace detail

/// `zero_copy_from`: bytes. A send of so many is read by the network card where they lie, and the memory is
/// free when the peer has acknowledged it. That gains something from about 10 KB on, over a card that can
/// gather; over the loopback device the kernel copies all the same. Only with io_uring, from Linux 6.1 on;
/// elsewhere, and beyond RLIMIT_MEMLOCK, it is copied. 0: never.
struct SocketOptions {
  bool no_delay = true;                        ///< TCP_NODELAY
  std::size_t receive_ahead_max = 256 * 1024;  ///< bytes received that nobody has taken yet
  std::chrono::milliseconds user_timeout{
      30'000};  ///< TCP_USER_TIMEOUT: unacknowledged data ends the connection; 0: off
  std::chrono::seconds keepalive{
      30};  ///< a silent peer is asked whether it is still there, then twice more at a third of it; 0: never
  std::size_t zero_copy_from = 0;
};

class Socket {
 public:
  Socket() noexcept = default;
  Socket(Socket&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(stream_, other.stream_);
    return *this;
  }
  ~Socket() { close(); }

  /// Takes over a connected descriptor.
  static Socket adopt(int descriptor, const SocketOptions& options = {});
  /// Gives up the descriptor, for another loop to `adopt`. Only before anything was received or written.
  int release() noexcept;

  class Receive final : public Suspension {
   public:
    explicit Receive(detail::ByteStream* stream) noexcept : stream_(stream) {}
    bool await_ready() noexcept;
    Bytes await_resume() noexcept;

   private:
    friend class detail::ByteStream;
    void start() noexcept override;
    void cancel() noexcept override;
    detail::ByteStream* stream_;  ///< null once it has given a piece: it may be gone when the task goes on
    Bytes piece_;
  };
  /// The next piece; empty at the end of the stream. Fails with `unavailable` when the connection is gone.
  /// One task at a time may receive. Cancelled, it loses nothing: what came is there for the next call.
  Receive receive() noexcept { return Receive{stream_}; }

  /// Nothing more is received until the next `receive` that has to wait: for who does something else first,
  /// and does not want what comes meanwhile to pile up.
  void pause() noexcept;

  /// Puts back a piece that `receive` gave, or what is left of it: it is the next one again.
  void unread(Bytes piece);
  /// From here on all bytes go through `filter`, those included that were received and not taken yet. At once
  /// receiving begins, and sending what the filter has to say. Only once, before anything was written; the
  /// filter lives as long as the connection, and failures of it are failures of the connection.
  void attach(std::unique_ptr<ByteFilter> filter);

  /// Queues bytes. On a failed or closed connection they are dropped; `receive` and `flush` tell.
  void write(Bytes bytes);
  void write(const Chain& chain);
  /// Room to write `size` bytes in place, behind what was written; then `commit` what was used of it.
  std::uint8_t* reserve(std::size_t size);
  void commit(std::size_t size) noexcept;

  class Flush final : public Suspension {
   public:
    explicit Flush(detail::ByteStream* stream) noexcept : stream_(stream) {}
    bool await_ready() noexcept;
    void await_resume() const noexcept {}

   private:
    friend class detail::ByteStream;
    friend class Socket;
    void start() noexcept override;
    void cancel() noexcept override;
    detail::ByteStream* stream_;
    std::uint64_t target_ = 0;
    Flush* next_ = nullptr;
  };
  /// Waits until the kernel has taken everything written so far.
  Flush flush() noexcept { return drain_below(0); }
  /// Waits until at most `bytes` are queued.
  Flush drain_below(std::size_t bytes) noexcept;

  /// Bytes written that the kernel has not taken yet, and those that it has taken so far.
  std::size_t unsent() const noexcept;
  std::uint64_t sent() const noexcept;
  /// Bytes that the peer has acknowledged: grows while it takes anything. 0 where the kernel does not say.
  std::uint64_t acknowledged() const noexcept;
  /// Sends what is queued and then the end of the stream; receiving goes on.
  void shutdown_write() noexcept;
  void close() noexcept;
  bool is_open() const noexcept { return stream_ != nullptr; }
  /// Why sending failed, if it did.
  const Status& send_status() const noexcept;

  Address local_address() const;
  Address peer_address() const;
  /// Who the peer proved to be; null: it did not.
  std::shared_ptr<const PeerIdentity> peer_identity() const noexcept;

 private:
  explicit Socket(detail::ByteStream* stream) noexcept : stream_(stream) {}
  detail::ByteStream* stream_ = nullptr;
};

/// Connects. Fails with `unavailable` and Reach::never_sent; the deadline is the caller's.
Task<Socket> connect_socket(Address address, SocketOptions options = {});

struct ListenOptions {
  int backlog = 1024;
  /// Several loops listen on one port, and the kernel spreads the connections. The first of them also checks
  /// that no other program listens there.
  bool reuse_port = false;
  bool first = true;
  std::size_t accept_ahead_max = 1024;  ///< connections accepted that nobody has taken yet
};

class Listener {
 public:
  Listener() noexcept = default;
  Listener(Listener&& other) noexcept : acceptor_(std::exchange(other.acceptor_, nullptr)) {}
  Listener& operator=(Listener&& other) noexcept {
    std::swap(acceptor_, other.acceptor_);
    return *this;
  }
  ~Listener() { close(); }

  /// A stale socket file in the way of a Unix address is replaced.
  static Result<Listener> open(const Address& address, const ListenOptions& options = {});
  /// Another listener on the same socket, for another thread: the kernel gives each connection to one of
  /// them.
  Result<Listener> share() const;

  class Accept final : public Suspension {
   public:
    Accept(detail::Acceptor* acceptor, const SocketOptions& options) noexcept
        : acceptor_(acceptor), options_(options) {}
    bool await_ready() noexcept;
    Socket await_resume();

   private:
    friend class detail::Acceptor;
    void start() noexcept override;
    void cancel() noexcept override;
    detail::Acceptor* acceptor_;  ///< null once it has given a connection
    int connection_ = -1;
    SocketOptions options_;
  };
  /// The next connection. Out of descriptors it waits for better times. One task at a time.
  Accept accept(const SocketOptions& options = {}) noexcept { return Accept{acceptor_, options}; }

  /// With the port that the system chose where it was 0.
  Address address() const;
  void close() noexcept;
  bool is_open() const noexcept { return acceptor_ != nullptr; }

 private:
  explicit Listener(detail::Acceptor* acceptor) noexcept : acceptor_(acceptor) {}
  detail::Acceptor* acceptor_ = nullptr;
};

}  // namespace weft
