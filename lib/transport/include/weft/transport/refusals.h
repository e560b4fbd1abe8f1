// Refusals: how often a server refused something, by the limit or rule that it was refused for, so that a
// flood is seen in a metric and a limit that is too small is found by its name.
//
//   for (weft::Refusal why : weft::all_refusals)
//     exporter.set("refused", weft::name(why), server.refusals()[why]);
//
// What is served counts nothing for this: only a refusal pays, with one atomic addition.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weft {

/// Most have the name of the option that sets the limit.
enum class Refusal : std::uint8_t {
  connections_max,        ///< a connection too many: closed at once
  handshake_timeout,      ///< a connection that did not say in time what HTTP/2 begins with: closed
  tls_handshake,          ///< a TLS handshake that failed: closed
  tls_handshake_timeout,  ///< one that took too long, or that made room for others: closed
  protocol_error,         ///< bytes that are against the protocol: the connection closed, or a stream reset
  frame_timeout,          ///< a Thrift frame that was not finished in time: the connection closed
  keepalive_timeout,      ///< a peer that did not answer a PING: closed
  streams_max,            ///< a call too many on its connection: REFUSED_STREAM
  resets,                 ///< beyond `resets_burst` and `resets_per_second`: the connection closed
  control_frames,         ///< beyond `control_frames_burst` and `control_frames_per_second`: closed
  continuations_max,      ///< a header block in too many frames: the connection closed
  ping_strikes_max,       ///< PINGs too often: the connection closed
  header_list_max,        ///< a call with too many bytes of headers: RESOURCE_EXHAUSTED
  message_max,            ///< a call with too large a message, inflated or not: RESOURCE_EXHAUSTED
  receive_memory,         ///< `receive_buffered_core_max`: a call that ended with RESOURCE_EXHAUSTED, or a
                          ///< connection that was closed, since it held memory and made no progress
  send_memory,            ///< `send_buffered_core_max`: a connection closed that took no replies
};

inline constexpr std::size_t refusal_count = static_cast<std::size_t>(Refusal::send_memory) + 1;
/// Every one of them.
inline constexpr std::array<Refusal, refusal_count> all_refusals = [] {
  std::array<Refusal, refusal_count> all{};
  for (std::size_t index = 0; index < refusal_count; ++index) all[index] = static_cast<Refusal>(index);
  return all;
}();

/// "connections_max", ...
std::string_view name(Refusal refusal) noexcept;

/// How often each has happened since the server was made.
class Refusals {
 public:
  std::uint64_t operator[](Refusal refusal) const noexcept {
    return counts_[static_cast<std::size_t>(refusal)];
  }
  std::uint64_t& operator[](Refusal refusal) noexcept { return counts_[static_cast<std::size_t>(refusal)]; }
  std::uint64_t total() const noexcept {
    std::uint64_t sum = 0;
    for (std::uint64_t count : counts_) sum += count;
    return sum;
  }

 private:
  std::array<std::uint64_t, refusal_count> counts_{};
};

namespace detail {

/// Of a whole server; for any thread.
class RefusalCounts {
 public:
  void add(Refusal refusal) noexcept {
    counts_[static_cast<std::size_t>(refusal)].fetch_add(1, std::memory_order_relaxed);
  }
  Refusals read() const noexcept {
    Refusals all;
    for (Refusal refusal : all_refusals)
      all[refusal] = counts_[static_cast<std::size_t>(refusal)].load(std::memory_order_relaxed);
    return all;
  }

 private:
  std::array<std::atomic<std::uint64_t>, refusal_count> counts_{};
};

}  // namespace detail
}  // namespace weft
