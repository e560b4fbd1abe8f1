#include "session.h"

#include <algorithm>
#include <cstring>
#include <new>

#include <fmt/format.h>

#include "callbacks.h"

namespace weft::detail::http2 {
namespace {

constexpr std::size_t preface_size = 24;
/// What this side lets libnghttp2 believe of the limit for the peer's streams. It would end the connection
/// for a stream too many, where RFC 9113, 5.1.2 allows to refuse the stream; so the limit is kept here, and
/// `write` puts the true one into the SETTINGS.
constexpr std::uint32_t no_streams_max = 0x7fffffff;

}  // namespace

Session::Session(Side side, Socket& socket, Listener& listener, const Http2Options& options)
    : socket_(socket),
      listener_(listener),
      options_(options),
      side_(side),
      payload_left_(side == Side::server ? preface_size : 0),
      resets_(options.resets_burst, options.resets_per_second, now()),
      control_frames_(options.control_frames_burst, options.control_frames_per_second, now()) {
  int made = side == Side::server ? nghttp2_session_server_new3(&session_, Callbacks::all(), this,
                                                                Callbacks::option(), Callbacks::memory())
                                  : nghttp2_session_client_new3(&session_, Callbacks::all(), this,
                                                                Callbacks::option(), Callbacks::memory());
  if (made != 0) throw std::bad_alloc();
  nghttp2_settings_entry settings[] = {
      side == Side::server ? nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, no_streams_max}
                           : nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.stream_window},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, options.header_list_max},
  };
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0,
                                        static_cast<std::int32_t>(options.connection_window));
}

Session::~Session() { nghttp2_session_del(session_); }

bool Session::receive(const Bytes& piece) {
  if (failed_) return false;
  busy_ = true;
  piece_ = &piece;
  const std::uint8_t *at = piece.data(), *fed = at, *end = at + piece.size();
  // Frame by frame, so that each is looked at before libnghttp2 works on it, and after it has worked on those
  // before: it ignores, without a word, some that cost time.
  while (at < end && !failed_) {
    if (payload_left_ > 0) {
      std::size_t part = std::min(payload_left_, static_cast<std::size_t>(end - at));
      payload_left_ -= part;
      at += part;
    } else {
      std::size_t part = std::min(frame_head - head_size_, static_cast<std::size_t>(end - at));
      std::memcpy(head_.data() + head_size_, at, part);
      head_size_ += static_cast<std::uint32_t>(part);
      at += part;
      if (head_size_ < frame_head) break;
      head_size_ = 0;
      Frame frame{.length = std::uint32_t{head_[0]} << 16 | std::uint32_t{head_[1]} << 8 | head_[2],
                  .type = head_[3],
                  .flags = head_[4],
                  .id = static_cast<std::int32_t>((std::uint32_t{head_[5]} & 0x7f) << 24 |
                                                  std::uint32_t{head_[6]} << 16 |
                                                  std::uint32_t{head_[7]} << 8 | head_[8])};
      if (!check(frame)) break;
      payload_left_ = frame.length;
      if (payload_left_ > 0) continue;
    }
    if (!feed(fed, static_cast<std::size_t>(at - fed))) break;
    fed = at;
  }
  if (fed < at && !failed_) feed(fed, static_cast<std::size_t>(at - fed));
  piece_ = nullptr;
  busy_ = false;
  if (nghttp2_session_want_write(session_)) listener_.wants_to_send();
  return !failed_ && nghttp2_session_want_read(session_);
}

bool Session::feed(const std::uint8_t* bytes, std::size_t size) {
  ssize_t taken = nghttp2_session_mem_recv(session_, bytes, size);
  if (taken < 0) {
    if (reason_.empty()) reason_ = nghttp2_strerror(static_cast<int>(taken));
    failed_ = true;
  }
  return !failed_;
}

