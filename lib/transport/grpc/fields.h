// Metadata as header fields and back.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <weft/middleware/call.h>

#include "../http2/session.h"

namespace weft::detail::grpc {

/// Whether a content-type is "application/grpc", perhaps with a "+format" or parameters.
bool is_grpc(std::string_view content_type) noexcept;

/// A failure's serialized google.rpc.Status: the one of gRPC's own names that is metadata here.
inline constexpr std::string_view status_details = "grpc-status-details-bin";

/// Whether a name is HTTP's or gRPC's own, and so never metadata: pseudo-headers, "grpc-...", "te" and the
/// like.
bool is_reserved(std::string_view name) noexcept;
bool ends_in_bin(std::string_view name) noexcept;

/// Adds a field that came. Values of "-bin" names are decoded, each of those that a comma joined; what cannot
/// be decoded is left out. Reserved names are left out.
void add_field(Metadata& metadata, std::string_view name, std::string_view value);

/// Fields to be sent, and what they point to.
class FieldList {
 public:
  FieldList() { fields_.reserve(12); }
  /// Literals, or what lives until the fields have been handed to the session.
  void add(http2::Field field) { fields_.push_back(field); }
  /// What may not be sent as metadata is left out: false.
  bool add(const Metadata::Entry& entry);
  void add(const Metadata& metadata) {
    for (const Metadata::Entry& entry : metadata) add(entry);
  }
  /// A field with a text of its own.
  void add_text(std::string_view name, std::string value);
  /// A value of bytes; `name` ends in "-bin".
  void add_bytes(std::string_view name, std::string_view bytes);
  /// As SETTINGS_MAX_HEADER_LIST_SIZE counts.
  std::size_t list_size() const noexcept;
  operator std::span<const http2::Field>() const noexcept { return fields_; }

 private:
  std::vector<http2::Field> fields_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

}  // namespace weft::detail::grpc
