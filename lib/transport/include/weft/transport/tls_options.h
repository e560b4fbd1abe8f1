// TLS of servers and channels: certificates, whom to trust, limits. All files are PEM; they are read again
// when they change, without a restart, and what is wrong with new ones is logged while the old ones stay in
// use. In a Weft that was built without OpenSSL 3, asking for TLS fails with `unimplemented`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <weft/runtime/clock.h>

namespace weft {

enum class TlsVersion : std::uint8_t {
  tls_1_2,  ///< with forward secrecy and authenticated encryption only (ECDHE with AES-GCM or ChaCha20)
  tls_1_3,
};

/// A certificate and its key.
struct TlsCertificate {
  std::string chain_file{};  ///< the certificate, then those of the authorities up to the root
  std::string key_file{};    ///< its private key, not encrypted; empty: in `chain_file` too
};

struct ServerTls {
  /// The first is shown to clients that name no host or one that no certificate is for; others to those that
  /// ask for a name of theirs (SNI). Empty: no TLS.
  std::vector<TlsCertificate> certificates{};
  /// Whether connections without TLS are refused. Otherwise both are served on one port: a connection's first
  /// byte tells. `frame_max` must then be less than 369,098,752, where a frame's length would begin with it.
  bool required = false;

  std::string client_ca_file{};             ///< authorities of client certificates; empty: none are asked for
  bool require_client_certificate = false;  ///< one that those authorities have signed; needs them, and
                                            ///< `required`, since who comes without TLS shows none

  TlsVersion minimum = TlsVersion::tls_1_2;
  Duration handshake_timeout = std::chrono::seconds(10);  ///< from its first byte; if `required`, from accept
  std::size_t handshakes_max = 192;  ///< of each core at once, of about 50 KB each; others wait, and one that
                                     ///< has taken more than a second then makes room
};

struct ChannelTls {
  bool enabled = false;       ///< so do "thrifts://" and "grpcs://" before an address
  std::string ca_file{};      ///< authorities that servers' certificates may come from; empty: the system's
  std::string server_name{};  ///< the host or IP address that the certificate must be for, and that the
                              ///< server is asked for (SNI); empty: that of the address
  TlsCertificate certificate{};  ///< shown to servers that ask for one; empty: none

  /// Takes any certificate, of whomever: whoever can redirect the connection reads and writes all of it.
  bool insecure_skip_verification = false;

  TlsVersion minimum = TlsVersion::tls_1_2;
};

}  // namespace weft
