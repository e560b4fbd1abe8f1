// Connection: one peer of a server, whatever it speaks, as ServerCore lists it.
#pragma once

#include <weft/runtime/bytes.h>
#include <weft/runtime/task.h>

namespace weft::detail {

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  /// Serves until the peer ends its side, breaks the protocol, or this task is cancelled; then answers what
  /// is in flight, and closes. `first`: what was received to find out the protocol.
  virtual Task<void> run(Bytes first) = 0;
  /// Cancels the calls in flight and closes.
  virtual void abort() noexcept = 0;
  /// Once each tick of the core: ends a connection that was too slow. `crowded`: the core's replies take too
  /// much memory, and peers that accept none must go.
  virtual void sweep(bool crowded) noexcept = 0;

  // Links of the core's list.
  Connection* next = nullptr;
  Connection** previous = nullptr;
};

}  // namespace weft::detail
