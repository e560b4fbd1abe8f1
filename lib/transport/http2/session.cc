#include "session.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <nghttp2/nghttp2.h>

#include <fmt/format.h>

namespace weft::detail::http2 {
namespace {

constexpr std::size_t frame_head = 9, preface_size = 24;
/// Up to here a body is copied behind its frame's header: cheaper than a slice of its own.
constexpr std::size_t copied_max = 1024;
/// What this side lets libnghttp2 believe of the limit for the peer's streams. It would end the connection
/// for a stream too many, where RFC 9113, 5.1.2 allows to refuse the stream; so the limit is kept here.
constexpr std::uint32_t no_streams_max = 0x7fffffff;
/// Acknowledgements that may wait to be sent.
constexpr std::size_t acks_max = 1000;
/// libnghttp2's own limits, which are static, stand behind those of the options.
constexpr std::size_t continuations_limit = 1000;
constexpr std::uint64_t resets_limit = 1'000'000;

Stream* stream_of(nghttp2_session* session, std::int32_t id) noexcept {
  return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

std::string_view view(nghttp2_rcbuf* buffer) noexcept {
  nghttp2_vec vec = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(vec.base), vec.len};
}

/// The form that libnghttp2 takes header fields in.
class Names {
 public:
  explicit Names(std::span<const Field> fields) {
    nghttp2_nv* to = few_;
    if (fields.size() > std::size(few_)) {
      many_ = std::make_unique<nghttp2_nv[]>(fields.size());
      to = many_.get();
    }
    first_ = to;
    for (const Field& field : fields) {
      std::uint8_t flags = field.secret ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
      if (field.literal) flags |= NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
      *to++ = {.name = bytes(field.name),
               .value = bytes(field.value),
               .namelen = field.name.size(),
               .valuelen = field.value.size(),
               .flags = flags};
    }
    size_ = fields.size();
  }
  const nghttp2_nv* data() const noexcept { return first_; }
  std::size_t size() const noexcept { return size_; }

 private:
  static std::uint8_t* bytes(std::string_view text) noexcept {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }
  nghttp2_nv few_[16];
  std::unique_ptr<nghttp2_nv[]> many_;
  nghttp2_nv* first_;
  std::size_t size_;
};

}  // namespace

/// What libnghttp2 calls.
struct Session::Callbacks {
  static Session& self(void* data) noexcept { return *static_cast<Session*>(data); }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
    Session& own = self(data);
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    std::int32_t id = frame->hd.stream_id;
    own.opened_by_peer(id);
    Stream* stream = own.failed_ ? nullptr : own.listener_.opened(id);
    if (!stream) {
      own.count_control_frame();
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
      return 0;
    }
    stream->id_ = id;
    ++own.open_streams_;
    nghttp2_session_set_stream_user_data(session, id, stream);
    return 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                    nghttp2_rcbuf* value, std::uint8_t, void*) {
    if (Stream* stream = stream_of(session, frame->hd.stream_id)) stream->field(view(name), view(value));
    return 0;
  }