/// False: the connection fails for it.
bool Session::check(const Frame& frame) {
  switch (frame.type) {
    case NGHTTP2_DATA: {
      if (frame.id <= last_seen_ && !check_late(frame)) return false;
      bool padding = (frame.flags & NGHTTP2_FLAG_PADDED) != 0;
      // Nothing of use in it; an end of the stream is.
      if (frame.length <= (padding ? 1 : 0) && !(frame.flags & NGHTTP2_FLAG_END_STREAM))
        return count_control_frame();
      return true;
    }
    case NGHTTP2_HEADERS:
      continuations_ = 0;
      return frame.id > last_seen_ || check_late(frame);
    case NGHTTP2_CONTINUATION:
      if (++continuations_ <= options_.continuations_max) return true;
      refuse(Refusal::continuations_max, "too many CONTINUATION frames");
      return false;
    case NGHTTP2_RST_STREAM:
      // A server can only reset what this side has asked for.
      return side_ == Side::client || count_reset();
    case NGHTTP2_PING:
      if (!count_control_frame()) return false;
      return (frame.flags & NGHTTP2_FLAG_ACK) || side_ == Side::client || check_ping();
    case NGHTTP2_PUSH_PROMISE:
      // RFC 9113, 8.4: a client that said SETTINGS_ENABLE_PUSH 0 must take it for a connection error.
      fail(ErrorCode::protocol_error, "PUSH_PROMISE where push is disabled");
      return false;
    default:
      return count_control_frame();
  }
}

/// A frame for one of the peer's streams that began before: is it still there?
bool Session::check_late(const Frame& frame) {
  // Stream 0 is libnghttp2's to refuse.
  if (side_ == Side::client || frame.id == 0 || stream_of(session_, frame.id)) return true;
  for (const Ended& ended : ended_)
    if (ended.id == frame.id) {
      if (ended.peer_reset) {
        // RFC 9113, 5.1: after RST_STREAM it is a stream error; libnghttp2 drops the frame.
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, frame.id, NGHTTP2_STREAM_CLOSED);
        return count_control_frame();
      }
      fail(ErrorCode::stream_closed, fmt::format("a frame for stream {}, which has ended", frame.id));
      return false;
    }
  // RFC 9113, 5.1.1: a new stream must have a larger id than all before.
  if (frame.type == NGHTTP2_HEADERS && frame.id % 2 == 1 && frame.id >= skipped_from_ &&
      frame.id <= skipped_to_) {
    fail(ErrorCode::protocol_error, fmt::format("stream {} after stream {}", frame.id, last_seen_));
    return false;
  }
  return true;  // this side has reset it: the peer did not know yet
}

void Session::opened_by_peer(std::int32_t id) noexcept {
  if (id > last_seen_ + 2) {
    skipped_from_ = last_seen_ + 1;
    skipped_to_ = id - 2;
  }
  last_seen_ = id;
}

void Session::note_closed(std::int32_t id, bool peer_reset) noexcept {
  ended_[next_ended_++ % ended_.size()] = {id, peer_reset};
}

void Session::refuse(Refusal why, std::string_view text) {
  if (!failed_) listener_.refused(why);
  fail(ErrorCode::enhance_your_calm, text);
}

bool Session::count_reset() {
  if (resets_.spend()) return true;
  refuse(Refusal::resets, "too many streams were reset");
  return false;
}

bool Session::count_control_frame() {
  if (control_frames_.spend()) return true;
  refuse(Refusal::control_frames, "too many frames that ask for nothing");
  return false;
}

bool Session::check_ping() {
  Instant time = now();
  Duration least = open_streams_ > 0 ? options_.ping_interval_min : options_.ping_interval_min_idle;
  bool early = pinged_ && time - last_ping_ < least;
  pinged_ = true;
  last_ping_ = time;
  if (!early || ++strikes_ <= options_.ping_strikes_max) return true;
  refuse(Refusal::ping_strikes_max, "too_many_pings");
  return false;
}

}  // namespace weft::detail::http2
