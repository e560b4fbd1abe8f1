// TlsFilter: one TLS connection between a Socket's bytes and those on the wire, by an SSL that reads and
// writes memory. Records go in where they were received; what a turn of the loop wrote leaves in records as
// large as they may be, all at once.
#pragma once

#include <array>
#include <memory>
#include <string>

#include <weft/runtime/byte_filter.h>
#include <weft/runtime/peer_identity.h>
#include <weft/runtime/sync.h>
#include <weft/runtime/task.h>

#include "context.h"

namespace weft::detail {

class TlsFilter final : public ByteFilter {
 public:
  enum class Side { client, server };
  /// `keep`: what the callbacks of the SSL need for as long as it lives.
  TlsFilter(SslPtr ssl, Side side, std::shared_ptr<const void> keep);
  ~TlsFilter() override;

  /// That of an SSL of ours.
  static TlsFilter& of(const SSL* ssl) noexcept { return *static_cast<TlsFilter*>(SSL_get_app_data(ssl)); }

  /// Waits for the end of the handshake. The socket must stay open meanwhile.
  static Task<void> handshake(TlsFilter* filter);
  /// Ends the handshake with `why`.
  void give_up(Status why);
  bool was_resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }
  /// What ALPN agreed on; empty: nothing.
  std::string protocol() const;
  const std::shared_ptr<const void>& keep() const noexcept { return keep_; }

  Status receive(Bytes bytes, std::vector<Bytes>& plain) override;
  bool has_ended() const noexcept override { return ended_; }
  Status cut_off(Status status) override;
  bool has_output() const noexcept override { return used_ > 0 || !output_.empty(); }
  Result<std::size_t> send(std::span<const Bytes> plain, std::size_t limit, std::vector<Bytes>& out) override;
  void finish() override;
  std::shared_ptr<const PeerIdentity> peer_identity() const noexcept override { return identity_; }

 private:
  friend struct Wire;
  static constexpr std::size_t record_max = 16 * 1024;  ///< plain bytes
  /// Own words that the peer has not taken: those of a handshake with many certificates, and no flood of
  /// answers to questions.
  static constexpr std::size_t output_max = 256 * 1024;

  Status advance_handshake();
  Status read(std::vector<Bytes>& plain);
  Status write_record(const std::uint8_t* data, std::size_t size);
  Status failure(int returned);
  Status end_handshake(Status status);
  void put_out(const std::uint8_t* data, std::size_t size);
  std::string why_refused(unsigned long error) const;

  SslPtr ssl_;
  std::shared_ptr<const void> keep_;
  bool established_ = false, ended_ = false, finished_ = false;
  Status broken_;  ///< why nothing more goes in or out
  Event over_;     ///< the handshake is
  std::shared_ptr<const PeerIdentity> identity_;

  Bytes input_;                 ///< received, and not read by OpenSSL yet
  std::size_t partial_ = 0;     ///< bytes of unfinished records inside OpenSSL, at most
  std::vector<Bytes> output_;   ///< records for the peer
  Buffer block_;                ///< and the last of them
  std::size_t used_ = 0;        ///< of it
  std::size_t own_output_ = 0;  ///< bytes of all these, but for those that `send` has asked for
};

}  // namespace weft::detail
