// PeerIdentity: who the peer of a connection is, as a certificate proved that was checked against the
// authorities of this side. Of connections without TLS, and where the certificate was not checked, there is
// none.
#pragma once

#include <string>
#include <vector>

namespace weft {

struct PeerIdentity {
  std::string subject;                 ///< "CN=billing,O=Example", as RFC 2253 writes it; may be empty
  std::string common_name;             ///< of the subject; empty: it has none
  std::vector<std::string> dns_names;  ///< subject alternative names: hosts
  std::vector<std::string> uris;       ///< the same: URIs, such as "spiffe://example.org/billing"
};

}  // namespace weft
