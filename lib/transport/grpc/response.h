// Response: what a server's header blocks say, from its first to its trailers, and how the call has ended by
// that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <weft/middleware/call.h>
#include <weft/runtime/status.h>

#include "compression.h"

namespace weft::detail::grpc {

class Response {
 public:
  /// `list_max`: bytes of names and values and 32 for each, of one block.
  explicit Response(std::uint32_t list_max) noexcept : list_max_(list_max) {}

  void field(std::string_view name, std::string_view value);
  enum class Block {
    interim,  ///< 1xx: forget it
    headers,  ///< messages follow
    over,     ///< `status` says how the call ended
  };
  /// The block is complete.
  Block block(bool end_stream);

  /// Of `over`; OK too.
  Status status() const { return status_; }
  /// How it ended when the stream did so without trailers.
  Status cut_off() const;
  bool has_headers() const noexcept { return has_headers_; }
  Metadata& metadata() noexcept { return metadata_; }
  Metadata& trailers() noexcept { return trailers_; }
  /// Nothing: one that is not known.
  std::optional<Compression> encoding() const noexcept { return encoding_; }

 private:
  Status decide(bool trailers);

  std::uint32_t list_max_, list_size_ = 0;
  int http_status_ = 0;
  bool grpc_ = false, has_headers_ = false, too_large_ = false;
  std::optional<std::string> status_text_, message_;
  std::optional<Compression> encoding_ = Compression::none;
  Metadata metadata_, trailers_;
  Metadata block_;
  Status status_;
};

}  // namespace weft::detail::grpc
