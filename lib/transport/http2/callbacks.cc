#include "callbacks.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

#include <fmt/format.h>

#include <weft/runtime/task.h>

namespace weft::detail::http2 {
namespace {

/// Up to here a body is copied behind its frame's header: cheaper than a slice of its own.
constexpr std::size_t copied_max = 1024;
/// How often its limit a header block may be larger than allowed and cost its call only, not the connection.
constexpr std::uint64_t bomb_factor = 8, field_overhead = 32;
/// libnghttp2's own limits, which are static, stand behind those of the options.
constexpr std::size_t acks_limit = 1'000'000, continuations_limit = 1000;
constexpr std::uint64_t resets_limit = 1'000'000;

std::string_view view(nghttp2_rcbuf* buffer) noexcept {
  nghttp2_vec vec = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(vec.base), vec.len};
}

/// A frame's memory with its size before it.
struct alignas(std::max_align_t) Sized {
  std::size_t size;
};

void* allocate(std::size_t size, void*) noexcept {
  auto* sized = static_cast<Sized*>(allocate_frame(sizeof(Sized) + size));
  sized->size = size;
  return sized + 1;
}
void release(void* memory, void*) noexcept {
  if (!memory) return;
  auto* sized = static_cast<Sized*>(memory) - 1;
  free_frame(sized, sizeof(Sized) + sized->size);
}
void* allocate_zeroed(std::size_t count, std::size_t size, void*) noexcept {
  void* memory = allocate(count * size, nullptr);
  std::memset(memory, 0, count * size);
  return memory;
}
void* reallocate(void* memory, std::size_t size, void*) noexcept {
  if (!memory) return allocate(size, nullptr);
  std::size_t old = (static_cast<Sized*>(memory) - 1)->size;
  if (size <= old) return memory;
  void* larger = allocate(size, nullptr);
  std::memcpy(larger, memory, old);
  release(memory, nullptr);
  return larger;
}

}  // namespace

nghttp2_mem* Session::Callbacks::memory() noexcept {
  static nghttp2_mem all{nullptr, allocate, release, allocate_zeroed, reallocate};
  return &all;
}

int Session::Callbacks::begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
  Session& own = self(data);
  own.block_size_ = 0;
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

int Session::Callbacks::header(nghttp2_session* session, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                               nghttp2_rcbuf* value, std::uint8_t, void* data) {
  Session& own = self(data);
  std::string_view name_text = view(name), value_text = view(value);
  own.block_size_ += name_text.size() + value_text.size() + field_overhead;
  if (own.block_size_ > std::uint64_t{own.options_.header_list_max} * bomb_factor) {
    // Each byte of such a block may be kilobytes of headers: no more of them are looked at.
    own.refuse(Refusal::header_list_max, "a header block that inflates");
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  if (Stream* stream = stream_of(session, frame->hd.stream_id)) stream->field(name_text, value_text);
  return 0;
}

int Session::Callbacks::data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t id,
                                   const std::uint8_t* bytes, std::size_t size, void* data) {
  Session& own = self(data);
  nghttp2_session_consume_connection(session, size);
  if (Stream* stream = stream_of(session, id))
    stream->data(own.piece_->slice(static_cast<std::size_t>(bytes - own.piece_->data()), size));
  return 0;
}

int Session::Callbacks::frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
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

int Session::Callbacks::stream_closed(nghttp2_session* session, std::int32_t id, std::uint32_t code,
                                      void* data) {
  Session& own = self(data);
  Stream* stream = stream_of(session, id);
  bool by_peer = std::exchange(own.reset_by_peer_, 0) == id;
  // What comes for a stream that this side ended early may have been on its way.
  bool by_both = code == NGHTTP2_NO_ERROR && nghttp2_session_get_stream_remote_close(session, id) == 1;
  if (own.side_ == Side::server && (by_peer || by_both)) own.note_closed(id, by_peer);
  if (!stream) return 0;
  --own.open_streams_;
  nghttp2_session_set_stream_user_data(session, id, nullptr);
  own.drop(*stream);
  stream->closed(ErrorCode{code});
  return 0;
}

int Session::Callbacks::frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* data) {
  Session& own = self(data);
  own.sent(frame->hd.type);
  // A stream that this side must reset costs as much as one that the peer resets.
  if (own.side_ == Side::server && frame->hd.type == NGHTTP2_RST_STREAM &&
      frame->rst_stream.error_code != NGHTTP2_NO_ERROR &&
      frame->rst_stream.error_code != NGHTTP2_REFUSED_STREAM)
    own.count_reset();
  // libnghttp2 has ended the connection by itself, and says why.
  if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR) {
    own.failed_ = true;
    if (own.reason_.empty())
      own.reason_ = fmt::format("{} {}", name(ErrorCode{frame->goaway.error_code}),
                                std::string_view(reinterpret_cast<const char*>(frame->goaway.opaque_data),
                                                 frame->goaway.opaque_data_len));
  }
  // RFC 9113, 8.1: a server that has answered before it was asked to the end may reset the stream without
  // an error.
  if (own.side_ == Side::server && frame->hd.type == NGHTTP2_HEADERS &&
      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) &&
      nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0)
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
  return 0;
}

int Session::Callbacks::frame_not_sent(nghttp2_session* session, const nghttp2_frame* frame, int, void*) {
  // Headers that are too large for libnghttp2: the stream must not wait for them for ever.
  if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat != NGHTTP2_HCAT_REQUEST &&
      stream_of(session, frame->hd.stream_id))
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_INTERNAL_ERROR);
  return 0;
}

int Session::Callbacks::invalid_frame(nghttp2_session*, const nghttp2_frame* frame, int error, void* data) {
  Session& own = self(data);
  if (own.reason_.empty())
    own.reason_ = fmt::format("stream {}: {}", frame->hd.stream_id, nghttp2_strerror(error));
  return 0;
}

int Session::Callbacks::error(nghttp2_session*, int, const char* text, std::size_t size, void* data) {
  Session& own = self(data);
  if (own.reason_.empty()) own.reason_.assign(text, size);
  return 0;
}

ssize_t Session::Callbacks::read_body(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t room,
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

int Session::Callbacks::send_body(nghttp2_session*, nghttp2_frame*, const std::uint8_t* head,
                                  std::size_t size, nghttp2_data_source* source, void* data) {
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

const nghttp2_session_callbacks* Session::Callbacks::all() {
  static nghttp2_session_callbacks* const made = [] {
    nghttp2_session_callbacks* callbacks = nullptr;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback2(callbacks, header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_chunk);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, frame_not_sent);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, invalid_frame);
    nghttp2_session_callbacks_set_error_callback2(callbacks, error);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, send_body);
    return callbacks;
  }();
  return made;
}

const nghttp2_option* Session::Callbacks::option() {
  static nghttp2_option* const made = [] {
    nghttp2_option* option = nullptr;
    if (nghttp2_option_new(&option) != 0) throw std::bad_alloc();
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);  // `ended_` remembers the few that matter
    nghttp2_option_set_max_outbound_ack(option, acks_limit);
    nghttp2_option_set_max_continuations(option, continuations_limit);
    nghttp2_option_set_stream_reset_rate_limit(option, resets_limit, resets_limit);
    return option;
  }();
  return made;
}

}  // namespace weft::detail::http2
