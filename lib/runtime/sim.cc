#include <cstdio>
#include <cstdlib>
#include <vector>

#include <weft/runtime/sim.h>

#include "driver.h"

namespace weft {
namespace {

/// Time without a machine. Every I/O operation fails with ENOSYS.
class Simulated final : public detail::Driver {
 public:
  Instant now() noexcept override { return now_; }
  void accept(detail::Operation& operation, int) override { refuse(operation); }
  void receive(detail::Operation& operation, int) override { refuse(operation); }
  void send(detail::Operation& operation, int, const msghdr&) override { refuse(operation); }
  void send(detail::Operation& operation, int, const void*, std::size_t) override { refuse(operation); }
  void connect(detail::Operation& operation, int, const sockaddr*, socklen_t) override { refuse(operation); }
  void cancel(detail::Operation&) override {}

  void wait(Instant until) override {
    if (!refused_.empty()) {
      for (detail::Operation* operation : std::exchange(refused_, {})) {
        operation->in_flight = false;
        operation->complete(*operation, detail::Completion{-ENOSYS, false, {}});
      }
    } else if (until.is_never()) {
      std::fprintf(stderr, "weft: every task waits and no timer is armed: nothing can happen any more\n");
      std::abort();
    } else if (until > now_) {
      now_ = until;
    }
  }
  void wake() noexcept override {}
  bool is_simulated() const noexcept override { return true; }
  std::size_t in_flight() const noexcept override { return refused_.size(); }

 private:
  void refuse(detail::Operation& operation) {
    operation.in_flight = true;
    refused_.push_back(&operation);
  }

  Instant now_{};
  std::vector<detail::Operation*> refused_;
};

}  // namespace

std::unique_ptr<Loop> make_simulated_loop() { return std::make_unique<Loop>(std::make_unique<Simulated>()); }

}  // namespace weft
