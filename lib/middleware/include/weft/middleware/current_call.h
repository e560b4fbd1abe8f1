// current_call(): what a handler can learn of the call that it serves, beside its request, and what it can
// say beside its reply.
//
//   weft::Task<HelloReply> say_hello(HelloRequest request) override {
//     const std::string* user = weft::current_call()->metadata().find("user");
//     weft::current_call()->trailers().add("cost", "3");
//
// Found from everything that a handler awaits or starts in scopes, not from tasks of the background. Cost:
// nothing for calls that do not ask.
#pragma once

#include <weft/middleware/call.h>
#include <weft/runtime/address.h>
#include <weft/runtime/peer_identity.h>

namespace weft {

/// Belongs to the server; valid as long as the handler runs. For the thread of its loop.
class CurrentCall {
 public:
  virtual const Method& method() const noexcept = 0;
  /// What came with the request. Framed Thrift has none.
  virtual const Metadata& metadata() const noexcept = 0;
  /// Who calls, as far as the connection tells.
  virtual Address peer() const = 0;
  /// Who the caller proved to be, by a certificate over TLS; null: it did not, or need not.
  virtual std::shared_ptr<const PeerIdentity> peer_identity() const { return nullptr; }

  /// What goes before the first message of the reply; once that has gone, additions come to nothing. Names
  /// are lower-case; those that end with "-bin" may have any bytes as values.
  virtual Metadata& reply_metadata() noexcept = 0;
  /// What goes after the last message, also when the call fails.
  virtual Metadata& trailers() noexcept = 0;

  /// Whether the request, or the latest message of a stream of them, came compressed.
  virtual bool request_compressed() const noexcept { return false; }
  /// Whether the messages sent from now on are compressed, if the caller takes that. Until said, the
  /// server's options decide.
  virtual void compress_replies(bool) noexcept {}

 protected:
  ~CurrentCall() = default;
};

/// Null outside of handlers.
inline CurrentCall* current_call() noexcept {
  Context* context = current_context();
  return context ? static_cast<CurrentCall*>(context->carried()) : nullptr;
}

}  // namespace weft