  static int data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                        std::size_t size, void* data) {
    Session& own = self(data);
    nghttp2_session_consume_connection(session, size);
    if (Stream* stream = stream_of(session, id))
      stream->data(own.piece_->slice(static_cast<std::size_t>(bytes - own.piece_->data()), size));
    return 0;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
    Session& own = self(data);
    bool end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (Stream* stream = stream_of(session, frame->hd.stream_id)) {
          stream->fields_end(end);
          if (!end) break;
          // It may have been forgotten meanwhile.
          if (stream_of(session, frame->hd.stream_id)) stream->ended();
        }
        break;
      case NGHTTP2_DATA:
        if (!end) break;
        if (Stream* stream = stream_of(session, frame->hd.stream_id)) stream->ended();
        break;
      case NGHTTP2_RST_STREAM:
        own.reset_by_peer_ = frame->hd.stream_id;
        break;
      case NGHTTP2_SETTINGS:
        if (!(frame->hd.flags & NGHTTP2_FLAG_ACK)) own.listener_.settings_received();
        break;
      case NGHTTP2_PING:
        if (frame->hd.flags & NGHTTP2_FLAG_ACK) {
          std::uint64_t opaque;
          std::memcpy(&opaque, frame->ping.opaque_data, sizeof opaque);
          own.listener_.ping_acknowledged(opaque);
        }
        break;
      case NGHTTP2_GOAWAY:
        own.listener_.goaway_received(
            frame->goaway.last_stream_id, ErrorCode{frame->goaway.error_code},
            {reinterpret_cast<const char*>(frame->goaway.opaque_data), frame->goaway.opaque_data_len});
        break;
    }
    return 0;
  }

  static int stream_closed(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* data) {
    Session& own = self(data);
    Stream* stream = stream_of(session, id);
    bool by_peer = std::exchange(own.reset_by_peer_, 0) == id;
    if (own.side_ == Side::server && (by_peer || code == NGHTTP2_NO_ERROR)) own.note_closed(id, by_peer);
    if (!stream) return 0;
    --own.open_streams_;
    nghttp2_session_set_stream_user_data(session, id, nullptr);
    own.drop(*stream);
    stream->closed(ErrorCode{code});
    return 0;
  }

  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
    Session& own = self(data);
    own.sent(frame->hd.type);
    // RFC 9113, 8.1: a server that has answered before it was asked to the end may reset the stream without
    // an error.
    if (own.side_ == Side::server && frame->hd.type == NGHTTP2_HEADERS &&
        (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) &&
        nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0)
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
  }

  static int invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int error, void* data) {
    Session& own = self(data);
    if (own.reason_.empty())
      own.reason_ = fmt::format("stream {}: {}", frame->hd.stream_id, nghttp2_strerror(error));
    // A stream that this side must reset costs as much as one that the peer resets.
    own.count_reset();
    return 0;
  }

  static int error(nghttp2_session*, int, const char* text, std::size_t size, void* data) {
    Session& own = self(data);
    if (own.reason_.empty()) own.reason_.assign(text, size);
    return 0;
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void* data) {
    Stream& stream = *static_cast<Stream*>(source->ptr);
    std::size_t left = stream.out_.size(), size = std::min(left, room);
    if (size == 0 && !stream.finish_) {
      stream.deferred_ = true;
      return NGHTTP2_ERR_DEFERRED;
    }
    bool end = size == left && stream.finish_;
    if (end) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (size > copied_max) {
      *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    } else if (size > 0) {
      stream.out_.take(buffer, size);
      self(data).taken(stream, size);
    }
    if (end && stream.out_sent()) *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    return static_cast<ssize_t>(size);
  }

  static int send_body(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head, std::size_t size,
                       nghttp2_data_source* source, void* data) {
    Session& own = self(data);
    Stream& stream = *static_cast<Stream*>(source->ptr);
    own.write(head, frame_head);
    for (std::size_t left = size; left > 0;) {
      Bytes piece = stream.out_.take(left);
      left -= piece.size();
      own.socket_.write(std::move(piece));
    }
    own.taken(stream, size);
    return 0;
  }

  static const nghttp2_session_callbacks* all() {
    static nghttp2_session_callbacks* const made = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
      nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback2(callbacks, header);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_chunk);
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
      nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
      nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, invalid_frame);
      nghttp2_session_callbacks_set_error_callback2(callbacks, error);
      nghttp2_session_callbacks_set_send_data_callback(callbacks, send_body);
      return callbacks;
    }();
    return made;
  }

  static const nghttp2_option* option() {
    static nghttp2_option* const made = [] {
      nghttp2_option* option = nullptr;
      if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
      nghttp2_option_set_no_auto_window_update(option, 1);
      nghttp2_option_set_no_closed_streams(option, 1);  // `ended_` remembers the few that matter
      nghttp2_option_set_max_outbound_ack(option, acks_max);
      nghttp2_option_set_max_continuations(option, continuations_limit);
      nghttp2_option_set_stream_reset_rate_limit(option, resets_limit, resets_limit);
      return option;
    }();
    return made;
  }
};

