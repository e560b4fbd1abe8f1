// ReflectionService: grpc.reflection's ServerReflection, as v1 and as v1alpha, of the services of a server.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <weft/middleware/service.h>

#include "file_index.h"

namespace weft::detail {

/// What the services of both versions answer from. Made when somebody first asks, since most never do.
class Reflected {
 public:
  explicit Reflected(std::vector<const ServiceInfo*> services) : services_(std::move(services)) {}
  const std::vector<const ServiceInfo*>& services() const noexcept { return services_; }
  const FileIndex& files();

 private:
  const std::vector<const ServiceInfo*> services_;
  std::unique_ptr<FileIndex> files_;
};

enum class ReflectionVersion : std::uint8_t { v1, v1alpha };

class ReflectionService final : public ServiceInterface {
 public:
  ReflectionService(ReflectionVersion version, std::shared_ptr<Reflected> reflected) noexcept
      : version_(version), reflected_(std::move(reflected)) {}
  const ServiceInfo& weft_service() const noexcept override { return info(version_); }
  static const ServiceInfo& info(ReflectionVersion version) noexcept;

 private:
  struct Stubs;
  const ReflectionVersion version_;
  const std::shared_ptr<Reflected> reflected_;
};

}  // namespace weft::detail
