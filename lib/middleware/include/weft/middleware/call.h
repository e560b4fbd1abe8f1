// Call and Reply: one remote call as data. Middleware sees these, with the payload encoded: a retry sends the
// same bytes again, and a server can refuse a call before it decodes it. Copying a Call shares its payload.
// A call with one message each way carries them as payloads; only where the IDL says `stream` there are
// messages, which pass one at a time, as they are asked for.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/runtime/bytes.h>
#include <weft/runtime/clock.h>
#include <weft/runtime/stream.h>

namespace weft {

/// How the calls of a service travel, by the IDL that it is written in.
enum class Protocol : std::uint8_t { thrift, grpc };

/// How a call may be asked of several servers at once; see <weft/middleware/hedge.h>.
struct HedgePolicy {
  std::uint32_t attempts = 0;  ///< in all, the first one included; 0: the IDL says nothing
  Duration delay{};            ///< before each but the first
};

/// What the IDL says about a method. Generated code holds one constant for each; it is compared by address.
struct Method {
  std::string_view service;  ///< "hello.Greeter"
  std::string_view name;     ///< "say_hello"
  Protocol protocol = Protocol::thrift;
  bool oneway = false;            ///< nobody answers
  bool idempotent = false;        ///< may be sent again when its fate is unknown
  bool streams_requests = false;  ///< `Call::messages` instead of its payload
  bool streams_replies = false;   ///< `Reply::messages` instead of its payload
  Duration timeout{};             ///< the IDL's, for Timeout{}; zero: it says nothing
  HedgePolicy hedge{};
};

/// Names and values that travel beside the payload where the protocol has room for them; names may repeat.
class Metadata {
 public:
  using Entry = std::pair<std::string, std::string>;

  void add(std::string name, std::string value) { entries_.emplace_back(std::move(name), std::move(value)); }
  /// The first value of `name`; null when there is none.
  const std::string* find(std::string_view name) const noexcept {
    for (const Entry& entry : entries_)
      if (entry.first == name) return &entry.second;
    return nullptr;
  }
  bool empty() const noexcept { return entries_.empty(); }
  std::size_t size() const noexcept { return entries_.size(); }
  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }

 private:
  std::vector<Entry> entries_;
};

/// Whom the attempts of one call have asked so far, so that the next one asks somebody else. Whoever makes
/// several attempts (retry, hedging) keeps one for the time of the call; the balancer below writes and reads
/// it. What it holds are identities: they are compared and never followed.
class Tried {
 public:
  void add(const void* who) noexcept {
    last_ = who;
    if (!contains(who)) asked_[next_++ % asked_.size()] = who;
  }
  bool contains(const void* who) const noexcept {
    return std::find(asked_.begin(), asked_.end(), who) != asked_.end();
  }
  bool empty() const noexcept { return !last_; }
  const void* last() const noexcept { return last_; }

 private:
  std::array<const void*, 8> asked_{};  ///< few calls are tried more often; the oldest is forgotten then
  std::size_t next_ = 0;
  const void* last_ = nullptr;
};

class Call {
 public:
  Call(const Method& method, Chain payload) : payload(std::move(payload)), method_(&method) {}

  const Method& method() const noexcept { return *method_; }

  Chain payload;  ///< the encoded arguments
  /// Of a method that streams its requests: the encoded messages. They can be read once, so such a call can
  /// be made once.
  std::shared_ptr<Stream<Chain>> messages;
  Metadata metadata;
  /// Whether messages are sent compressed, where the protocol can; looked at for each of them, so that a
  /// stream may change it between two. Null: as the channel's options say.
  std::shared_ptr<bool> compress;
  bool wait_for_ready = false;  ///< wait for a connection until the deadline, where there is none
  std::uint32_t attempt = 0;    ///< 0 for the first; set by retry and hedging
  Tried* tried = nullptr;       ///< kept by retry and hedging; null where a call is made once

 private:
  const Method* method_;
};

/// The detail of a Status that a peer ended a call with: what came after the last message. As the detail of a
/// handler's Status it goes to the caller.
struct Trailers {
  Metadata metadata;
};

struct Reply {
  Chain payload;  ///< the encoded result, a declared exception included
  /// Of a method that streams its replies: the encoded messages, as they are asked for. What it fails with is
  /// how the call ended. Dropping it before its end cancels the call.
  Stream<Chain> messages{};
  Metadata metadata{};                   ///< came, or goes, before the first message
  std::shared_ptr<Metadata> trailers{};  ///< comes, or goes, after the last message; null: none
  bool compressed = false;               ///< the payload came so
  bool declared_exception = false;       ///< the payload holds one. Known on the side that encoded it
};

}  // namespace weft
