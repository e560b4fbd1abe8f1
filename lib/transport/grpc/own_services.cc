#include "own_services.h"

#include <algorithm>

#include "health_service.h"
#include "reflection_service.h"

namespace weft::detail {

void add_own_services(Router& router, std::vector<const ServiceInfo*> services,
                      const std::shared_ptr<Health>& health, const GrpcServerOptions& options) {
  const auto by_grpc = [](const ServiceInfo* info) { return info->protocol == Protocol::grpc; };
  std::erase_if(services, [&](const ServiceInfo* info) { return !by_grpc(info); });
  if (services.empty()) return;
  for (const ServiceInfo* info : services)
    if (!health->is_serving(info->name)) health->set(info->name, true);

  // A service of the program's own goes first.
  const auto is_served = [&](std::string_view name) {
    return std::ranges::any_of(services, [&](const ServiceInfo* info) { return info->name == name; });
  };
  if (options.health) {
    auto own = std::make_unique<HealthService>(health);
    const ServiceInfo& info = own->weft_service();
    if (!is_served(info.name)) {
      services.push_back(&info);
      router.add(std::move(own));
    }
  }
  if (!options.reflection) return;
  std::vector<ReflectionVersion> versions;
  for (ReflectionVersion version : {ReflectionVersion::v1, ReflectionVersion::v1alpha}) {
    const ServiceInfo& info = ReflectionService::info(version);
    if (is_served(info.name)) continue;
    services.push_back(&info);
    versions.push_back(version);
  }
  auto reflected = std::make_shared<Reflected>(std::move(services));
  for (ReflectionVersion version : versions)
    router.add(std::make_unique<ReflectionService>(version, reflected));
}

}  // namespace weft::detail
