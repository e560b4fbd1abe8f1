// The session's sending half.
#include <algorithm>
#include <cstring>
#include <memory>

#include "callbacks.h"

namespace weft::detail::http2 {
namespace {

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

nghttp2_data_provider body_of(Stream& stream, nghttp2_data_source_read_callback read) noexcept {
  nghttp2_data_provider body{};
  body.source.ptr = &stream;
  body.read_callback = read;
  return body;
}

}  // namespace

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

bool Session::open_window(Stream& stream, std::size_t bytes) {
  auto wanted = static_cast<std::int64_t>(
      std::min<std::size_t>(bytes, std::max(options_.stream_window, options_.stream_window_max)));
  std::int64_t left =
      std::int64_t{nghttp2_session_get_stream_effective_local_window_size(session_, stream.id_)} -
      nghttp2_session_get_stream_effective_recv_data_length(session_, stream.id_);
  if (wanted <= 2 * left || left < 0) return false;
  nghttp2_submit_window_update(session_, NGHTTP2_FLAG_NONE, stream.id_,
                               static_cast<std::int32_t>(wanted - left));
  wake();
  return true;
}

std::size_t Session::stream_window() const noexcept {
  return nghttp2_session_get_local_settings(session_, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE);
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
