// The services that a server has without being told: health and reflection.
#pragma once

#include <memory>
#include <vector>

#include <weft/transport/health.h>
#include <weft/transport/options.h>

#include "../router.h"

namespace weft::detail {

/// Adds what `options` ask for to a router that has `services` already, where one of these is called by gRPC.
void add_own_services(Router& router, std::vector<const ServiceInfo*> services,
                      const std::shared_ptr<Health>& health, const GrpcServerOptions& options);

}  // namespace weft::detail
