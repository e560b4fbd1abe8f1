// ClientConnection: one connection to a gRPC server, with as many calls in flight as the server allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include <weft/runtime/socket.h>
#include <weft/runtime/sync.h>
#include <weft/transport/options.h>

#include "../http2/session.h"
#include "../link.h"
#include "../turn_work.h"
#include "client_call.h"

namespace weft::detail::grpc {

class ClientConnection final : public Link,
                               private http2::Listener,
                               public std::enable_shared_from_this<ClientConnection> {
 public:
  /// `address`: whom it is connected to, for `:authority`.
  ClientConnection(Socket socket, const ChannelOptions& options, std::string_view address, bool over_tls);
  ~ClientConnection() override;

  /// Works until the connection ends. Spawned once.
  static Task<void> read(std::shared_ptr<ClientConnection> self);

  bool is_usable() const noexcept override { return end_.ok() && !leaving_; }
  const Status& end() const noexcept override { return end_; }
  bool is_proven() const noexcept override { return proven_; }
  void close(Status reason) noexcept override;
  /// The server wants fewer PINGs.
  bool was_told_to_calm() const noexcept { return calm_; }

  /// A stream for one call. In order; fails with Reach::never_sent when the connection goes first.
  class Slot final : public QueuedWait {
   public:
    explicit Slot(ClientConnection& connection) noexcept : connection_(connection) {}
    bool await_ready() noexcept { return connection_.take_slot(); }
    void await_resume() const noexcept {}

   private:
    void start() noexcept override { connection_.waiting_.push(*this); }
    ClientConnection& connection_;
  };
  Slot slot() noexcept { return Slot{*this}; }
  /// Without waiting, if there is one.
  bool take_slot() noexcept;
  void give_slot_back() noexcept;

  /// Makes a call in a slot that was taken for it, which comes back when its stream has ended.
  static Task<Reply> call(std::shared_ptr<ClientConnection> self, Call call, Instant deadline);

  // For its calls.
  http2::Session& session() noexcept { return session_; }
  const GrpcChannelOptions& options() const noexcept { return options_.grpc; }
  std::string_view scheme() const noexcept { return over_tls_ ? "https" : "http"; }
  std::string_view authority() const noexcept { return authority_; }
  std::string_view user_agent() const noexcept { return user_agent_; }
  std::string_view path(const Method& method);
  /// No stream is left on it, of the two thousand million that a connection can have.
  void is_used_up() noexcept { leaving_ = true; }
  void began(ClientCall& call) noexcept;
  void ended(ClientCall& call) noexcept;
  void sending_began() noexcept { ++sending_; }
  void sending_ended() noexcept;

 private:
  struct KeepaliveTimer : Timer {
    explicit KeepaliveTimer(ClientConnection& connection) noexcept
        : Timer([](Timer& timer) noexcept { static_cast<KeepaliveTimer&>(timer).connection.keep_alive(); }),
          connection(connection) {}
    ClientConnection& connection;
  };

  struct GreetingTimer : Timer {
    explicit GreetingTimer(ClientConnection& connection) noexcept
        : Timer([](Timer& timer) noexcept {
            static_cast<GreetingTimer&>(timer).connection.close(
                unavailable("the server sent no SETTINGS").with(Reach::unknown));
          }),
          connection(connection) {}
    ClientConnection& connection;
  };

  http2::Stream* opened(std::int32_t) override { return nullptr; }
  void wants_to_send() override { work_.ask(); }
  void settings_received() override;
  void goaway_received(std::int32_t last, http2::ErrorCode code, std::string_view debug) override;

  static Task<void> write_on(std::shared_ptr<ClientConnection> self);
  static Task<void> last_word(std::shared_ptr<ClientConnection> self);
  Status broken() const;
  /// After this neither they nor anybody else uses the session.
  void end_calls(Status reason) noexcept;
  void send();
  void wake_waiting() noexcept;
  void keep_alive() noexcept;
  void close_if_left() noexcept;

  ChannelOptions options_;
  Socket socket_;
  http2::Session session_;
  TurnWork work_;  ///< `send`
  std::string authority_, user_agent_;
  std::unordered_map<const Method*, std::string> paths_;
  const Method* last_method_ = nullptr;
  std::string_view last_path_;

  ClientCall* calls_ = nullptr;
  std::size_t call_count_ = 0;
  std::size_t slots_taken_ = 0;
  std::size_t sending_ = 0;  ///< strands that make requests
  WaitQueue waiting_;        ///< for a slot
  Event sending_over_;
  Status end_;
  KeepaliveTimer keepalive_;
  GreetingTimer greeting_;  ///< until the server has said something
  Instant heard_;
  const bool over_tls_;
  bool asked_ = false;    ///< whether it is still there
  bool leaving_ = false;  ///< the server wants no further calls
  bool proven_ = false, calm_ = false, writing_ = false;
};

}  // namespace weft::detail::grpc
