// ServerCall: one call from its first header to its trailers: what arrives, the handler that runs, what it
// answers. It lives until both its stream and its handler have ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/middleware/current_call.h>
#include <weft/middleware/service.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/stream.h>
#include <weft/runtime/sync.h>

#include "../http2/session.h"
#include "../router.h"
#include "compression.h"
#include "fields.h"
#include "messages.h"

namespace weft::detail::grpc {

class ServerConnection;

class ServerCall final : public http2::Stream, public CurrentCall {
 public:
  explicit ServerCall(ServerConnection& connection);
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

  // For its connection.
  /// The memory that it waited for may be taken.
  void window_opens() { open_window(); }
  /// Lets go of the piece that small messages which wait for the handler came in.
  void leave_piece();
  /// Whether it waits for memory for a message, or was given it, longer than `ticks`.
  bool is_slow(std::uint32_t tick, std::uint32_t ticks) const noexcept {
    return (promised_ > 0 || starved_) && tick - memory_tick_ > ticks;
  }
  /// Bytes that the connection counts.
  std::size_t held() const noexcept { return held_; }
  void give_up_memory() {
    refuse(Refusal::receive_memory, "the request took too long for the memory that it needs");
  }
  void may_start() { start(); }
  bool is_open() const noexcept { return open_; }
  /// Whether its reply should be small, as others of its method were.
  bool replies_little() const noexcept;
  /// The connection goes: nothing is sent any more. It may be gone when this returns.
  void abandon() { closed(http2::ErrorCode::cancel); }
  ServerCall* next = nullptr;
  ServerCall** previous = nullptr;

 private:
  /// One of those for whom it lives: its stream, its handler, the stream of its requests.
  class Hold {
   public:
    explicit Hold(ServerCall* call) noexcept : call_(call) { ++call_->holds_; }
    Hold(Hold&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
    ~Hold() {
      if (call_) call_->release();
    }
    ServerCall* operator->() const noexcept { return call_; }
    ServerCall* get() const noexcept { return call_; }

   private:
    ServerCall* call_;
  };
  struct HandlerStrand : Strand {
    using Strand::Strand;
    ServerCall* call = nullptr;
  };
  struct DeadlineTimer : Timer {
    explicit DeadlineTimer(ServerCall& call) noexcept : Timer(&passed), call(call) {}
    static void passed(Timer& timer) noexcept;
    ServerCall& call;
  };
  ~ServerCall();
  void release() noexcept;

  // What arrives.
  void field(std::string_view name, std::string_view value) override;
  void fields_end(bool end_stream) override;
  void data(Bytes piece) override;
  void ended() override;
  void closed(http2::ErrorCode code) override;
  Status check_request() const;
  void deadline_passed();
  void take(Message message);
  Task<Bytes> inflate(Message message);
  void open_window();
  void keep_promise();
  void drop_request() noexcept;
  void account() noexcept;
  bool waits_for_message() const noexcept { return wanted_ || !method().streams_requests; }
  static weft::Stream<Chain> messages(Hold call);

  // The handler.
  void start();
  Task<Reply> serve(Call call);
  Task<Reply> inflate_and_serve(Call call);
  static Task<void> answer_stream(Hold call, Call request);
  static void handler_over(Strand& strand) noexcept;
  void handled();

  // What is answered.
  void refuse_http(std::string_view status, std::string_view why);
  void send_headers(http2::Session::Then then);
  Status send_message(const Chain& message);
  void add_reply(Reply& reply);
  void add_trailers(Reply& reply);
  void finish(Status status);
  void fail(Status status);
  void refuse(Refusal why, std::string text);
  void send_status(bool alone);
  void out_shrunk() override;
  bool out_sent() override;
  void count_large(std::size_t size);
  void large_left(std::size_t kept);

  // CurrentCall
  const Method& method() const noexcept override { return route_->served->method; }
  const Metadata& metadata() const noexcept override { return metadata_; }
  Address peer() const override;
  std::shared_ptr<const PeerIdentity> peer_identity() const override;
  Metadata& reply_metadata() noexcept override { return reply_metadata_; }
  Metadata& trailers() noexcept override { return reply_trailers_; }
  void compress_replies(bool wanted) noexcept override {
    compress_ = wanted;
    compress_said_ = true;
  }
  bool request_compressed() const noexcept override { return received_compressed_; }

  ServerConnection& connection_;
  Router::Route* route_ = nullptr;
  std::uint32_t holds_ = 1;  ///< the stream's
  std::uint32_t list_size_ = 0;
  Metadata metadata_, reply_metadata_, reply_trailers_;
  Instant deadline_ = Instant::never();
  MessageReader reader_;
  Message message_;             ///< of a method that takes one
  std::vector<Message> inbox_;  ///< of one that takes many
  std::size_t inbox_first_ = 0;
  std::size_t owed_ = 0;      ///< bytes received since its window was last looked at
  std::size_t unread_ = 0;    ///< bytes that messages for the handler take
  std::size_t promised_ = 0;  ///< bytes of the message under way that it was given memory for; of a method
                              ///< that takes one, until its caller says that there is no other
  std::size_t held_ = 0;      ///< bytes that the connection knows of
  std::uint32_t memory_tick_ = 0;  ///< when it was promised memory, or began to wait for it
  std::size_t large_ = 0;          ///< bytes of large replies of which `out` has a part
  std::size_t last_large_ = 0;     ///< of the last of them
  HandlerStrand strand_;
  Task<Reply> reply_;
  Task<void> replies_;
  Event arrived_;  ///< something, for `messages`
  Event room_;     ///< to send more
  Status status_;  ///< how it ended, once `finished_`
  DeadlineTimer timer_;
  Compression encoding_ = Compression::none, reply_encoding_ = Compression::none;
  Accepts accepts_;
  bool post_ = false, grpc_ = false, bad_timeout_ = false, unknown_encoding_ = false, too_large_ = false;
  bool fields_done_ = false;    ///< of the request
  bool refused_ = false;        ///< as no call of gRPC
  bool compress_ = false;       ///< messages that are sent
  bool compress_said_ = false;  ///< by the handler
  bool received_compressed_ = false;
  bool has_message_ = false;
  bool starved_ = false;                    ///< the message under way waits for memory
  bool wanted_ = false;                     ///< somebody waits for a message
  bool ended_ = false;                      ///< all requests are there
  bool open_ = true;                        ///< the stream is
  bool started_ = false, running_ = false;  ///< the handler
  bool headers_sent_ = false;
  bool finished_ = false;  ///< the status is decided
};

}  // namespace weft::detail::grpc
