// What a certificate says about whom it is for.
#pragma once

#include <openssl/x509.h>

#include <weft/runtime/peer_identity.h>

namespace weft::detail {

PeerIdentity identity_of(const X509& certificate);

}  // namespace weft::detail
