// Context: what OpenSSL shares between connections (an SSL_CTX), its failures as Status, and the state of the
// files that it was made from.
#pragma once

#include <cstdint>
#include <memory>
#include <openssl/ssl.h>
#include <string>
#include <string_view>
#include <vector>

#include <weft/runtime/result.h>
#include <weft/transport/tls_options.h>

namespace weft::detail {

template <auto release>
struct Released {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};
using ContextPtr = std::unique_ptr<SSL_CTX, Released<&SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, Released<&SSL_free>>;
using SessionPtr = std::unique_ptr<SSL_SESSION, Released<&SSL_SESSION_free>>;

/// What servers and clients have in common. Null: there is no memory.
ContextPtr make_context(const SSL_METHOD* method, TlsVersion minimum);
/// Reads a certificate with its chain, and its key.
Status use_certificate(SSL_CTX& context, const TlsCertificate& certificate);

/// The last failure of OpenSSL on this thread in words; it is forgotten.
std::string last_error();
/// "h2" and the like, as they go over the wire.
std::string alpn_list(const std::vector<std::string>& protocols);

/// By what a change of files is noticed: a different file, size or time.
class FileStamps {
 public:
  void add(const std::string& path) {
    if (!path.empty()) paths_.push_back(path);
  }
  void add(const TlsCertificate& certificate) {
    add(certificate.chain_file);
    add(certificate.key_file);
  }
  bool empty() const noexcept { return paths_.empty(); }
  /// Blocks as long as the file system does.
  std::vector<std::uint64_t> take() const;

 private:
  std::vector<std::string> paths_;
};

}  // namespace weft::detail
