// UringProbe: what io_uring can do here, found by trying it on a ring of its own.
#pragma once

#include <cstdint>

namespace weft::detail {

struct UringProbe {
  bool works = false;  ///< a ring can be set up; everything below is false otherwise
  bool single_issuer = false, deferred_task_work = false, cooperative_task_work = false;
  bool registered_ring = false;
  bool buffer_rings = false, incremental_buffers = false;
  bool multishot_accept = false, multishot_receive = false;
  bool bundles = false, min_wait = false, napi = false;
  bool zero_copy_send = false, ring_messages = false;
};

UringProbe probe_uring() noexcept;

}  // namespace weft::detail
