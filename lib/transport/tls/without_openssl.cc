// What stands for TLS in a Weft that was built without OpenSSL.
#include "tls.h"

namespace weft::detail {
namespace {
Status not_built() {
  return unimplemented("TLS: this Weft was built without OpenSSL 3 (meson -Dtls=enabled)");
}
}  // namespace

Result<std::shared_ptr<TlsServer>> TlsServer::open(ServerTls, std::vector<std::string>) {
  return not_built();
}
std::unique_ptr<TlsAcceptor> TlsAcceptor::make(std::shared_ptr<TlsServer>) { return nullptr; }
Result<std::shared_ptr<TlsClient>> TlsClient::open(ChannelTls, std::string_view, std::vector<std::string>) {
  return not_built();
}

}  // namespace weft::detail
