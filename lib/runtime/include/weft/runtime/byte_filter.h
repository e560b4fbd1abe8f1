// ByteFilter: what the bytes of a Socket go through on their way: encryption, for one. Whoever attaches one
// to a socket reads and writes plain bytes as before; the filter is called on the socket's thread, as bytes
// come and, for what was written during a turn of the loop, at the turn's end. It may have words of its own
// for the peer, such as a handshake.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/result.h>

namespace weft {

struct PeerIdentity;

class ByteFilter {
 public:
  virtual ~ByteFilter() = default;

  /// Bytes came from the peer: appends what they mean to `plain`. After a failure, or once `has_ended`, it is
  /// not called again; what it appended before is still read.
  virtual Status receive(Bytes bytes, std::vector<Bytes>& plain) = 0;
  /// Whether the peer has said that nothing more follows.
  virtual bool has_ended() const noexcept = 0;
  /// The connection broke with `status`, or was ended by the peer where that is OK, and `has_ended` is false.
  /// Returns what the reader is to be told.
  virtual Status cut_off(Status status) = 0;

  /// Whether it has words of its own for the peer.
  virtual bool has_output() const noexcept = 0;
  /// Appends to `out` what is to be sent for the first bytes of `plain`, about `limit` of them at most, and
  /// its own words. Returns how many bytes of `plain` that were; none while it cannot take any yet.
  virtual Result<std::size_t> send(std::span<const Bytes> plain, std::size_t limit,
                                   std::vector<Bytes>& out) = 0;
  /// Nothing more will be written: `has_output` tells whether the peer is to hear of it.
  virtual void finish() = 0;

  /// Null: it is not known, or not proven.
  virtual std::shared_ptr<const PeerIdentity> peer_identity() const noexcept { return nullptr; }
};

}  // namespace weft
