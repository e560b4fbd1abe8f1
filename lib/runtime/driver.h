// Driver: the only way to the outside. All I/O and all time of a loop go through it: the kernel's io_uring or
// epoll, or a simulation in a test.
#pragma once

#include <memory>
#include <string>
#include <sys/socket.h>

#include <weft/runtime/bytes.h>
#include <weft/runtime/clock.h>
#include <weft/runtime/loop.h>
#include <weft/runtime/memory.h>

#include "file_request.h"
#include "sockets.h"

namespace weft::detail {

struct Completion {
  int result = 0;     ///< bytes, a descriptor, or a negative errno
  bool more = false;  ///< further completions will come
  Bytes data;         ///< what a receive brought
};

class FileJob;

/// One request to a driver. Its owner keeps it, and all memory it names, in place until its last completion.
struct Operation {
  using Complete = void (*)(Operation&, Completion) noexcept;
  explicit Operation(Complete complete, void* owner) noexcept : complete(complete), owner(owner) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  Complete complete;
  void* owner;
  bool in_flight = false;
  bool cancelled = false;  ///< somebody asked for its end
  bool receiving = false;  ///< a receive, which the driver re-arms by itself
  int descriptor = -1;
  FileJob* job = nullptr;     ///< a file request that a thread of `blocking` does
  Operation* next = nullptr;  ///< the driver's list of receives that wait for a buffer or for their turn

  // Of a receive, for the io_uring driver.
  bool polled = false;      ///< the kernel tells of data, and the driver fetches it
  bool wants_poll = false;  ///< that is how it shall be next
  bool changing = false;    ///< and it has been asked to end for that
  bool hung_up = false;     ///< the end of the stream is near, and may have been told of already
  bool ready = false;       ///< there may be data to fetch
  bool ended = false;       ///< `result` is to be told when the kernel has let go
  int result = 0;
  unsigned small_pieces = 0;  ///< in a row
};

/// For those who ask what a loop runs on.
struct DriverFacts {
  const char* name = "";
  unsigned setup_flags = 0;  ///< of the ring, IORING_SETUP_...
  bool registered_ring = false, multishot_receive = false, ring_messages = false;
  bool zero_copy_send = false;  ///< it has sent so
};

class Driver {
 public:
  virtual ~Driver() = default;

  virtual DriverFacts facts() const noexcept { return {.name = "simulation"}; }
  std::string reason;  ///< why this driver was chosen

  virtual Instant now() noexcept = 0;
  virtual Sockets& sockets() noexcept { return machine_sockets(); }

  /// Each completion brings a connection in `result`, until one without `more`.
  virtual void accept(Operation& operation, int listener) = 0;
  /// Each completion brings data, until one without `more`: result 0 at the end of the stream, else an error.
  virtual void receive(Operation& operation, int socket) = 0;
  /// Sends everything, or a part: the result says how much. The rest is the caller's to send again.
  virtual void send(Operation& operation, int socket, const msghdr& message) = 0;
  virtual void send(Operation& operation, int socket, const void* data, std::size_t size) = 0;
  /// As `send`, from the memory where the data lies. One completion with `more` brings the result; the last
  /// one, which may come much later, gives the memory back. A refusal may be a single completion. Only where
  /// `can_zero_copy`.
  virtual void send_zero_copy(Operation& operation, int socket, const msghdr& message) {
    send(operation, socket, message);
  }
  virtual bool can_zero_copy() const noexcept { return false; }
  virtual void connect(Operation& operation, int socket, const sockaddr* address, socklen_t size) = 0;
  /// What perform() does, without blocking the loop.
  virtual void file(Operation& operation, const FileRequest& request) = 0;
  /// Asks for an early end; the last completion still comes.
  virtual void cancel(Operation& operation) = 0;

  /// Hands over what was asked for, waits until something completes, `until` or `wake`, and completes it.
  virtual void wait(Instant until) = 0;
  /// Ends a `wait`. From any thread and from signal handlers.
  virtual void wake() noexcept = 0;
  /// Ends the `wait` of another thread's driver. On this driver's thread.
  virtual void wake_other(Driver& other) noexcept { other.wake(); }
  /// The ring's descriptor; -1 when there is none that takes messages.
  virtual int ring_descriptor() const noexcept { return -1; }
  /// Hands over what was asked for, at the end of a run that no `wait` follows.
  virtual void submit() noexcept {}

  /// Operations whose last completion is still to come.
  virtual std::size_t in_flight() const noexcept = 0;
  virtual std::uint64_t system_calls() const noexcept { return 0; }
  virtual MemoryCounters::Receive receive_counters() const noexcept { return {}; }
  virtual std::uint64_t zero_copies() const noexcept { return 0; }
  /// Whether time is virtual: nothing may then wait for another thread.
  virtual bool is_simulated() const noexcept { return false; }
};

/// For the calling thread, as the options and the machine have it.
Result<std::unique_ptr<Driver>> make_driver(const LoopOptions& options);
/// The clock of the drivers that work on a real machine.
Instant machine_time() noexcept;

}  // namespace weft::detail
