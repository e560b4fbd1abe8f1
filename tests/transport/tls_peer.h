// TlsPeer: a client that speaks TLS by OpenSSL itself over a plain Socket, so that a test can look at each
// byte, and change it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string>

#include <weft/runtime/socket.h>
#include <weft/runtime/task.h>

#include "authority.h"

namespace weft::test {

class TlsPeer {
 public:
  using Context = std::unique_ptr<SSL_CTX, Freed<&SSL_CTX_free>>;
  using Session = std::unique_ptr<SSL_SESSION, Freed<&SSL_SESSION_free>>;
  /// `version`: the only one that it speaks.
  static Context context(const std::string& authority_file, int version = TLS1_3_VERSION) {
    Context made{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_min_proto_version(made.get(), version);
    SSL_CTX_set_max_proto_version(made.get(), version);
    SSL_CTX_load_verify_file(made.get(), authority_file.c_str());
    SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
    return made;
  }

  TlsPeer(Socket socket, SSL_CTX* context) : socket_(std::move(socket)), ssl_(SSL_new(context)) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }
  TlsPeer(TlsPeer&&) = default;
  ~TlsPeer() {
    // A session can be resumed however its connection ended.
    if (ssl_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN);
  }
  static Task<TlsPeer> to(std::string address, SSL_CTX* context) {
    Address parsed = co_await Address::parse(address);
    Socket socket = co_await connect_socket(parsed);
    co_return TlsPeer{std::move(socket), context};
  }

  /// Bytes of a piece that is sent at once; 0: all.
  std::size_t piece = 0;
  bool keeps_last_flight = false;  ///< it leaves with what is written next
  Task<void> handshake() {
    for (;;) {
      int done = SSL_do_handshake(ssl_.get());
      if (done != 1 && SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ)
        co_await unauthenticated(ERR_reason_error_string(ERR_peek_last_error()));
      if (done == 1 && keeps_last_flight) co_return;
      co_await send_records();
      if (done == 1) co_return;
      co_await receive();
    }
  }
  Task<void> write(std::string text) {
    if (SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) <= 0)
      co_await internal("SSL_write");
    co_await send_records();
  }
  /// The next plain bytes; empty once the peer has said that it closes.
  Task<std::string> read() {
    for (;;) {
      char part[16384];
      int size = SSL_read(ssl_.get(), part, sizeof part);
      if (size > 0) co_return std::string(part, static_cast<std::size_t>(size));
      int error = SSL_get_error(ssl_.get(), size);
      if (error == SSL_ERROR_ZERO_RETURN) co_return std::string{};
      if (error != SSL_ERROR_WANT_READ) co_return unavailable(ERR_reason_error_string(ERR_peek_last_error()));
      co_await send_records();
      co_await receive();
    }
  }
  Task<std::string> read(std::size_t size) {
    std::string all;
    while (all.size() < size) {
      std::string part = co_await read();
      if (part.empty()) co_return unavailable("closed");
      all += part;
    }
    co_return all;
  }
  /// What SSL has to say goes to the peer.
  Task<void> send_records() {
    char* data = nullptr;
    auto size = static_cast<std::size_t>(BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &data));
    std::string records(data, size);
    BIO_reset(SSL_get_wbio(ssl_.get()));
    for (std::size_t offset = 0; offset < size;) {
      std::size_t part = piece ? std::min(piece, size - offset) : size;
      socket_.write(Bytes(std::string_view(records).substr(offset, part)));
      co_await socket_.flush();
      offset += part;
    }
  }
  SSL* ssl() { return ssl_.get(); }
  Socket& socket() { return socket_; }

 private:
  Task<void> receive() {
    Bytes bytes = co_await socket_.receive();
    if (bytes.empty()) co_await unavailable("cut off");
    BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
  }

  Socket socket_;
  std::unique_ptr<SSL, Freed<&SSL_free>> ssl_;
};

}  // namespace weft::test
