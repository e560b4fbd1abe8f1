#include "context.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include <fmt/format.h>

namespace weft::detail {
namespace {

/// Without it OpenSSL would ask the terminal.
int no_password(char*, int, int, void*) { return 0; }

}  // namespace

ContextPtr make_context(const SSL_METHOD* method, TlsVersion minimum) {
  ContextPtr context{SSL_CTX_new(method)};
  if (!context) return nullptr;
  SSL_CTX* own = context.get();
  SSL_CTX_set_min_proto_version(own, minimum == TlsVersion::tls_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  // Of TLS 1.2 what RFC 9113, appendix A, does not forbid to HTTP/2.
  SSL_CTX_set_cipher_list(own, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(own, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection owns no buffers.
  SSL_CTX_set_mode(
      own, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_passwd_cb(own, &no_password);
  return context;
}

Status use_certificate(SSL_CTX& context, const TlsCertificate& certificate) {
  const std::string& key = certificate.key_file.empty() ? certificate.chain_file : certificate.key_file;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(&context, certificate.chain_file.c_str()) != 1)
    return invalid_argument(
        fmt::format("TLS: no certificate in {}: {}", certificate.chain_file, last_error()));
  // This finds out, too, whether they belong together.
  if (SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return invalid_argument(
        fmt::format("TLS: no key for {} in {}: {}", certificate.chain_file, key, last_error()));
  return {};
}

std::string last_error() {
  unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  if (!error) return "unknown failure";
  if (ERR_SYSTEM_ERROR(error)) return std::strerror(ERR_GET_REASON(error));
  const char* reason = ERR_reason_error_string(error);
  return reason ? reason : fmt::format("error {:x}", error);
}

std::string alpn_list(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list;
}

std::vector<std::uint64_t> FileStamps::take() const {
  std::vector<std::uint64_t> stamps;
  for (const std::string& path : paths_) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) status = {};
    for (auto part :
         {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
          static_cast<std::uint64_t>(status.st_size), static_cast<std::uint64_t>(status.st_mtim.tv_sec),
          static_cast<std::uint64_t>(status.st_mtim.tv_nsec)})
      stamps.push_back(part);
  }
  return stamps;
}

}  // namespace weft::detail
