// Spread: how many connections each core of a server has, and the way of a new one to the core that is to
// serve it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <weft/runtime/socket.h>
#include <weft/transport/options.h>

namespace weft::detail {

class ServerCore;

class Spread {
 public:
  Spread(unsigned cores, const ServerOptions& options);

  Spread(const Spread&) = delete;
  Spread& operator=(const Spread&) = delete;

  /// On the core's own thread: `server` takes connections, those that came before it included.
  void join(unsigned core, ServerCore& server);
  /// On the core's own thread: it takes no more. Each core leaves, also one that never joined.
  void leave(unsigned core) noexcept;
  /// Which core is to serve what `own` accepted. It is counted there until `left`.
  unsigned choose(unsigned own) noexcept;
  void left(unsigned core) noexcept { counts_[core].fetch_sub(1, std::memory_order_relaxed); }
  /// Sends an accepted, unused socket to the core that was chosen; one that has left by then closes it.
  void hand_over(unsigned core, Socket socket);

 private:
  struct HandOver;
  /// Of a core, and touched by its thread alone.
  struct Place {
    ServerCore* server = nullptr;
    bool left = false;
    std::vector<int> early;  ///< connections that came before it joined
  };
  void arrived(unsigned core, int descriptor);
  /// Added to the count of a core that has left: nobody chooses it.
  static constexpr std::uint32_t absent = 1u << 30;

  const ServerOptions& options_;
  std::vector<Place> places_;
  // Side by side: they change only when a connection comes or goes, and each choice reads all of them.
  std::unique_ptr<std::atomic<std::uint32_t>[]> counts_;
};

}  // namespace weft::detail
