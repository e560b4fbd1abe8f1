// How a call ended, by what HTTP/2 and HTTP say where gRPC itself says nothing.
#pragma once

#include <string_view>

#include <weft/runtime/status.h>

#include "../http2/error.h"

namespace weft::detail::grpc {

/// The value of `grpc-status`; what is none of the canonical codes is `unknown`.
Code code_of(std::string_view status) noexcept;
/// Its value for a code.
std::string_view status_text(Code code) noexcept;
/// Of an answer without a `grpc-status`. 200 is a failure, too.
Code code_of_http(int status) noexcept;
/// Of a stream that the peer reset. REFUSED_STREAM: Reach::never_sent, the peer has not begun.
Status status_of_reset(http2::ErrorCode code);

}  // namespace weft::detail::grpc
