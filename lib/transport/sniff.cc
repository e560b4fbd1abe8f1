#include "sniff.h"

namespace weft::detail {

bool is_http2(const Bytes& first) noexcept { return first.view().starts_with("PRI "); }

std::string_view other_protocol(std::uint32_t word) noexcept {
  switch (word) {
    case 0x47455420:  // "GET "
    case 0x504f5354:  // "POST"
    case 0x48454144:  // "HEAD"
    case 0x50555420:  // "PUT "
    case 0x48545450:  // "HTTP"
      return "HTTP/1";
    case 0x50524920:  // "PRI "
      return "HTTP/2";
    case 0x42494746:  // "BIGF"
      return "fbthrift's big frames";
  }
  if (word >> 16 == 0x8001) return "unframed binary Thrift";
  if (word >> 24 == 0x82 && (word >> 16 & 0x1f) == 1) return "unframed compact Thrift";
  if (word >> 16 == 0x1603 || word >> 16 == 0x1503) return "TLS";  // a handshake, an alert
  return {};
}

}  // namespace weft::detail
