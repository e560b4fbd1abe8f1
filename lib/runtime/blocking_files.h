// File requests on the threads of `blocking`: all of them for a driver that cannot poll files, and for the
// others what their kernel has no operation for.
#pragma once

#include <cstddef>

#include "driver.h"

namespace weft::detail {

class BlockingFiles {
 public:
  /// Completes on this thread's loop after one of its next waits; with -EAGAIN when too much waits for a
  /// thread.
  void begin(Operation& operation, const FileRequest& request);
  /// One that no thread has begun ends with -ECANCELED; any other goes on to its end.
  static void cancel(Operation& operation) noexcept;
  std::size_t in_flight() const noexcept { return in_flight_; }

 private:
  friend class FileJob;
  std::size_t in_flight_ = 0;
};

}  // namespace weft::detail
