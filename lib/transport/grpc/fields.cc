#include "fields.h"

#include <algorithm>

#include "text.h"

namespace weft::detail::grpc {
namespace {

bool is_name(std::string_view name) noexcept {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}
bool is_value(std::string_view value) noexcept {
  return std::ranges::all_of(value, [](char c) { return c >= 0x20 && c <= 0x7e; });
}
std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_grpc(std::string_view content_type) noexcept {
  constexpr std::string_view expected = "application/grpc";
  if (!content_type.starts_with(expected)) return false;
  content_type.remove_prefix(expected.size());
  return content_type.empty() || content_type.front() == '+' || content_type.front() == ';';
}

bool is_reserved(std::string_view name) noexcept {
  if (name.empty() || name.front() == ':') return true;
  if (name.starts_with("grpc-")) return name != status_details;
  switch (name.size()) {
    case 2:
      return name == "te";
    case 4:
      return name == "host";
    case 7:
      return name == "upgrade";
    case 10:
      return name == "connection" || name == "keep-alive" || name == "user-agent";
    case 12:
      return name == "content-type";
    case 14:
      return name == "content-length";
    case 16:
      return name == "proxy-connection";
    case 17:
      return name == "transfer-encoding";
  }
  return false;
}

bool ends_in_bin(std::string_view name) noexcept { return name.ends_with("-bin"); }

void add_field(Metadata& metadata, std::string_view name, std::string_view value) {
  if (is_reserved(name)) return;
  if (!ends_in_bin(name)) return metadata.add(std::string(name), std::string(trimmed(value)));
  for (;;) {
    std::size_t comma = value.find(',');
    if (auto bytes = base64_decode(trimmed(value.substr(0, comma))))
      metadata.add(std::string(name), *std::move(bytes));
    if (comma == value.npos) return;
    value.remove_prefix(comma + 1);
  }
}

bool FieldList::add(const Metadata::Entry& entry) {
  if (!is_name(entry.first) || is_reserved(entry.first)) return false;
  if (ends_in_bin(entry.first)) {
    add_bytes(entry.first, entry.second);
    return true;
  }
  if (!is_value(entry.second)) return false;
  // What authorizes must not stay in a table that a later request could probe.
  bool secret = entry.first == "authorization" || entry.first == "cookie";
  fields_.push_back({.name = entry.first, .value = entry.second, .secret = secret});
  return true;
}

void FieldList::add_text(std::string_view name, std::string value) {
  texts_.push_back(std::make_unique<std::string>(std::move(value)));
  fields_.push_back({.name = name, .value = *texts_.back(), .secret = true});
}

void FieldList::add_bytes(std::string_view name, std::string_view bytes) {
  add_text(name, base64_encode(bytes));
}

std::size_t FieldList::list_size() const noexcept {
  std::size_t size = 0;
  for (const http2::Field& field : fields_) size += field.name.size() + field.value.size() + 32;
  return size;
}

}  // namespace weft::detail::grpc
