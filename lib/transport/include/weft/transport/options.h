// Every limit and time of servers and channels: name, unit, default. A limit is checked before memory is
// taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <weft/runtime/clock.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/socket.h>
#include <weft/transport/tls_options.h>

namespace weft {

/// Which core serves a new connection.
enum class ServerAccept : std::uint8_t {
  hashed,    ///< the one that the kernel gives it to: by a hash of the addresses, blind to what each has
             ///< already; of a Unix socket any that is awake
  balanced,  ///< the one with the fewest connections, when the one that the kernel gave it to has noticeably
             ///< more: more at all up to 8, an eighth more beyond. It then goes there once, by a message
             ///< between the cores
};

struct ServerOptions {
  std::string listen = "127.0.0.1:9000";  ///< "host:port", ":port" for all interfaces, "unix:/path"; port 0:
                                          ///< any. With "thrifts://" or "grpcs://" before it, `tls.required`
  unsigned cores = 0;  ///< loops, each on a thread of its own; 0: one for each usable CPU
  bool pin = true;     ///< each loop to one CPU
  ServerAccept accept = ServerAccept::balanced;

  std::size_t connections_max = 16'384;     ///< of each core; further ones are closed at once, but `balanced`
                                            ///< goes to a core with room first
  std::size_t calls_in_flight_max = 1'024;  ///< of a connection; further requests wait unread
  std::size_t frame_max = 16'384'000;       ///< bytes of a request or reply; Apache Thrift's own default
  std::size_t send_buffered_max =
      1 << 20;  ///< bytes of replies a peer has not taken, before it is read no further
  std::size_t receive_buffered_core_max =
      64 << 20;  ///< bytes of unfinished frames on a core; more wait their turn
  std::size_t send_buffered_core_max =
      64 << 20;  ///< bytes of untaken replies on a core; then peers that take none are disconnected; beyond
                 ///< twice that only methods with small replies are called, beyond thrice none

  Duration frame_timeout = std::chrono::seconds(30);  ///< to finish a frame once it began
  Duration idle_timeout = std::chrono::hours(1);      ///< without a call; zero: never
  Duration drain_timeout = std::chrono::seconds(30);  ///< for the calls in flight when the server is stopped

  SocketOptions socket{};
  LoopOptions loop{};  ///< of each core
  ServerTls tls{};     ///< without certificates: none
};

struct ChannelOptions {
  Duration connect_timeout = std::chrono::seconds(2);  ///< the TLS handshake included
  Duration call_timeout = std::chrono::seconds(5);     ///< of calls that inherit no deadline; zero: none
  Duration reconnect_backoff =
      std::chrono::milliseconds(100);  ///< after a failed connection; calls fail meanwhile
  Duration reconnect_backoff_max =
      std::chrono::seconds(10);  ///< it grows by 1.6 each time, plus or minus a fifth

  std::size_t calls_in_flight_max = 1'024;  ///< further calls wait; at most 65,536
  std::size_t frame_max = 16'384'000;       ///< bytes of a request or reply
  std::size_t send_buffered_max = 4 << 20;  ///< bytes written that the peer has not taken, before calls wait

  SocketOptions socket{};
  ChannelTls tls{};
};

}  // namespace weft
