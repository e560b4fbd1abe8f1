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

#include "../connection.h"
#include "../router.h"
#include "frame_reader.h"

namespace weft::detail {

class ServerCore;

class ServerConnection final : public Connection {
 public:
  ServerConnection(ServerCore& core, Socket socket);
  ~ServerConnection() override;

  Task<void> run(Bytes first) override;
  void abort() noexcept override;
  void sweep(bool crowded) noexcept override;

 private:
  class ServedCall;
  struct Request;

  Task<void> read(Bytes piece);
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
