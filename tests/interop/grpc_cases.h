// The cases of the public gRPC interop descriptions, by their official names.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <weft/weft.h>

namespace interop {

/// What a case may use.
struct Target {
  std::string address;
  weft::ChannelOptions options{};
  std::size_t soak_iterations = 10;
};

struct GrpcCase {
  std::string_view name;
  weft::Task<void> (*run)(const Target* target);  ///< fails with what is wrong
};

std::span<const GrpcCase> grpc_cases();

}  // namespace interop
