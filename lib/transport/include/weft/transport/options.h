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

/// Of each HTTP/2 connection, what a peer may do to this side. Beyond the first three, it is sent away with
/// GOAWAY(ENHANCE_YOUR_CALM).
struct Http2Options {
  std::uint32_t streams_max = 128;           ///< calls at once; further ones are refused, to be sent again
  std::uint32_t header_list_max = 8 * 1024;  ///< bytes of names and values and 32 for each; a call with more
                                             ///< fails, the connection goes on
  Duration handshake_timeout = std::chrono::seconds(10);  ///< to say what HTTP/2 begins with
  std::uint32_t continuations_max = 8;  ///< frames that continue a header block; at most 1,000
  std::uint32_t resets_burst = 200;     ///< streams that end without an answer, beyond those that had one
  std::uint32_t resets_per_second = 100;
  std::uint32_t control_frames_burst = 2'000;  ///< frames that carry neither headers nor data
  std::uint32_t control_frames_per_second = 500;

  // Windows, in bytes. What arrives is given back to the connection's at once, and to its stream's as the
  // handler reads: so one that does not read stops its caller, and nobody else. A message that is larger than
  // its stream's window widens it to its own size when its first bytes come and somebody waits for it, since
  // it must be held as a whole; so it takes one more round trip, and no further.
  std::uint32_t stream_window = 64 * 1024;
  std::uint32_t stream_window_max = 4 << 20;
  std::uint32_t connection_window = 16 << 20;

  // PINGs that come faster are strikes, which sending data or headers forgives. Of servers only.
  Duration ping_interval_min = std::chrono::minutes(5);     ///< while calls are in flight
  Duration ping_interval_min_idle = std::chrono::hours(2);  ///< otherwise
  std::uint32_t ping_strikes_max = 2;
};

/// How messages are compressed.
enum class Compression : std::uint8_t { none, gzip, deflate };

/// Of servers, where calls come by gRPC.
struct GrpcServerOptions {
  std::size_t message_max = 4 << 20;         ///< bytes of a request's message, uncompressed
  std::size_t reply_message_max = 64 << 20;  ///< bytes of a reply's message, uncompressed
  Compression compression =
      Compression::none;  ///< of replies to callers that accept it, unless a handler says otherwise
  std::size_t compress_from = 1024;            ///< bytes; smaller messages are sent as they are
  std::size_t receive_buffered_max = 8 << 20;  ///< bytes of unread messages on a connection; beyond, one
                                               ///< stream at a time is read on
  std::size_t send_ahead_max = 64 * 1024;  ///< bytes of a stream of replies that wait for the caller's window
                                           ///< before its handler does
  Duration keepalive_time =
      std::chrono::hours(2);  ///< a silent peer is asked whether it is there; zero: never
  Duration keepalive_timeout = std::chrono::seconds(20);  ///< for its answer
  Duration connection_age_max{};  ///< after it, plus or minus a tenth, callers are sent to a new connection;
                                  ///< zero: never
  Duration connection_age_grace{};  ///< for the calls in flight then; zero: as long as they take
  bool health = true;               ///< answers grpc.health.v1, from `Server::health()`
  bool reflection = true;  ///< answers grpc.reflection, v1 and v1alpha: which services there are, and their
                           ///< files where code was generated with --descriptors
  Http2Options http2{};
};

struct ServerOptions {
  std::string listen = "127.0.0.1:9000";  ///< "host:port", ":port" for all interfaces, "unix:/path"; port 0:
                                          ///< any. With "thrifts://" or "grpcs://" before it, `tls.required`
  unsigned cores = 0;                     ///< loops, each on a thread of its own; 0: one for each usable CPU
  bool pin = true;                        ///< each loop to one CPU
  ServerAccept accept = ServerAccept::balanced;

  std::size_t connections_max = 16'384;     ///< of each core; further ones are closed at once, but `balanced`
                                            ///< goes to a core with room first
  std::size_t calls_in_flight_max = 1'024;  ///< of a connection; further requests wait unread
  std::size_t frame_max = 16'384'000;       ///< bytes of a request or reply; Apache Thrift's own default
  std::size_t send_buffered_max =
      1 << 20;  ///< bytes of replies a peer has not taken, before it is read no further
  std::size_t receive_buffered_core_max =
      12 << 20;  ///< bytes of unfinished frames and unread messages on a core; more wait their turn
  std::size_t send_buffered_core_max =
      6 << 20;  ///< bytes of untaken replies on a core; then peers that take none are disconnected; beyond
                ///< twice that (gRPC: one and a half) only methods with small replies are called, beyond
                ///< thrice and a frame (gRPC: twice) none

  Duration frame_timeout = std::chrono::seconds(30);  ///< to finish a frame once it began
  Duration idle_timeout = std::chrono::hours(1);      ///< without a call; zero: never
  Duration drain_timeout = std::chrono::seconds(30);  ///< for the calls in flight when the server is stopped

  GrpcServerOptions grpc{};
  SocketOptions socket{};
  LoopOptions loop{};  ///< of each core
  ServerTls tls{};     ///< without certificates: none
};

/// Of channels, for their calls by gRPC.
struct GrpcChannelOptions {
  Duration connect_timeout = std::chrono::seconds(20);   ///< in place of the channel's, as gRPC wants it
  Duration reconnect_backoff = std::chrono::seconds(1);  ///< likewise, and until the server's SETTINGS came
  Duration reconnect_backoff_max = std::chrono::seconds(120);
  bool wait_for_ready =
      false;  ///< calls wait for a connection, however often that fails, until their deadline

  std::size_t message_max = 4 << 20;            ///< bytes of a reply's message, uncompressed
  std::size_t request_message_max = 64 << 20;   ///< bytes of a request's message, uncompressed
  Compression compression = Compression::none;  ///< of requests, unless a call says otherwise
  std::size_t compress_from = 1024;             ///< bytes; smaller messages are sent as they are
  std::size_t send_ahead_max = 64 * 1024;       ///< bytes of a stream of requests that wait for the server's
                                                ///< window before the next one is asked for

  Duration keepalive_time{};  ///< a silent server is asked whether it is there; zero: never, at least 10 s
  Duration keepalive_timeout = std::chrono::seconds(20);  ///< for its answer
  bool keepalive_without_calls = false;
  std::string user_agent{};  ///< goes before Weft's own
  std::string authority{};   ///< whom the calls are for; empty: the target
  Http2Options http2{};
};

struct ChannelOptions {
  Duration connect_timeout = std::chrono::seconds(2);  ///< the TLS handshake included
  Duration call_timeout =
      std::chrono::seconds(5);  ///< of calls that inherit no deadline, unless they stream; zero: none
  Duration reconnect_backoff =
      std::chrono::milliseconds(100);  ///< after a failed connection; calls fail meanwhile
  Duration reconnect_backoff_max =
      std::chrono::seconds(10);  ///< it grows by 1.6 each time, plus or minus a fifth

  std::size_t calls_in_flight_max = 1'024;  ///< further calls wait; at most 65,536
  std::size_t frame_max = 16'384'000;       ///< bytes of a request or reply
  std::size_t send_buffered_max = 4 << 20;  ///< bytes written that the peer has not taken, before calls wait

  GrpcChannelOptions grpc{};
  SocketOptions socket{};
  ChannelTls tls{};
};

}  // namespace weft
