// HealthService: grpc.health.v1.Health, of a server's Health.
#pragma once

#include <memory>

#include <weft/middleware/service.h>
#include <weft/transport/health.h>

namespace weft::detail {

class HealthService final : public ServiceInterface {
 public:
  explicit HealthService(std::shared_ptr<Health> health) noexcept : health_(std::move(health)) {}
  const ServiceInfo& weft_service() const noexcept override;

 private:
  struct Stubs;
  const std::shared_ptr<Health> health_;  ///< outlives the streams of watchers with them
};

}  // namespace weft::detail
