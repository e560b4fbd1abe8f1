#include "spread.h"

#include <weft/runtime/cores.h>

#include "server_core.h"

namespace weft::detail {

Spread::Spread(unsigned cores, const ServerOptions& options)
    : options_(options), places_(cores), counts_(std::make_unique<std::atomic<std::uint32_t>[]>(cores)) {}

void Spread::join(unsigned core, ServerCore& server) {
  places_[core].server = &server;
  for (int descriptor : std::exchange(places_[core].early, {})) arrived(core, descriptor);
}

void Spread::leave(unsigned core) noexcept {
  Place& place = places_[core];
  if (place.left) return;
  place.left = true;
  place.server = nullptr;
  counts_[core].fetch_add(absent, std::memory_order_relaxed);
  for (int descriptor : std::exchange(place.early, {})) arrived(core, descriptor);
}

void Spread::arrived(unsigned core, int descriptor) {
  Place& place = places_[core];
  if (!place.server && !place.left) return place.early.push_back(descriptor);
  Socket socket = Socket::adopt(descriptor, options_.socket);
  if (place.server)
    place.server->take(std::move(socket));
  else
    left(core);  // it is closed by going out of scope
}

unsigned Spread::choose(unsigned own) noexcept {
  auto cores = static_cast<unsigned>(places_.size());
  std::uint32_t mine = counts_[own].load(std::memory_order_relaxed), least = mine;
  unsigned chosen = own;
  if (options_.accept == ServerAccept::balanced) {
    // Each begins behind itself, so that they do not all find the same one.
    for (unsigned step = 1; step < cores; ++step) {
      unsigned core = (own + step) % cores;
      std::uint32_t count = counts_[core].load(std::memory_order_relaxed);
      if (count >= least) continue;
      least = count;
      chosen = core;
    }
    // Of few connections each counts; of many a small difference is not worth the way.
    if (mine <= least + least / 8 && mine < options_.connections_max) chosen = own;
  }
  counts_[chosen].fetch_add(1, std::memory_order_relaxed);
  return chosen;
}

struct Spread::HandOver : Message {
  Spread* spread = nullptr;
  unsigned core = 0;
  int descriptor = -1;
};

void Spread::hand_over(unsigned core, Socket socket) {
  auto* handed = new HandOver;
  handed->spread = this;
  handed->core = core;
  handed->descriptor = socket.release();
  handed->run = [](Message& message) noexcept {
    std::unique_ptr<HandOver> self{&static_cast<HandOver&>(message)};
    self->spread->arrived(self->core, self->descriptor);
  };
  loop_of_core(core)->post(*handed);
}

}  // namespace weft::detail
