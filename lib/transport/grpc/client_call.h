// ClientCall: one call from its request to its status, on one connection. It lives until its stream has
// ended, its requests have stopped, and nobody waits for its replies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <weft/middleware/call.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/stream.h>
#include <weft/runtime/sync.h>

#include "../http2/session.h"
#include "compression.h"
#include "messages.h"
#include "response.h"

namespace weft::detail::grpc {

class ClientConnection;

class ClientCall final : public http2::Stream {
 public:
  /// Somebody for whom it lives.
  class Hold {
   public:
    explicit Hold(ClientCall* call) noexcept : call_(call) { ++call_->holds_; }
    Hold(Hold&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
    ~Hold() {
      if (call_) call_->release();
    }
    ClientCall* operator->() const noexcept { return call_; }
    ClientCall* get() const noexcept { return call_; }

   private:
    ClientCall* call_;
  };

  static Hold make(std::shared_ptr<ClientConnection> connection, const Call& call, Instant deadline) {
    return Hold{new ClientCall(std::move(connection), call, deadline)};
  }
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

  /// Sends the request, or its beginning. A failure has sent nothing.
  Status begin(Call call);
  /// Waits for the reply; of a stream of replies for what comes before them. Cancelled, it ends the call.
  static Task<Reply> reply(Hold call);
  /// Ends the call with `reason` and tells the server. Nothing when it has ended.
  void give_up(Status reason, http2::ErrorCode code = http2::ErrorCode::cancel);
  /// The connection goes.
  void lost(const Status& reason);

  ClientCall* next = nullptr;
  ClientCall** previous = nullptr;

 private:
  struct Sending : Strand {
    using Strand::Strand;
    ClientCall* call = nullptr;
  };
  struct DeadlineTimer : Timer {
    explicit DeadlineTimer(ClientCall& call) noexcept : Timer(&passed), call(call) {}
    static void passed(Timer& timer) noexcept;
    ClientCall& call;
  };
  /// Ends the call when the stream of its replies is dropped.
  struct Reader {
    explicit Reader(Hold call) noexcept : call(std::move(call)) {}
    Reader(Reader&&) = default;
    ~Reader();
    Hold call;
  };

  ClientCall(std::shared_ptr<ClientConnection> connection, const Call& call, Instant deadline);
  ~ClientCall();
  void release() noexcept {
    if (--holds_ == 0) delete this;
  }

  // What is sent.
  Status send(const Chain& message);
  static Task<void> send_all(Hold call, std::shared_ptr<weft::Stream<Chain>> requests);
  static void sending_over(Strand& strand) noexcept;

  // What arrives.
  void field(std::string_view name, std::string_view value) override;
  void fields_end(bool end_stream) override;
  void data(Bytes piece) override;
  void ended() override;
  void out_shrunk() override;
  void closed(http2::ErrorCode code) override;
  Result<Bytes> open(const Message& message);
  void open_window();
  void finish(Status status);
  void signal() noexcept;
  static weft::Stream<Chain> replies(Reader reader, std::shared_ptr<Metadata> trailers);

  std::shared_ptr<ClientConnection> connection_;
  const Method& method_;
  std::shared_ptr<bool> compress_;
  Compression encoding_ = Compression::none;  ///< of what is sent
  std::uint32_t holds_ = 0;
  Instant deadline_;
  Response response_;
  MessageReader reader_;
  std::vector<Message> inbox_;
  std::size_t inbox_first_ = 0;
  std::size_t owed_ = 0;    ///< bytes received since its window was last looked at
  std::size_t unread_ = 0;  ///< bytes of replies that lie in the inbox
  Event changed_;           ///< something arrived, or sending has stopped
  Event room_;              ///< to send more
  Status status_;           ///< how it ended, once `finished_`
  DeadlineTimer timer_;
  Sending strand_;
  Task<void> sending_task_;
  bool begun_ = false;    ///< it has, or had, a stream
  bool open_ = false;     ///< the stream is
  bool sending_ = false;  ///< requests still come
  bool wanted_ = false;   ///< somebody waits for a message
  bool finished_ = false;
};

}  // namespace weft::detail::grpc
