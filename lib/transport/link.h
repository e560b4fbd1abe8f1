// Link: one connection of a channel, whatever it speaks. Its reader task and the calls in flight share it.
#pragma once

#include <weft/runtime/status.h>
#include <weft/runtime/sync.h>

namespace weft::detail {

class Link {
 public:
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  virtual ~Link() = default;

  /// Whether further calls may be sent on it.
  virtual bool is_usable() const noexcept = 0;
  /// Why it is not.
  virtual const Status& end() const noexcept = 0;
  /// Whether the peer has shown that it understands the protocol. A connection that ends before counts as a
  /// failed attempt.
  virtual bool is_proven() const noexcept = 0;
  /// Ends every call in flight with `reason`, and closes.
  virtual void close(Status reason) noexcept = 0;
};

}  // namespace weft::detail
