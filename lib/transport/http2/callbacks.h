// What libnghttp2 calls, and with which options: for the session's own files.
#pragma once

#include <cstdint>
#include <nghttp2/nghttp2.h>

#include "session.h"

namespace weft::detail::http2 {

inline constexpr std::size_t frame_head = 9;

/// Null: the stream is over, or was refused.
inline Stream* stream_of(nghttp2_session* session, std::int32_t id) noexcept {
  return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

struct Session::Callbacks {
  static const nghttp2_session_callbacks* all();
  static const nghttp2_option* option();
  /// The thread's lists of coroutine frames: a call takes and frees the same few sizes again and again.
  static nghttp2_mem* memory() noexcept;

  static Session& self(void* data) noexcept { return *static_cast<Session*>(data); }
  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* data);
  static int header(nghttp2_session* session, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                    nghttp2_rcbuf* value, std::uint8_t flags, void* data);
  static int data_chunk(nghttp2_session* session, std::uint8_t flags, std::int32_t id,
                        const std::uint8_t* bytes, std::size_t size, void* data);
  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* data);
  static int stream_closed(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* data);
  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* data);
  static int frame_not_sent(nghttp2_session* session, const nghttp2_frame* frame, int error, void* data);
  static int invalid_frame(nghttp2_session* session, const nghttp2_frame* frame, int error, void* data);
  static int error(nghttp2_session* session, int code, const char* text, std::size_t size, void* data);
  static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* buffer, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void* data);
  static int send_body(nghttp2_session* session, nghttp2_frame* frame, const std::uint8_t* head,
                       std::size_t size, nghttp2_data_source* source, void* data);
};

}  // namespace weft::detail::http2
