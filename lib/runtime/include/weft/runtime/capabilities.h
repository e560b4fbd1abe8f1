// capabilities: what this kernel offers to a loop, what of it is used, and why the rest is not. For whoever
// wonders why the same program is slower over there.
//
// All of it is tried or asked for at run time, with a ring that is closed again; a version number only says
// what a missing one needs. Takes a few milliseconds. With WEFT_REPORT=1 in its environment a program logs
// the same when its first loop starts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft {

struct Capability {
  enum class State : std::uint8_t {
    used,    ///< by the loop that was asked about
    unused,  ///< the kernel has it
    missing,
  };
  std::string name;
  State state = State::missing;
  std::string note;  ///< why it is not used, or what it needs
};

struct Capabilities {
  struct Limit {
    static constexpr std::uint64_t none = UINT64_MAX;
    std::uint64_t now = none, may_be_raised_to = none;
  };

  std::string kernel;  ///< its release
  std::string driver;  ///< "io_uring", "epoll" or "simulation"
  std::string reason;  ///< why that one
  std::vector<Capability> list;
  Limit open_files;     ///< RLIMIT_NOFILE
  Limit locked_memory;  ///< RLIMIT_MEMLOCK, in bytes
};

/// About the loop of the calling thread; where there is none, about one made with the default options.
Capabilities capabilities();

/// The same to be read: a line for each, such as "zero-copy send: available, not used: ...".
std::string describe_capabilities();

}  // namespace weft
