#include "filter.h"

#include <algorithm>
#include <cstring>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <tuple>

#include <fmt/format.h>

#include "identity.h"

namespace weft::detail {

/// The filter, as OpenSSL sees it: a BIO.
struct Wire {
  static int read(BIO* bio, char* data, int size) {
    TlsFilter& filter = *static_cast<TlsFilter*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    auto part = static_cast<int>(std::min(static_cast<std::size_t>(size), filter.input_.size()));
    if (part == 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    std::memcpy(data, filter.input_.data(), static_cast<std::size_t>(part));
    filter.input_.remove_prefix(static_cast<std::size_t>(part));
    return part;
  }
  static int write(BIO* bio, const char* data, int size) {
    static_cast<TlsFilter*>(BIO_get_data(bio))
        ->put_out(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
    return size;
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
  static const BIO_METHOD* method() {
    static const BIO_METHOD* made = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weft");
      BIO_meth_set_read(method, &read);
      BIO_meth_set_write(method, &write);
      BIO_meth_set_ctrl(method, &control);
      return method;
    }();
    return made;
  }
};

namespace {
/// Of a record, at most: header, padding, tag.
constexpr std::size_t record_overhead = 5 + 256;
constexpr std::size_t first_block = 2048 - sizeof(Block);
}  // namespace

TlsFilter::TlsFilter(SslPtr ssl, Side side, std::shared_ptr<const void> keep)
    : ssl_(std::move(ssl)), keep_(std::move(keep)) {
  SSL_set_app_data(ssl_.get(), this);
  BIO* bio = BIO_new(Wire::method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  BIO_up_ref(bio);
  SSL_set0_rbio(ssl_.get(), bio);
  SSL_set0_wbio(ssl_.get(), bio);
  if (side == Side::client) {
    SSL_set_connect_state(ssl_.get());
    broken_ = advance_handshake();  // its first words
  } else {
    SSL_set_accept_state(ssl_.get());
  }
}

TlsFilter::~TlsFilter() {
  // OpenSSL would resume no session of which a connection was cut off, as TLS 1.0 had it. Later versions only
  // forbid it for those that failed.
  if (SSL_get_shutdown(ssl_.get()) == 0) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN);
}

Task<void> TlsFilter::handshake(TlsFilter* filter) {
  co_await filter->over_.wait();
  co_await Status{filter->broken_};
}

void TlsFilter::give_up(Status why) { std::ignore = end_handshake(std::move(why)); }

std::string TlsFilter::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  return std::string(reinterpret_cast<const char*>(chosen), size);
}

Status TlsFilter::end_handshake(Status status) {
  if (broken_.ok()) broken_ = status;
  over_.set();
  return status;
}

Status TlsFilter::advance_handshake() {
  ERR_clear_error();
  int done = SSL_do_handshake(ssl_.get());
  if (done != 1) {
    Status status = failure(done);
    return status.ok() ? status : end_handshake(std::move(status));
  }
  established_ = true;
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  bool is_proven = SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER;
  if (certificate && is_proven) identity_ = std::make_shared<PeerIdentity>(identity_of(*certificate));
  return end_handshake({});
}

Status TlsFilter::receive(Bytes bytes, std::vector<Bytes>& plain) {
  if (!broken_.ok()) return broken_;
  partial_ = std::min(partial_, record_max + record_overhead) + bytes.size();
  input_ = std::move(bytes);
  Status status;
  if (!established_) status = advance_handshake();
  if (established_ && status.ok()) status = read(plain);
  if (status.ok() && own_output_ > output_max)
    status = unavailable("TLS: the peer asks for answers and takes none");
  input_ = Bytes{};  // all of it has been read, or nobody will
  if (!status.ok()) broken_ = status;
  return status;
}

Status TlsFilter::read(std::vector<Bytes>& plain) {
  for (;;) {
    // The plain bytes of several records lie side by side, and take no more memory than the records.
    Buffer buffer{std::max<std::size_t>(partial_, 64)};
    std::size_t used = 0;
    int done = 1;
    while (used < buffer.capacity()) {
      std::size_t size = 0;
      ERR_clear_error();
      done = SSL_read_ex(ssl_.get(), buffer.data() + used, buffer.capacity() - used, &size);
      if (done != 1) break;
      used += size;
    }
    if (used > 0) plain.push_back(buffer.freeze(used));
    if (done == 1) continue;  // the buffer was full
    if (!SSL_has_pending(ssl_.get())) partial_ = 0;
    return failure(done);
  }
}

Status TlsFilter::cut_off(Status status) {
  if (!broken_.ok()) return broken_;
  if (status.ok() && !established_)
    status = unavailable("TLS: the peer ended the connection during the handshake; perhaps it speaks no TLS");
  else if (status.ok())
    status = unavailable("TLS: the connection was cut off; the peer did not say that it ended it");
  broken_ = status;
  return established_ ? status : end_handshake(std::move(status));
}

Result<std::size_t> TlsFilter::send(std::span<const Bytes> plain, std::size_t limit,
                                    std::vector<Bytes>& out) {
  std::size_t taken = 0;
  Status status = broken_;
  if (status.ok() && established_ && !plain.empty()) {
    std::size_t total = 0;
    for (const Bytes& slice : plain)
      if ((total += slice.size()) >= limit) break;
    total = std::min(total, limit);
    std::size_t needed = total + (total / record_max + 1) * 32;
    if (used_ == 0) block_ = Buffer{needed};
    thread_local std::array<std::uint8_t, record_max> gathered;
    std::size_t gathered_size = 0;
    for (const Bytes& slice : plain) {
      std::size_t size = std::min(slice.size(), limit - taken - gathered_size), offset = 0;
      while (offset < size && status.ok()) {
        std::size_t left = size - offset;
        if (gathered_size == 0 && left >= record_max) {
          status = write_record(slice.data() + offset, record_max);
          offset += record_max;
          taken += record_max;
          continue;
        }
        std::size_t part = std::min(left, record_max - gathered_size);
        std::memcpy(gathered.data() + gathered_size, slice.data() + offset, part);
        gathered_size += part;
        offset += part;
        if (gathered_size < record_max) continue;
        status = write_record(gathered.data(), gathered_size);
        taken += std::exchange(gathered_size, 0);
      }
      if (!status.ok() || taken + gathered_size >= limit) break;
    }
    if (gathered_size > 0 && status.ok()) {
      status = write_record(gathered.data(), gathered_size);
      taken += gathered_size;
    }
    if (!status.ok()) broken_ = status;
  }
  for (Bytes& slice : output_) out.push_back(std::move(slice));
  output_.clear();
  if (used_ > 0) out.push_back(block_.freeze(std::exchange(used_, 0)));
  block_ = Buffer{};
  own_output_ = 0;
  if (!status.ok() && out.empty() && !plain.empty()) return status;
  return taken;
}

Status TlsFilter::write_record(const std::uint8_t* data, std::size_t size) {
  std::size_t written = 0;
  while (written < size) {
    std::size_t part = 0;
    ERR_clear_error();
    int done = SSL_write_ex(ssl_.get(), data + written, size - written, &part);
    if (done != 1) {
      Status status = failure(done);
      return status.ok() ? internal("TLS: a record could not be written") : status;
    }
    written += part;
  }
  return {};
}

void TlsFilter::put_out(const std::uint8_t* data, std::size_t size) {
  if (block_.capacity() - used_ < size) {
    if (used_ > 0) output_.push_back(block_.freeze(std::exchange(used_, 0)));
    block_ = Buffer{std::max(size, first_block)};
  }
  std::memcpy(block_.data() + used_, data, size);
  used_ += size;
  own_output_ += size;
}

void TlsFilter::finish() {
  if (std::exchange(finished_, true) || !established_ || !broken_.ok()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // RFC 8446, 6.1: "Each party MUST send a "close_notify" alert before closing"
  ERR_clear_error();
}

/// What `returned` means; OK: more must come from the peer, or nothing more will.
Status TlsFilter::failure(int returned) {
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {};
    case SSL_ERROR_ZERO_RETURN:
      ended_ = true;
      return {};
    default:
      return unavailable(why_refused(ERR_peek_last_error()));
  }
}

std::string TlsFilter::why_refused(unsigned long error) const {
  int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
  long verified = SSL_get_verify_result(ssl_.get());
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK)
    return fmt::format("TLS: the peer's certificate is refused: {}", X509_verify_cert_error_string(verified));
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) return "TLS: the peer showed no certificate";
  if (reason == SSL_R_WRONG_VERSION_NUMBER && !established_) return "TLS: the peer speaks something else";
  if (reason > SSL_AD_REASON_OFFSET) return fmt::format("TLS: the peer refuses: {}", last_error());
  return fmt::format("TLS: {}", last_error());
}

}  // namespace weft::detail
