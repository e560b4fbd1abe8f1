#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>

#include <weft/runtime/address.h>
#include <weft/runtime/blocking.h>

#include "filter.h"
#include "tls.h"

namespace weft::detail {
namespace {

constexpr std::size_t sessions_max = 4;

bool is_ip_address(const std::string& host) {
  in6_addr any;
  return inet_pton(AF_INET, host.c_str(), &any) == 1 || inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

/// What is made from the files, on a thread that may block.
using Opened = Result<std::shared_ptr<SSL_CTX>>;

Opened make(ChannelTls options) {
  ContextPtr context = make_context(TLS_client_method(), options.minimum);
  if (!context) return resource_exhausted("TLS: no memory for a context");
  SSL_CTX* own = context.get();
  if (!options.certificate.chain_file.empty())
    if (Status status = use_certificate(*own, options.certificate); !status.ok()) return status;
  ERR_clear_error();
  const char* file = options.ca_file.empty() ? nullptr : options.ca_file.c_str();
  if ((file ? SSL_CTX_load_verify_file(own, file) : SSL_CTX_set_default_verify_paths(own)) != 1)
    return invalid_argument(
        fmt::format("TLS: no authorities in {}: {}", file ? file : "the system's store", last_error()));
  SSL_CTX_set_verify(own, options.insecure_skip_verification ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  // Sessions are kept by the channel that they belong to.
  SSL_CTX_set_session_cache_mode(own, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  return std::shared_ptr<SSL_CTX>{context.release(), &SSL_CTX_free};
}

class OpensslClient final : public TlsClient, public std::enable_shared_from_this<OpensslClient> {
 public:
  OpensslClient(ChannelTls options, std::string host, const std::vector<std::string>& protocols)
      : options_(std::move(options)), host_(std::move(host)), protocols_(alpn_list(protocols)) {
    stamps_.add(options_.ca_file);
    stamps_.add(options_.certificate);
  }

  Task<std::string> connect(Socket* socket) override;

 private:
  Task<void> load();
  Status prepare(SSL* ssl);
  SessionPtr take_session();
  static int keep_session(SSL* ssl, SSL_SESSION* session);

  const ChannelTls options_;
  const std::string host_;
  const std::string protocols_;
  FileStamps stamps_;
  std::vector<std::uint64_t> seen_;
  std::shared_ptr<SSL_CTX> context_;
  std::vector<SessionPtr> sessions_;  ///< of `context_`, the latest last
};

/// Certificates of clients change too: what there is now counts for each connection.
Task<void> OpensslClient::load() {
  if (context_ && stamps_.empty()) co_return;
  auto stamps = co_await blocking(&FileStamps::take, stamps_);
  if (context_ && stamps == seen_) co_return;
  auto made = co_await blocking(&make, options_);
  SSL_CTX_sess_set_new_cb(made.get(), &keep_session);
  context_ = std::move(made);
  seen_ = std::move(stamps);
  sessions_.clear();
}

/// For SSL: what it returns is whether the session is now ours.
int OpensslClient::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<OpensslClient*>(const_cast<void*>(TlsFilter::of(ssl).keep().get()));
  if (SSL_get_SSL_CTX(ssl) != self.context_.get()) return 0;
  if (self.sessions_.size() == sessions_max) self.sessions_.erase(self.sessions_.begin());
  self.sessions_.emplace_back(session);
  return 1;
}

SessionPtr OpensslClient::take_session() {
  if (sessions_.empty()) return nullptr;
  SessionPtr session = std::move(sessions_.back());
  sessions_.pop_back();
  // RFC 8446, C.4: "Clients SHOULD NOT reuse a ticket for multiple connections." Before, they may.
  if (SSL_SESSION_get_protocol_version(session.get()) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(session.get());
    sessions_.emplace_back(session.get());
  }
  return session;
}

Status OpensslClient::prepare(SSL* ssl) {
  X509_VERIFY_PARAM* expected = SSL_get0_param(ssl);
  bool fits = true;
  if (is_ip_address(host_)) {
    fits = X509_VERIFY_PARAM_set1_ip_asc(expected, host_.c_str()) == 1;
  } else if (!host_.empty()) {
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // RFC 6066, 3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"."
    fits = X509_VERIFY_PARAM_set1_host(expected, host_.c_str(), host_.size()) == 1 &&
           SSL_set_tlsext_host_name(ssl, host_.c_str()) == 1;
  }
  if (!protocols_.empty() &&
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(protocols_.data()),
                          static_cast<unsigned>(protocols_.size())) != 0)
    fits = false;
  if (!fits) return invalid_argument(fmt::format("TLS: '{}' cannot be a server's name", host_));
  if (SessionPtr session = take_session()) SSL_set_session(ssl, session.get());
  return {};
}

Task<std::string> OpensslClient::connect(Socket* socket) {
  auto self = shared_from_this();
  co_await load();
  SslPtr ssl{SSL_new(context_.get())};
  if (!ssl) co_return resource_exhausted("TLS: no memory for a connection");
  co_await prepare(ssl.get());
  auto made = std::make_unique<TlsFilter>(std::move(ssl), TlsFilter::Side::client, std::move(self));
  TlsFilter& filter = *made;
  socket->attach(std::move(made));
  co_await TlsFilter::handshake(&filter);
  std::string protocol = filter.protocol();
  if (protocol.empty() && !protocols_.empty())
    co_return unavailable(
        fmt::format("TLS: the server does not agree to '{}' by ALPN", protocols_.substr(1)));
  co_return protocol;
}

}  // namespace

Result<std::shared_ptr<TlsClient>> TlsClient::open(ChannelTls options, std::string_view address,
                                                   std::vector<std::string> protocols) {
  std::string host = options.server_name;
  if (host.empty() && !address.starts_with("unix:")) {
    auto split = HostPort::split(address);
    if (!split) return std::move(split).status();
    host = split->host;
  }
  if (host.empty() && !options.insecure_skip_verification)
    return invalid_argument(
        fmt::format("TLS: '{}' names no host that a certificate could be for: set tls.server_name", address));
  return std::shared_ptr<TlsClient>{
      std::make_shared<OpensslClient>(std::move(options), std::move(host), protocols)};
}

}  // namespace weft::detail
