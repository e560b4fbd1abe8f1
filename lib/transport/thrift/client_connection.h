// ClientConnection: one connection to a framed Thrift server, with many calls in flight, matched to their
// replies by sequence id. Its reader task and the calls in flight share it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <weft/codec/message.h>
#include <weft/middleware/call.h>
#include <weft/runtime/socket.h>
#include <weft/runtime/sync.h>
#include <weft/transport/options.h>

#include "../link.h"
#include "frame_reader.h"

namespace weft::detail {

class ClientConnection final : public Link, public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(Socket socket, const ChannelOptions& options);

  /// Reads replies until the connection ends. Spawned once.
  static Task<void> read(std::shared_ptr<ClientConnection> self);

  /// One call in flight. `co_await`ing it writes the request and waits for its reply.
  class Exchange final : public Suspension {
   public:
    Exchange(ClientConnection& connection, const Call& call, Instant deadline) noexcept;
    bool await_ready() const noexcept { return false; }
    Reply await_resume() noexcept { return std::move(reply_); }

   private:
    friend class ClientConnection;
    struct Deadline : Timer {
      explicit Deadline(Exchange& exchange) noexcept : Timer(&passed), exchange(exchange) {}
      static void passed(Timer& timer) noexcept;
      Exchange& exchange;
    };
    void start() noexcept override;
    void cancel() noexcept override;
    void give_up(Status status) noexcept;

    ClientConnection& connection_;
    const Call& call_;
    Instant deadline_;
    std::int32_t sequence_ = 0;
    Deadline timer_;
    Reply reply_;
  };

  /// A call that nobody answers: done when the kernel has it.
  Task<void> send_oneway(Call call);

  /// Whether a further call may start now. Those given up count until their late replies have come.
  bool has_room() const noexcept { return in_flight_ < options_.calls_in_flight_max; }
  Event::Wait changed() noexcept { return changed_.wait(); }
  Socket& socket() noexcept { return socket_; }
  bool is_usable() const noexcept override { return end_.ok() && socket_.is_open(); }
  const Status& end() const noexcept override { return end_; }
  bool is_proven() const noexcept override { return true; }
  void close(Status reason) noexcept override;

 private:
  /// A sequence id is the number of a slot and a count of its uses, so that a late reply cannot be taken for
  /// another's.
  struct Slot {
    Exchange* exchange = nullptr;  ///< null: free, or given up
    std::uint16_t uses = 0;
    bool taken = false;
    std::uint32_t next_free = 0;
  };
  std::int32_t take_slot(Exchange& exchange);
  Slot* slot_of(std::int32_t sequence) noexcept;
  void free_slot(std::int32_t sequence) noexcept;
  void signal() noexcept {
    changed_.set();
    changed_.reset();
  }
  Status handle(Bytes frame);

  Socket socket_;
  ChannelOptions options_;
  FrameReader frames_;
  std::vector<Slot> slots_;
  std::uint32_t first_free_ = none;
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::size_t in_flight_ = 0;
  Event changed_;
  Status end_;
};

}  // namespace weft::detail
