// Session: one end of an HTTP/2 connection, driven from memory. Received pieces go in where they lie, frames
// come out into the socket's queue, bodies are linked and not copied. Frames, HPACK and the states of streams
// are libnghttp2's, which nothing but session.cc sees; floods, windows and what is late are counted here.
//
// Nothing blocks and nothing is awaited. What happens is told to a Stream or to the Listener, from within
// `receive` and `send`; both may be told to do anything in return but to die.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <weft/runtime/bytes.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/socket.h>
#include <weft/transport/options.h>
#include <weft/transport/refusals.h>

#include "error.h"
#include "flood.h"
#include "outbox.h"

struct nghttp2_session;

namespace weft::detail::http2 {

enum class Side : std::uint8_t { server, client };

/// A header or trailer. `secret`: no table of the compression may remember it. `literal`: name and value are
/// string literals.
struct Field {
  std::string_view name, value;
  bool secret = false;
  bool literal = false;
};

class Session;

/// One stream, as the end of the connection that serves or called it sees it. It must live until `closed`.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::int32_t id() const noexcept { return id_; }
  /// What was appended and has not been handed to the socket.
  const Outbox& out() const noexcept { return out_; }

 protected:
  ~Stream() = default;

 private:
  friend class Session;
  /// A field of the header block that is arriving. The views end with the call.
  virtual void field(std::string_view name, std::string_view value) = 0;
  /// The block is complete. There may be several: 1xx, headers, trailers.
  virtual void fields_end(bool end_stream) = 0;
  virtual void data(Bytes piece) = 0;
  /// The peer will send nothing more; follows `fields_end` or `data`.
  virtual void ended() = 0;
  /// Some of `out` has gone.
  virtual void out_shrunk() {}
  /// Server: all of `out` is on its way after `Session::finish`: the moment for trailers. False: there are
  /// none.
  virtual bool out_sent() { return false; }
  /// The last word. `code`: `no_error` when both sides ended it properly.
  virtual void closed(ErrorCode code) = 0;

  Outbox out_;
  std::int32_t id_ = 0;
  bool finish_ = false;    ///< nothing will be appended
  bool deferred_ = false;  ///< waits for something to send
};

/// What concerns the whole connection.
class Listener {
 public:
  /// Server: a request begins. Null refuses it.
  virtual Stream* opened(std::int32_t id) = 0;
  /// There is something to send: `send` wants to be called, soon.
  virtual void wants_to_send() = 0;
  virtual void settings_received() {}
  virtual void ping_acknowledged(std::uint64_t) {}
  /// Streams above `last` were not processed.
  virtual void goaway_received(std::int32_t, ErrorCode, std::string_view) {}
  /// Server: the connection fails because the peer went beyond a limit.
  virtual void refused(Refusal) {}

 protected:
  ~Listener() = default;
};

class Session {
 public:
  Session(Side side, Socket& socket, Listener& listener, const Http2Options& options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Streams that are still open are not told.
  ~Session();

  /// False: nothing more is to be received; `send`, then close.
  bool receive(const Bytes& piece);
  /// Writes what may be sent now into the socket, until that holds more than `socket_max` bytes. True: more
  /// is waiting for room in the socket.
  bool send(std::size_t socket_max);
  /// Neither side will do anything any more.
  bool is_over() const noexcept;
  /// Why it is, when the peer broke the protocol; empty otherwise.
  const std::string& reason() const noexcept { return reason_; }

  /// What comes after a response's headers.
  enum class Then : std::uint8_t { body, trailers, nothing };
  void respond(Stream& stream, std::span<const Field> fields, Then then);
  /// Server: trailers, once `out_sent` was called or where there is no body.
  void trailers(Stream& stream, std::span<const Field> fields);
  /// Client: opens a stream; its body is what is appended to `out`, until `finish`. False: no ids are left.
  bool request(Stream& stream, std::span<const Field> fields);
  /// Puts bytes into the stream's `out`.
  void append(Stream& stream, Bytes bytes);
  /// Nothing will be appended. A client then ends the stream, a server sends trailers.
  void finish(Stream& stream);
  /// Ends a stream at once, what is in `out` is dropped. `closed` follows, perhaps from within `send`.
  void reset(Stream& stream, ErrorCode code);

  /// Lets the peer have `bytes` under way on this stream, however many have arrived; says so when half of
  /// them is left, and returns whether it did. That of the connection is opened as data arrives.
  bool open_window(Stream& stream, std::size_t bytes);
  /// What a stream's window begins with, once the peer knows it.
  std::size_t stream_window() const noexcept;

  void ping(std::uint64_t opaque);
  /// Server: no stream above those seen is processed; the first of two steps says only that one will be.
  void announce_goaway();
  void goaway(ErrorCode code, std::string_view debug);
  /// `goaway`, after which nothing more is received.
  void fail(ErrorCode code, std::string_view why);

  std::uint32_t peer_streams_max() const noexcept;
  std::uint32_t peer_header_list_max() const noexcept;
  /// Streams that the peer, or this side, has open.
  std::size_t open_streams() const noexcept { return open_streams_; }
  /// Bytes in the `out` of all streams.
  std::size_t unsent() const noexcept { return unsent_; }

 private:
  struct Callbacks;
  friend struct Callbacks;

  struct Frame {
    std::uint32_t length = 0;
    std::uint8_t type = 0, flags = 0;
    std::int32_t id = 0;
  };
  bool check(const Frame& frame);
  bool check_ping();
  bool check_late(const Frame& frame);
  void opened_by_peer(std::int32_t id) noexcept;
  void note_closed(std::int32_t id, bool peer_reset) noexcept;
  void refuse(Refusal why, std::string_view text);
  bool count_reset();
  bool count_control_frame();
  bool feed(const std::uint8_t* bytes, std::size_t size);
  void write(const std::uint8_t* frames, std::size_t size);
  void sent(std::uint8_t type) noexcept;
  void taken(Stream& stream, std::size_t bytes);
  void drop(Stream& stream) noexcept;
  void more(Stream& stream);
  void wake();

  nghttp2_session* session_ = nullptr;
  Socket& socket_;
  Listener& listener_;
  const Http2Options& options_;
  const Side side_;
  bool busy_ = false;           ///< in `receive` or `send`
  bool failed_ = false;         ///< nothing more is received
  bool settings_sent_ = false;  ///< this side's first
  const Bytes* piece_ = nullptr;
  std::size_t open_streams_ = 0, unsent_ = 0;
  std::string reason_;

  // The frame that is arriving.
  std::array<std::uint8_t, 9> head_;
  std::uint32_t head_size_ = 0;
  std::size_t payload_left_;
  std::uint32_t continuations_ = 0;  ///< of the header block
  std::uint64_t block_size_ = 0;     ///< of the header block, inflated

  // The peer's streams: the latest, those that it passed over last, and how some ended.
  std::int32_t last_seen_ = 0, skipped_from_ = 0, skipped_to_ = 0;
  std::int32_t reset_by_peer_ = 0;  ///< the stream that is closed for it right now
  struct Ended {
    std::int32_t id = 0;
    bool peer_reset = false;
  };
  std::array<Ended, 32> ended_{};
  std::uint32_t next_ended_ = 0;

  Allowance resets_, control_frames_;
  Instant last_ping_;
  bool pinged_ = false;
  std::uint32_t strikes_ = 0;
};

}  // namespace weft::detail::http2
