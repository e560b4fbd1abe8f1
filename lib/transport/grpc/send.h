// Writing one message into a stream.
#pragma once

#include <weft/runtime/bytes.h>

#include "../http2/session.h"
#include "compression.h"

namespace weft::detail::grpc {

void send_message(http2::Session& session, http2::Stream& stream, const Chain& message,
                  Compression compression);

}  // namespace weft::detail::grpc
