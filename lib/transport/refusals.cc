#include <weft/transport/refusals.h>

namespace weft {

std::string_view name(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::connections_max:
      return "connections_max";
    case Refusal::handshake_timeout:
      return "handshake_timeout";
    case Refusal::tls_handshake:
      return "tls_handshake";
    case Refusal::tls_handshake_timeout:
      return "tls_handshake_timeout";
    case Refusal::protocol_error:
      return "protocol_error";
    case Refusal::frame_timeout:
      return "frame_timeout";
    case Refusal::keepalive_timeout:
      return "keepalive_timeout";
    case Refusal::streams_max:
      return "streams_max";
    case Refusal::resets:
      return "resets";
    case Refusal::control_frames:
      return "control_frames";
    case Refusal::continuations_max:
      return "continuations_max";
    case Refusal::ping_strikes_max:
      return "ping_strikes_max";
    case Refusal::header_list_max:
      return "header_list_max";
    case Refusal::message_max:
      return "message_max";
    case Refusal::receive_memory:
      return "receive_memory";
    case Refusal::send_memory:
      return "send_memory";
  }
  return "";
}

}  // namespace weft
