#include <atomic>
#include <mutex>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <fmt/format.h>

#include <weft/runtime/blocking.h>
#include <weft/runtime/combine.h>
#include <weft/runtime/log.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/sync.h>

#include "filter.h"
#include "tls.h"

namespace weft::detail {
namespace {

constexpr Duration look_every = std::chrono::seconds(1);
/// How long a connection that is refused stays, so that its peer hears why before the reset.
constexpr Duration last_words = std::chrono::milliseconds(200);
/// How long a handshake may take while others wait for its place.
constexpr Duration crowded_patience = std::chrono::seconds(1);
/// RFC 8446, 5.1 and 6: a fatal alert, "protocol_version". It reaches peers that do not speak TLS as
/// something that they can tell apart.
constexpr std::string_view speak_tls{"\x15\x03\x01\x00\x02\x02\x46", 7};

/// One state of the files.
struct Certificates {
  std::vector<ContextPtr> contexts;  ///< one for each certificate
  std::string protocols;             ///< of ALPN, the best first
};

/// Which certificate a client gets.
int choose_certificate(SSL* ssl, int*, void*) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!name) return SSL_TLSEXT_ERR_NOACK;
  auto& certificates = *static_cast<const Certificates*>(TlsFilter::of(ssl).keep().get());
  for (const ContextPtr& context : certificates.contexts) {
    if (X509_check_host(SSL_CTX_get0_certificate(context.get()), name, 0, 0, nullptr) != 1) continue;
    if (context.get() != SSL_get_SSL_CTX(ssl)) SSL_set_SSL_CTX(ssl, context.get());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;  // the first one: clients say themselves what they think of it
}

int choose_protocol(SSL* ssl, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  auto& own = static_cast<const Certificates*>(TlsFilter::of(ssl).keep().get())->protocols;
  if (own.empty()) return SSL_TLSEXT_ERR_NOACK;
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(own.data()),
                            static_cast<unsigned>(own.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;  // RFC 7301, 3.2: "no_application_protocol"
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

class OpensslServer final : public TlsServer {
 public:
  OpensslServer(ServerTls options, const std::vector<std::string>& protocols)
      : options_(std::move(options)), protocols_(alpn_list(protocols)) {
    for (const TlsCertificate& certificate : options_.certificates) stamps_.add(certificate);
    stamps_.add(options_.client_ca_file);
  }

  Status reload() override {
    std::lock_guard lock{loading_};
    return load(stamps_.take());
  }

  const ServerTls& options() const noexcept { return options_; }
  std::shared_ptr<const Certificates> current() const {
    std::lock_guard lock{mutex_};
    return current_;
  }

  /// Whether the files have not been looked at for a while; then the caller is to do it.
  bool is_due() noexcept {
    std::int64_t time = now().since_start.count(), due = due_.load(std::memory_order_relaxed);
    return time >= due && due_.compare_exchange_strong(due, time + look_every.count());
  }
  /// Blocks.
  static void look(std::shared_ptr<OpensslServer> self) {
    std::lock_guard lock{self->loading_};
    auto stamps = self->stamps_.take();
    if (stamps == self->seen_) return;
    Status status = self->load(std::move(stamps));
    if (status.ok())
      log(LogLevel::info, "TLS: the certificates have changed, and are in use");
    else
      log(LogLevel::warning,
          fmt::format("the certificates have changed, and the old ones stay: {}", status.message()));
  }

 private:
  Status load(std::vector<std::uint64_t> stamps);
  Result<ContextPtr> make(const TlsCertificate& certificate) const;

  const ServerTls options_;
  const std::string protocols_;
  FileStamps stamps_;
  std::mutex loading_;
  std::vector<std::uint64_t> seen_;  ///< under `loading_`: the files when they were read last
  mutable std::mutex mutex_;
  std::shared_ptr<const Certificates> current_;  ///< under `mutex_`
  std::atomic<std::int64_t> due_{0};
};

Status OpensslServer::load(std::vector<std::uint64_t> stamps) {
  seen_ = std::move(stamps);  // what cannot be used is not tried again until it changes
  auto certificates = std::make_shared<Certificates>();
  certificates->protocols = protocols_;
  for (const TlsCertificate& certificate : options_.certificates) {
    auto context = make(certificate);
    if (!context) return std::move(context).status();
    certificates->contexts.push_back(*std::move(context));
  }
  std::lock_guard lock{mutex_};
  current_ = std::move(certificates);
  return {};
}

Result<ContextPtr> OpensslServer::make(const TlsCertificate& certificate) const {
  ContextPtr context = make_context(TLS_server_method(), options_.minimum);
  if (!context) return resource_exhausted("TLS: no memory for a context");
  SSL_CTX* own = context.get();
  if (Status status = use_certificate(*own, certificate); !status.ok()) return status;
  // Sessions are in the tickets that clients keep: nothing grows here. Each reload has keys of its own, so
  // that no ticket outlives the authority that its client was checked against.
  SSL_CTX_set_session_cache_mode(own, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(own, 1);
  SSL_CTX_set_session_id_context(own, reinterpret_cast<const unsigned char*>("weft"), 4);
  SSL_CTX_set_tlsext_servername_callback(own, &choose_certificate);
  SSL_CTX_set_alpn_select_cb(own, &choose_protocol, nullptr);
  if (options_.client_ca_file.empty()) return context;
  ERR_clear_error();
  const char* file = options_.client_ca_file.c_str();
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(file);
  if (!names || SSL_CTX_load_verify_file(own, file) != 1) {
    sk_X509_NAME_pop_free(names, &X509_NAME_free);
    return invalid_argument(fmt::format("TLS: no authorities in {}: {}", file, last_error()));
  }
  SSL_CTX_set_client_CA_list(own, names);
  SSL_CTX_set_verify(
      own, SSL_VERIFY_PEER | (options_.require_client_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
      nullptr);
  return context;
}

/// Handshakes that are under way, the longest first. Each of them takes memory before its peer has proven
/// anything, so there is room for a number of them; others wait, and those that stall then make room.
class Handshakes {
 public:
  explicit Handshakes(std::size_t max) noexcept : free_(max) {}

  class Entry {
   public:
    Entry(Handshakes& all, TlsFilter& filter) : all_(all), filter_(&filter), previous_(all.last_) {
      *previous_ = this;
      all.last_ = &next_;
    }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() {
      *previous_ = next_;
      (next_ ? next_->previous_ : all_.last_) = previous_;
    }

   private:
    friend class Handshakes;
    Handshakes& all_;
    TlsFilter* filter_;
    Instant began_ = now();
    Entry* next_ = nullptr;
    Entry** previous_;
  };

  static Task<Semaphore::Permit> permit(Handshakes* handshakes) {
    struct Waiting {
      std::size_t& count;
      explicit Waiting(std::size_t& count) noexcept : count(count) { ++count; }
      ~Waiting() { --count; }
    } waiting{handshakes->waiting_};
    co_return co_await handshakes->free_.acquire();
  }
  void sweep() noexcept {
    std::size_t wanted = waiting_;
    for (Entry* entry = first_; entry && wanted > 0; entry = entry->next_, --wanted) {
      if (now() - entry->began_ < crowded_patience) return;
      entry->filter_->give_up(deadline_exceeded());
    }
  }

 private:
  Semaphore free_;
  std::size_t waiting_ = 0;
  Entry* first_ = nullptr;
  Entry** last_ = &first_;
};

class OpensslAcceptor final : public TlsAcceptor {
 public:
  explicit OpensslAcceptor(std::shared_ptr<OpensslServer> server)
      : server_(std::move(server)), handshakes_(server_->options().handshakes_max) {}

  Task<std::string> open(Socket* socket, Duration silence_max) override;
  void sweep() noexcept override { handshakes_.sweep(); }

 private:
  Task<std::string> shake_hands(Socket* socket);

  std::shared_ptr<OpensslServer> server_;
  Handshakes handshakes_;
};

/// Sends what is queued and the end, and waits until the peer can have heard it.
Task<void> refuse(Socket* socket) {
  socket->shutdown_write();
  co_await sleep(last_words);
}

Task<std::string> OpensslAcceptor::open(Socket* socket, Duration silence_max) {
  const ServerTls& options = server_->options();
  Instant began = now();
  if (options.required) silence_max = options.handshake_timeout;
  auto first = co_await attempt(within(silence_max, socket->receive()));
  if (!first && first.status().code() != Code::deadline_exceeded) co_return std::move(first).status();
  if (!first) co_return deadline_exceeded("the peer says nothing");
  if (first->empty()) co_return unavailable("the peer said nothing");
  bool is_tls = (*first)[0] == 0x16;  // RFC 8446, 5.1: "handshake(22)"
  socket->unread(*std::move(first));
  if (!is_tls && !options.required) co_return std::string{};
  if (!is_tls) {
    socket->write(Bytes::of_static(speak_tls));
    co_await refuse(socket);
    co_return failed_precondition("TLS is required here, and the peer does not speak it");
  }
  Duration left = options.handshake_timeout - (options.required ? now() - began : Duration{});
  auto done = co_await attempt(within(left, shake_hands(socket)));
  if (done) co_return *std::move(done);
  Status status = std::move(done).status();
  if (status.code() == Code::cancelled) co_return status;
  if (status.code() == Code::deadline_exceeded)
    co_return deadline_exceeded("TLS: the handshake takes too long");
  if (status.code() == Code::unavailable) co_await refuse(socket);
  co_return status;
}

Task<std::string> OpensslAcceptor::shake_hands(Socket* socket) {
  // The first connection after a second finds out whether there are new certificates, and waits for them.
  if (server_->is_due()) co_await blocking(&OpensslServer::look, server_);
  auto permit = co_await Handshakes::permit(&handshakes_);
  std::shared_ptr<const Certificates> certificates = server_->current();
  SslPtr ssl{SSL_new(certificates->contexts[0].get())};
  if (!ssl) co_return resource_exhausted("TLS: no memory for a connection");
  auto made = std::make_unique<TlsFilter>(std::move(ssl), TlsFilter::Side::server, std::move(certificates));
  TlsFilter& filter = *made;
  Handshakes::Entry entry{handshakes_, filter};
  socket->attach(std::move(made));
  co_await TlsFilter::handshake(&filter);
  co_return filter.protocol();
}

Status check(const ServerTls& options) {
  if (options.certificates.empty()) return invalid_argument("TLS: the server has no certificate");
  if (!options.require_client_certificate) return {};
  if (options.client_ca_file.empty())
    return invalid_argument("TLS: client certificates are required, and no client_ca_file says whose");
  if (!options.required)
    return invalid_argument(
        "TLS: client certificates are required, and connections without TLS are not refused");
  return {};
}

}  // namespace

Result<std::shared_ptr<TlsServer>> TlsServer::open(ServerTls options, std::vector<std::string> protocols) {
  if (Status status = check(options); !status.ok()) return status;
  auto server = std::make_shared<OpensslServer>(std::move(options), protocols);
  if (Status status = server->reload(); !status.ok()) return status;
  return std::shared_ptr<TlsServer>{std::move(server)};
}

std::unique_ptr<TlsAcceptor> TlsAcceptor::make(std::shared_ptr<TlsServer> server) {
  return std::make_unique<OpensslAcceptor>(std::static_pointer_cast<OpensslServer>(std::move(server)));
}

}  // namespace weft::detail