Session::Session(Side side, Socket& socket, Listener& listener, const Http2Options& options)
    : socket_(socket),
      listener_(listener),
      options_(options),
      side_(side),
      payload_left_(side == Side::server ? preface_size : 0),
      resets_(options.resets_burst, options.resets_per_second, now()),
      control_frames_(options.control_frames_burst, options.control_frames_per_second, now()) {
  int made = side == Side::server
                 ? nghttp2_session_server_new2(&session_, Callbacks::all(), this, Callbacks::option())
                 : nghttp2_session_client_new2(&session_, Callbacks::all(), this, Callbacks::option());
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

// Receiving

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
      fail(ErrorCode::enhance_your_calm, "too many CONTINUATION frames");
      return false;
    case NGHTTP2_RST_STREAM:
      return count_reset();
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
  if (side_ == Side::client || stream_of(session_, frame.id)) return true;
  for (const Ended& ended : ended_)
    if (ended.id == frame.id) {
      if (ended.peer_reset) {
        // RFC 9113, 5.1: after RST_STREAM it is a stream error; libnghttp2 drops the frame.
        nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, frame.id, NGHTTP2_STREAM_CLOSED);
        return count_reset();
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

bool Session::count_reset() {
  if (resets_.spend(now())) return true;
  fail(ErrorCode::enhance_your_calm, "too many streams were reset");
  return false;
}

bool Session::count_control_frame() {
  if (control_frames_.spend(now())) return true;
  fail(ErrorCode::enhance_your_calm, "too many frames that ask for nothing");
  return false;
}

bool Session::check_ping() {
  Instant time = now();
  Duration least = open_streams_ > 0 ? options_.ping_interval_min : options_.ping_interval_min_idle;
  bool early = pinged_ && time - last_ping_ < least;
  pinged_ = true;
  last_ping_ = time;
  if (!early || ++strikes_ <= options_.ping_strikes_max) return true;
  fail(ErrorCode::enhance_your_calm, "too_many_pings");
  return false;
}

// Sending

bool Session::send(std::size_t socket_max) {
  if (busy_) return false;
  busy_ = true;
  bool room = true;
  while ((room = socket_.unsent() <= socket_max)) {
    const std::uint8_t* frames = nullptr;
    ssize_t size = nghttp2_session_mem_send(session_, &frames);
    if (size <= 0) {
      if (size < 0) failed_ = true;
      break;
    }
    write(frames, static_cast<std::size_t>(size));
  }
  busy_ = false;
  return !room && nghttp2_session_want_write(session_);
}

void Session::write(const std::uint8_t* frames, std::size_t size) {
  std::uint8_t* to = socket_.reserve(size);
  std::memcpy(to, frames, size);
  if (side_ == Side::server && !settings_sent_ && size > frame_head && frames[3] == NGHTTP2_SETTINGS) {
    // The first setting is what the peer is to know of the limit: see `no_streams_max`.
    settings_sent_ = true;
    std::uint8_t* value = to + frame_head + 2;
    for (int shift = 24; shift >= 0; shift -= 8)
      *value++ = static_cast<std::uint8_t>(options_.streams_max >> shift);
  }
  socket_.commit(size);
}

void Session::sent(std::uint8_t type) noexcept {
  // What the peer may have to answer with WINDOW_UPDATE frames.
  if (type == NGHTTP2_DATA) control_frames_.earn(4);
  if (type == NGHTTP2_DATA || type == NGHTTP2_HEADERS || type == NGHTTP2_WINDOW_UPDATE) {
    strikes_ = 0;
    pinged_ = false;
  }
  if (type == NGHTTP2_HEADERS) resets_.earn();
}

void Session::wake() {
  if (!busy_) listener_.wants_to_send();
}

bool Session::is_over() const noexcept {
  return failed_ || (!nghttp2_session_want_read(session_) && !nghttp2_session_want_write(session_));
}

namespace {
nghttp2_data_provider body_of(Stream& stream, nghttp2_data_source_read_callback read) noexcept {
  nghttp2_data_provider body{};
  body.source.ptr = &stream;
  body.read_callback = read;
  return body;
}
}  // namespace

void Session::respond(Stream& stream, std::span<const Field> fields, Then then) {
  Names names{fields};
  if (then == Then::trailers) {
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id_, nullptr, names.data(), names.size(),
                           nullptr);
  } else {
    nghttp2_data_provider body = body_of(stream, Callbacks::read_body);
    nghttp2_submit_response(session_, stream.id_, names.data(), names.size(),
                            then == Then::body ? &body : nullptr);
  }
  wake();
}

void Session::trailers(Stream& stream, std::span<const Field> fields) {
  Names names{fields};
  nghttp2_submit_trailer(session_, stream.id_, names.data(), names.size());
  wake();
}

bool Session::request(Stream& stream, std::span<const Field> fields) {
  Names names{fields};
  nghttp2_data_provider body = body_of(stream, Callbacks::read_body);
  std::int32_t id = nghttp2_submit_request(session_, nullptr, names.data(), names.size(), &body, &stream);
  if (id < 0) return false;
  stream.id_ = id;
  ++open_streams_;
  wake();
  return true;
}

void Session::append(Stream& stream, Bytes bytes) {
  unsent_ += bytes.size();
  stream.out_.append(std::move(bytes));
  more(stream);
}

void Session::taken(Stream& stream, std::size_t bytes) {
  unsent_ -= bytes;
  stream.out_shrunk();
}

void Session::drop(Stream& stream) noexcept {
  unsent_ -= stream.out_.size();
  stream.out_.clear();
}

void Session::more(Stream& stream) {
  if (!stream.deferred_) return wake();
  stream.deferred_ = false;
  nghttp2_session_resume_data(session_, stream.id_);
  wake();
}

void Session::finish(Stream& stream) {
  stream.finish_ = true;
  // Trailers need no empty DATA frame before them.
  if (stream.deferred_ && stream.out_.size() == 0 && stream.out_sent()) return;
  more(stream);
}

void Session::reset(Stream& stream, ErrorCode code) {
  drop(stream);
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id_, static_cast<std::uint32_t>(code));
  wake();
}

