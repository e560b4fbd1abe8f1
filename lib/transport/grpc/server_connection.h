// ServerConnection: one peer that calls by gRPC. Reads into the HTTP/2 session, starts calls, sends what they
// answer once in each turn of the loop.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <weft/runtime/scope.h>
#include <weft/runtime/socket.h>
#include <weft/runtime/sync.h>
#include <weft/transport/options.h>

#include "../connection.h"
#include "../http2/session.h"
#include "../router.h"
#include "../turn_work.h"

namespace weft::detail {
class ServerCore;
struct Inflating;
}  // namespace weft::detail

namespace weft::detail::grpc {

class ServerCall;

class ServerConnection final : public Connection, private http2::Listener {
 public:
  ServerConnection(ServerCore& core, Socket socket);
  ~ServerConnection() override;

  Task<void> run(Bytes first) override;
  void abort() noexcept override;
  void sweep(bool crowded) noexcept override;

  // What its calls ask of it.
  http2::Session& session() noexcept { return session_; }
  Service* stack() const noexcept;
  const GrpcServerOptions& options() const noexcept;
  Context& calls() noexcept { return calls_; }
  Router::Route* route(std::string_view path);
  Address peer() const { return socket_.peer_address(); }
  std::shared_ptr<const PeerIdentity> peer_identity() const { return socket_.peer_identity(); }
  std::uint32_t tick() const noexcept;
  /// Bytes of requests that calls hold, or were promised, more than before, or less.
  void hold(std::ptrdiff_t bytes) noexcept { receiving_ += static_cast<std::size_t>(bytes); }
  /// The same of headers, which stay as long as their call.
  void hold_headers(std::ptrdiff_t bytes) noexcept {
    hold(bytes);
    headers_ += static_cast<std::size_t>(bytes);
  }
  /// A large reply was made, and takes its memory as a whole until its last byte has left.
  void made_large(std::size_t bytes) noexcept { large_ += bytes; }
  /// All of it has been handed to the socket, or dropped.
  void handed_large(std::size_t bytes);
  /// Whether replies of all connections leave room for more.
  bool core_has_room(const ServerCall& call) const noexcept;
  Event::Wait core_shrinks() noexcept;
  /// Whether a call that holds `held` bytes may be sent a message of `size`. If not, it is told
  /// `window_opens` when it may.
  bool may_receive(ServerCall& call, std::size_t held, std::size_t size);
  /// Whether unfinished requests take so much of this core that no more of them can be held.
  bool is_overfull() const noexcept;
  void refused_call(Refusal why) noexcept;
  Inflating& inflating() noexcept;
  /// It shares the piece that is looked at now.
  void keeps_piece(ServerCall& call) { keepers_.push_back(&call); }
  /// It needs no more.
  void received(ServerCall& call);
  /// Whether a handler may start. If not, it is told `may_start` when it may.
  bool may_start(ServerCall& call);
  void began(ServerCall& call) noexcept;
  void ended(ServerCall& call) noexcept;

 private:
  enum class Leaving : std::uint8_t { no, announced, said };

  http2::Stream* opened(std::int32_t id) override;
  void wants_to_send() override { work_.ask(); }
  void settings_received() override { greeted_ = true; }
  void ping_acknowledged(std::uint64_t opaque) override;
  void refused(Refusal why) override;

  Task<void> read(Bytes piece);
  Task<void> write_on();
  Task<void> finish();
  Task<void> discard();
  void send();
  void leave(std::string_view why);
  void leave_now();
  void start_waiting();
  void offer_memory();
  Task<void> start_later();
  Task<void> offer_memory_later();
  std::size_t starved() const noexcept;
  void end_slow_calls();
  bool has_room(const ServerCall& call) const noexcept;
  /// Bytes that the peer could give back by going on.
  std::size_t unfinished() const noexcept { return receiving_ - headers_; }
  std::size_t buffered() const noexcept { return socket_.unsent() + session_.unsent(); }
  /// Bytes of memory that replies take.
  std::size_t replies() const noexcept { return std::max(buffered(), large_); }
  void account() noexcept;
  void settle() noexcept;
  bool keep_alive() noexcept;

  ServerCore& core_;
  Socket socket_;
  http2::Session session_;
  Context calls_;  ///< above those of all calls
  TurnWork work_;  ///< `send`
  Scope* tasks_ = nullptr;
  Event over_;     ///< nothing more is to be received
  Event changed_;  ///< a call ended
  Event settled_;  ///< `core_exceeding_` no longer does
  ServerCall* calls_list_ = nullptr;
  std::size_t call_count_ = 0;
  std::vector<ServerCall*> starved_, unstarted_, keepers_;
  ServerCall* exceeding_ = nullptr;       ///< the one that may hold more than `receive_buffered_max`
  ServerCall* core_exceeding_ = nullptr;  ///< the one that may hold more than the core's budget
  Router::Route* last_route_ = nullptr;
  std::string last_path_;

  std::size_t receiving_ = 0;  ///< bytes of requests that calls hold
  /// Bytes of large replies that the socket has, and where in what is sent their ends are.
  struct Handed {
    std::uint64_t end;
    std::size_t bytes;
  };
  std::deque<Handed> handed_;
  std::size_t large_ = 0;                                    ///< bytes of large replies that take memory
  std::size_t headers_ = 0;                                  ///< those of headers among them
  std::size_t counted_receiving_ = 0, counted_sending_ = 0;  ///< what the core's budgets know of it
  std::uint32_t began_tick_, heard_tick_, active_tick_, progress_tick_, left_tick_ = 0, asked_tick_ = 0;
  std::uint32_t offered_tick_ = 0;  ///< when it was last let go on
  std::uint32_t age_max_ticks_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::string leaving_why_;
  Leaving leaving_ = Leaving::no;
  bool greeted_ = false;  ///< its SETTINGS have come
  bool writing_ = false;  ///< `write_on` runs
  bool receiving_now_ = false;
  bool asked_ = false;  ///< whether it is still there
  bool aborted_ = false, lost_ = false;
  bool starting_ = false, offering_ = false;  ///< `start_later` and `offer_memory_later` run
  bool refused_ = false;                      ///< by a limit that was counted
  bool closed_ = false;                       ///< nothing is sent any more: its calls may be gone
};

}  // namespace weft::detail::grpc
