// The messages of grpc.health.v1. They are described by hand: code generated for that package would clash
// with that of a program which generates it as well.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <weft/codec/protobuf.h>

namespace weft::detail::health_v1 {

struct HealthCheckRequest {
  std::string service{};
};

enum class ServingStatus : std::int32_t { UNKNOWN = 0, SERVING = 1, NOT_SERVING = 2, SERVICE_UNKNOWN = 3 };

struct HealthCheckResponse {
  ServingStatus status{};
};

struct HealthListRequest {};

struct HealthListResponse {
  std::map<std::string, HealthCheckResponse> statuses{};
};

}  // namespace weft::detail::health_v1

template <>
struct weft::Schema<weft::detail::health_v1::HealthCheckRequest> {
  using T = detail::health_v1::HealthCheckRequest;
  static constexpr std::string_view name = "HealthCheckRequest";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("service", &T::service)};
};
template <>
struct weft::Schema<weft::detail::health_v1::HealthCheckResponse> {
  using T = detail::health_v1::HealthCheckResponse;
  static constexpr std::string_view name = "HealthCheckResponse";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("status", &T::status)};
};
template <>
struct weft::Schema<weft::detail::health_v1::HealthListRequest> {
  using T = detail::health_v1::HealthListRequest;
  static constexpr std::string_view name = "HealthListRequest";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{};
};
template <>
struct weft::Schema<weft::detail::health_v1::HealthListResponse> {
  using T = detail::health_v1::HealthListResponse;
  static constexpr std::string_view name = "HealthListResponse";
  static constexpr Shape shape = Shape::structure;
  static constexpr auto fields = Table{field<1>("statuses", &T::statuses)};
};
