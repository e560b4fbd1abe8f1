// ServerConnection: one peer that calls by framed Thrift. Reads, dispatches, answers in the order of the
// requests.
#pragma once

#include <cstddef>
#include <cstdint>

#include <weft/codec/application_exception.h>
#include <weft/codec/message.h>
#include <weft/middleware/service.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/socket.h>
#include <weft/runtime/sync.h>

#include "../router.h"
#include "frame_reader.h"

namespace weft::detail {

class ServerCore;

class ServerConnection {
 public:
  ServerConnection(ServerCore& core, Socket socket);
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;
  ~ServerConnection();

  /// Serves until the peer ends its side, breaks the protocol, or this task is cancelled; then answers what
  /// is in flight, and closes.
  Task<void> run();
  /// Cancels the calls in flight and closes.
  void abort() noexcept;
  /// Once each tick of the core: ends a connection that was too slow. `crowded`: the core's replies take too
  /// much memory, and peers that accept none must go.
  void sweep(bool crowded) noexcept;

  // Links of the core's list.
  ServerConnection* next = nullptr;
  ServerConnection** previous = nullptr;

 private:
  class ServedCall;
  struct Request;

  Task<void> read();
  Task<void> finish();
  Task<void> discard();
  Request open(Bytes frame);
  bool must_wait() const noexcept;
  bool core_is_full_for(const Router::Route* route) const noexcept;
  Task<void> wait_for_room(const Router::Route* route);
  std::size_t buffered() const noexcept { return socket_.unsent() + held_; }
  void dispatch(const Request& request);
  void serve(Router::Route& route, const compact::MessageHeader& header, Bytes payload);
  void refuse(const compact::MessageHeader& header, ApplicationException why);
  void enqueue(ServedCall& call) noexcept;
  void ended(ServedCall& call);
  void reply_in_order();
  void reply(ServedCall& call);
  void account() noexcept;

  ServerCore& core_;
  Socket socket_;
  FrameReader frames_;
  Context calls_;                ///< above those of all calls
  ServedCall* first_ = nullptr;  ///< calls whose reply is due, in order of their requests
  ServedCall** last_ = &first_;
  std::size_t in_flight_ = 0;  ///< calls that run, and those whose reply waits for an earlier one
  std::size_t held_ = 0;       ///< bytes of those replies
  Event changed_;              ///< a call ended
  Router::Route* last_route_ = nullptr;

  std::size_t receiving_ = 0, sending_ = 0;  ///< what the core's budgets know of this connection
  std::uint32_t active_tick_;                ///< when something last came
  std::uint32_t frame_tick_ = 0;             ///< when the unfinished frame began
  std::uint32_t receive_tick_;               ///< since when the peer has been waited for
  std::uint32_t progress_tick_;              ///< when the peer last took something
  std::uint64_t acknowledged_ = 0;           ///< how much it had taken then
  bool reading_frame_ = false, receiving_now_ = false, aborted_ = false;
};

}  // namespace weft::detail
