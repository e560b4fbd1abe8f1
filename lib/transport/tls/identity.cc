#include "identity.h"

#include <memory>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

#include "context.h"

namespace weft::detail {
namespace {

/// Empty where it has a zero byte inside: nobody should mistake its beginning for all of it.
std::string text_of(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  int size = text ? ASN1_STRING_to_UTF8(&utf8, text) : -1;
  if (size < 0) return {};
  std::string copy{reinterpret_cast<char*>(utf8), static_cast<std::size_t>(size)};
  OPENSSL_free(utf8);
  return copy.find('\0') == copy.npos ? copy : std::string{};
}

std::string print(const X509_NAME* name) {
  std::unique_ptr<BIO, Released<&BIO_free>> bio{BIO_new(BIO_s_mem())};
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
  char* data = nullptr;
  long size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string{};
}

}  // namespace

PeerIdentity identity_of(const X509& certificate) {
  PeerIdentity identity;
  X509_NAME* subject = X509_get_subject_name(&certificate);
  identity.subject = print(subject);
  if (int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); index >= 0)
    identity.common_name = text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  std::unique_ptr<GENERAL_NAMES, Released<&GENERAL_NAMES_free>> names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr))};
  for (int index = 0; names && index < sk_GENERAL_NAME_num(names.get()); ++index) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), index);
    std::vector<std::string>* list = name->type == GEN_DNS   ? &identity.dns_names
                                     : name->type == GEN_URI ? &identity.uris
                                                             : nullptr;
    if (!list) continue;
    if (std::string text = text_of(name->d.ia5); !text.empty()) list->push_back(std::move(text));
  }
  return identity;
}

}  // namespace weft::detail
