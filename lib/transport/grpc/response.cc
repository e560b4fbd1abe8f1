#include "response.h"

#include <charconv>

#include <fmt/format.h>

#include "codes.h"
#include "fields.h"
#include "text.h"

namespace weft::detail::grpc {
namespace {

Status answered(Code code, std::string message) {
  return Status{code, std::move(message)}.with(Reach::answered);
}

}  // namespace

void Response::field(std::string_view name, std::string_view value) {
  list_size_ += static_cast<std::uint32_t>(name.size() + value.size() + 32);
  if (list_size_ > list_max_) too_large_ = true;
  if (too_large_) return;
  if (name == ":status") {
    std::from_chars(value.data(), value.data() + value.size(), http_status_);
  } else if (name == "content-type") {
    grpc_ = is_grpc(value);
  } else if (name == "grpc-status") {
    status_text_ = value;
  } else if (name == "grpc-message") {
    message_ = percent_decode(value);
  } else if (name == "grpc-encoding") {
    encoding_ = compression_of(value);
  } else {
    add_field(block_, name, value);
  }
}

Response::Block Response::block(bool end_stream) {
  bool first = !has_headers_;
  if (first && http_status_ >= 100 && http_status_ < 200 && !end_stream) {
    http_status_ = 0;
    list_size_ = 0;
    block_ = {};
    return Block::interim;
  }
  list_size_ = 0;
  if (too_large_) {
    status_ = answered(Code::resource_exhausted, "the reply has more bytes of headers than are allowed");
    return Block::over;
  }
  if (first && !end_stream && http_status_ == 200 && grpc_) {
    has_headers_ = true;
    metadata_ = std::exchange(block_, {});
    // Only trailers can say how a call has ended.
    status_text_.reset();
    message_.reset();
    return Block::headers;
  }
  trailers_ = std::exchange(block_, {});
  status_ = decide(!first);
  return Block::over;
}

Status Response::decide(bool trailers) {
  if (!status_text_) {
    if (trailers) return answered(Code::unknown, "the server sent trailers without a grpc-status");
    if (http_status_ == 200)
      return answered(Code::unknown,
                      grpc_ ? "the server sent no grpc-status" : "the server does not speak gRPC");
    return answered(code_of_http(http_status_),
                    fmt::format("the server answered with HTTP status {}", http_status_));
  }
  Code code = code_of(*status_text_);
  if (code == Code::ok) {
    if (trailers || (http_status_ == 200 && grpc_)) return {};
    return answered(Code::unknown, "the server does not speak gRPC");
  }
  std::string message = message_.value_or("");
  if (trailers_.empty()) return answered(code, std::move(message));
  return Status::carrying(code, std::move(message), Trailers{trailers_}).with(Reach::answered);
}

Status Response::cut_off() const {
  return answered(Code::internal, "the server ended the stream without trailers");
}

}  // namespace weft::detail::grpc
