// The service that the tests of gRPC call, over raw messages, and a server of it that lives as long as a
// test.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <weft/weft.h>

#include "../support/weft_test.h"

namespace weft::test {

struct GrpcObserved {
  std::atomic<int> running{0}, cancelled{0}, yielded{0}, started{0};
};

/// All methods are called "/test.Echo/Name".
class EchoService final : public ServiceInterface {
 public:
  explicit EchoService(GrpcObserved* observed) : observed(observed) {}
  const ServiceInfo& weft_service() const noexcept override;
  GrpcObserved* observed;
};

namespace echo {
extern const Method unary, fail, slow, down, up, chat, endless, missing;
}

/// A running server, on a port of its own, on threads or in the simulation of the test.
class GrpcServed {
 public:
  explicit GrpcServed(ServerOptions options = {});
  ~GrpcServed();
  std::string address() const;
  Refusals refusals() const;
  void begin_to_stop();
  GrpcObserved& observed;

 private:
  struct Running;
  static Task<void> serve_until_stopped(std::shared_ptr<Running> running);
  explicit GrpcServed(std::shared_ptr<Running> running);
  std::shared_ptr<Running> running_;
};

}  // namespace weft::test
