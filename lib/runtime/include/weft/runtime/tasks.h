// tasks: where every waiting task of this thread's loop stands, for a service that seems to hang.
//
// A program under `run` or `Server::run` prints the same on SIGQUIT (Ctrl-\), for each of its loops as it
// takes its next turn, and goes on. Costs nothing until it is asked for but a store at each wait.
#pragma once

#include <source_location>
#include <string>
#include <vector>

#include <weft/runtime/clock.h>

namespace weft {

/// A task with all that it awaits in turn.
struct WaitingTask {
  unsigned depth = 0;  ///< of how many others it is a part: one that a task spawned or races is one deeper
  Duration waiting{};  ///< since it began to wait for what it waits for now
  std::string on;      ///< that: the type of the awaitable, such as "Sleep", "Event::Wait", "Socket::Receive"
  std::vector<std::source_location> path;  ///< the co_await where it stands, then those that await it
};

/// The one that asks is not among them. Call it on the loop's thread.
std::vector<WaitingTask> tasks();

/// The same to be read: a line for each task and each co_await.
std::string describe_tasks();

}  // namespace weft
