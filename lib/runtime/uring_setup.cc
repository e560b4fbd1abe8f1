#include "uring_setup.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include <weft/runtime/log.h>

namespace weft::detail {

Status ring_refused(int error) {
  std::string cure;
  if (error == EPERM || error == ENOSYS || error == EACCES) {
    int disabled = 0;
    if (std::FILE* file = std::fopen("/proc/sys/kernel/io_uring_disabled", "r")) {
      if (std::fscanf(file, "%d", &disabled) != 1) disabled = 0;
      std::fclose(file);
    }
    if (disabled)
      cure = fmt::format("kernel.io_uring_disabled is {}: `sysctl -w kernel.io_uring_disabled=0` allows it",
                         disabled);
    else if (error == ENOSYS)
      cure = "the kernel was built without it, or a seccomp profile hides it";
    else
      cure =
          "a seccomp profile (the default of Docker and others) forbids io_uring_setup, io_uring_enter and "
          "io_uring_register: allow them";
  } else if (error == ENOMEM) {
    cure = "raise RLIMIT_MEMLOCK or the memory limit of the container";
  } else if (error == EINVAL) {
    cure = "Linux 5.19 or newer is needed, 6.1 or newer recommended";
  } else if (error == EMFILE || error == ENFILE) {
    cure = "raise RLIMIT_NOFILE";
  } else {
    cure = "no known cause";
  }
  return {Code::unavailable, fmt::format("io_uring is not available: {} ({})", std::strerror(error), cure)};
}

Status set_up_ring(io_uring& ring, const LoopOptions& options) {
  // The ladder: what networking is recommended to use, then what older kernels know.
  constexpr unsigned ladder[] = {
      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CLAMP |
          IORING_SETUP_CQSIZE,
      IORING_SETUP_COOP_TASKRUN | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
      IORING_SETUP_CLAMP | IORING_SETUP_CQSIZE,
  };
  int error = EINVAL;
  for (unsigned flags : ladder) {
    io_uring_params params{};
    params.flags = flags;
    // Multishot operations complete many times for one submission: the default of twice the submissions
    // overflows.
    params.cq_entries = options.ring_entries * 8;
    error = -io_uring_queue_init_params(options.ring_entries, &ring, &params);
    if (error == 0) {
      if (flags != ladder[0])
        log(LogLevel::info, "io_uring: this kernel lacks deferred task work; going on without");
      break;
    }
    if (error != EINVAL) break;
  }
  return error ? ring_refused(error) : Status{};
}

}  // namespace weft::detail
