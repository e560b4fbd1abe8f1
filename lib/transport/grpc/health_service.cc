#include "health_service.h"

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <weft/middleware/stub.h>

#include "health_messages.h"
#include "own_files.h"

namespace weft::detail {

using namespace health_v1;

namespace {

ServingStatus status_of(std::optional<bool> serving) noexcept {
  if (!serving) return ServingStatus::SERVICE_UNKNOWN;
  return *serving ? ServingStatus::SERVING : ServingStatus::NOT_SERVING;
}

/// What the service is now, and whenever that has changed.
Stream<HealthCheckResponse> watch(std::shared_ptr<Health> health, std::string service) {
  std::optional<ServingStatus> told;
  for (;;) {
    const std::uint64_t version = health->version();
    const bool draining = health->is_draining();
    const ServingStatus status = status_of(health->is_serving(service));
    if (status != told) {
      told = status;
      HealthCheckResponse response{status};
      co_yield std::move(response);
    }
    // A stream without an end would hold up the drain.
    if (draining) co_await unavailable("the server is shutting down");
    co_await health->changed(version);
  }
}

}  // namespace

struct HealthService::Stubs {
  static Task<Reply> check(ServiceInterface& service, Call call) {
    HealthCheckRequest request;
    co_await protobuf::decode_arguments(std::move(call.payload), request);
    const auto serving = static_cast<HealthService&>(service).health_->is_serving(request.service);
    if (!serving) co_return not_found(fmt::format("unknown service '{}'", request.service));
    co_return stub::answer(protobuf::encode_result(HealthCheckResponse{status_of(serving)}));
  }

  static Task<Reply> list(ServiceInterface& service, Call call) {
    HealthListRequest request;
    co_await protobuf::decode_arguments(std::move(call.payload), request);
    HealthListResponse response;
    for (const auto& [name, serving] : static_cast<HealthService&>(service).health_->all())
      response.statuses[name].status = status_of(serving);
    co_return stub::answer(protobuf::encode_result(response));
  }

  static Task<Reply> watch(ServiceInterface& service, Call call) {
    HealthCheckRequest request;
    co_await protobuf::decode_arguments(std::move(call.payload), request);
    auto responses = detail::watch(static_cast<HealthService&>(service).health_, std::move(request.service));
    co_return stub::answer(stub::encoded<protobuf::encode_result<HealthCheckResponse>>(std::move(responses)));
  }

  static constexpr std::string_view name = "grpc.health.v1.Health";
  static constexpr ServedMethod methods[] = {
      {{.service = name, .name = "Check", .protocol = Protocol::grpc, .idempotent = true}, check},
      {{.service = name, .name = "List", .protocol = Protocol::grpc, .idempotent = true}, list},
      {{.service = name, .name = "Watch", .protocol = Protocol::grpc, .streams_replies = true}, watch},
  };
};

const ServiceInfo& HealthService::weft_service() const noexcept {
  static const ServiceInfo info{
      .name = Stubs::name, .methods = Stubs::methods, .protocol = Protocol::grpc, .file = &health_file()};
  return info;
}

}  // namespace weft::detail