void Session::consume(Stream& stream, std::size_t bytes) {
  if (bytes == 0) return;
  nghttp2_session_consume_stream(session_, stream.id_, bytes);
  wake();
}

void Session::widen(Stream& stream, std::size_t bytes) {
  std::size_t window = std::min<std::size_t>(bytes, options_.stream_window_max);
  if (static_cast<std::int64_t>(window) <=
      nghttp2_session_get_stream_effective_local_window_size(session_, stream.id_))
    return;
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, stream.id_,
                                        static_cast<std::int32_t>(window));
  wake();
}

void Session::ping(std::uint64_t opaque) {
  std::uint8_t bytes[8];
  std::memcpy(bytes, &opaque, sizeof bytes);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, bytes);
  wake();
}

void Session::announce_goaway() {
  nghttp2_submit_shutdown_notice(session_);
  wake();
}

void Session::goaway(ErrorCode code, std::string_view debug) {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                        static_cast<std::uint32_t>(code), reinterpret_cast<const std::uint8_t*>(debug.data()),
                        debug.size());
  wake();
}

void Session::fail(ErrorCode code, std::string_view why) {
  if (failed_) return;
  failed_ = true;
  if (reason_.empty()) reason_ = why;
  goaway(code, why);
}

std::uint32_t Session::peer_streams_max() const noexcept {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}
std::uint32_t Session::peer_header_list_max() const noexcept {
  return nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE);
}

}  // namespace weft::detail::http2
