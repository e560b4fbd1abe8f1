#include "router.h"

#include <fmt/format.h>

#include <weft/runtime/log.h>

namespace weft::detail {

void Router::add(std::unique_ptr<ServiceInterface> service) {
  const ServiceInfo& own = service->weft_service();
  std::string_view service_name = own.name.substr(own.name.rfind('.') + 1);
  // A service answers to its own methods and to those of the services that it extends.
  for (const ServiceInfo* info = &own; info; info = info->base)
    for (const ServedMethod& served : info->methods) {
      if (served.method.protocol == Protocol::grpc) {
        add_path(served, *service);
        continue;
      }
      Route route{&served, service.get()};
      auto [plain, added] = by_name_.try_emplace(std::string(served.method.name), route);
      if (!added && plain->second.service != service.get())
        log(LogLevel::warning,
            fmt::format("{}.{} is served under its multiplexed name only: {} has a method of that name",
                        own.name, served.method.name, plain->second.served->method.service));
      auto [multiplexed, ignored] =
          by_name_.try_emplace(fmt::format("{}:{}", service_name, served.method.name), route);
      by_method_.try_emplace(&served.method, &multiplexed->second);
    }
  services_.push_back(std::move(service));
}

void Router::add_path(const ServedMethod& served, ServiceInterface& service) {
  std::string path = fmt::format("/{}/{}", served.method.service, served.method.name);
  auto [route, added] = by_path_.try_emplace(std::move(path), Route{&served, &service});
  if (!added && route->second.service != &service)
    log(LogLevel::warning, fmt::format("{} is served by the service that was added first", route->first));
  by_method_.try_emplace(&served.method, &route->second);
}

Router::Route* Router::find_path(std::string_view path) {
  auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : &found->second;
}

Router::Route* Router::find(std::string_view name) {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

Task<Reply> Router::call(Call call) {
  const Route& route = *by_method_.at(&call.method());
  return route.served->serve(*route.service, std::move(call));
}

}  // namespace weft::detail
