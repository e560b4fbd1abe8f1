// An authority for one test: it signs certificates, into files of a folder that goes with it.
#pragma once

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string>
#include <string_view>
#include <vector>

#include <weft/transport/tls_options.h>

namespace weft::test {

template <auto release>
struct Freed {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};

class Authority {
 public:
  Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  struct Subject {
    std::string common_name = "server";
    std::string names = "DNS:localhost,IP:127.0.0.1";  ///< subject alternative names; empty: none
    int days = 1;                                      ///< left; -1: over since yesterday
    bool rsa = false;
  };
  /// A certificate and its key in files `NAME.pem` and `NAME.key`, over those that are there.
  TlsCertificate issue(const std::string& file, const Subject& subject);
  TlsCertificate issue(const std::string& file) { return issue(file, Subject{}); }
  /// The authority's own certificate.
  std::string file() const { return folder_ + "/authority.pem"; }
  std::string folder() const { return folder_; }

 private:
  using Key = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;
  using Certificate = std::unique_ptr<X509, Freed<&X509_free>>;
  Certificate make(const Subject& subject, EVP_PKEY& key) const;

  std::string folder_;
  Key key_;
  Certificate certificate_;  ///< null until it has made its own
};

}  // namespace weft::test
