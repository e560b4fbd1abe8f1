#include "authority.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace weft::test {
namespace {

void write(const std::string& path, auto write_to) {
  // A new file each time, as programs that renew certificates do: nobody reads half of one.
  std::string fresh = path + ".new";
  std::FILE* file = std::fopen(fresh.c_str(), "w");
  if (!file) std::abort();
  write_to(file);
  std::fclose(file);
  std::filesystem::rename(fresh, path);
}

void extend(X509& certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (!extension) std::abort();
  X509_add_ext(&certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Authority::Authority() : key_(EVP_EC_gen("P-256")) {
  std::string folder = (std::filesystem::temp_directory_path() / "weft-tls-XXXXXX").string();
  if (!mkdtemp(folder.data())) std::abort();
  folder_ = folder;
  static std::atomic<int> count{0};
  certificate_ = make({.common_name = "authority " + std::to_string(++count), .names = ""}, *key_);
  write(file(), [this](std::FILE* out) { PEM_write_X509(out, certificate_.get()); });
}

Authority::~Authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Authority::Certificate Authority::make(const Subject& subject, EVP_PKEY& key) const {
  static std::atomic<long> serial{std::rand()};
  Certificate made{X509_new()};
  X509* issuer = certificate_ ? certificate_.get() : made.get();
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3 * 86'400);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), subject.days * 86'400);
  X509_set_pubkey(made.get(), &key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(subject.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
  if (!certificate_) extend(*made, issuer, NID_basic_constraints, "critical,CA:TRUE");
  if (!subject.names.empty()) extend(*made, issuer, NID_subject_alt_name, subject.names);
  X509_sign(made.get(), key_.get(), EVP_sha256());
  return made;
}

TlsCertificate Authority::issue(const std::string& file, const Subject& subject) {
  Key key{subject.rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256")};
  Certificate made = make(subject, *key);
  TlsCertificate paths{folder_ + "/" + file + ".pem", folder_ + "/" + file + ".key"};
  write(paths.key_file,
        [&](std::FILE* out) { PEM_write_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  write(paths.chain_file, [&](std::FILE* out) { PEM_write_X509(out, made.get()); });
  return paths;
}

}  // namespace weft::test
