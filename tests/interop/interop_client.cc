// interop-client --server_host=H --server_port=P --test_case=NAME: runs one of the public gRPC interop cases
// against a server. 0: passed; else a message and 1.
#include <cstdio>

#include <fmt/format.h>

#include "grpc_cases.h"
#include "grpc_peer.h"

namespace {

using namespace interop;

constexpr auto case_limit = std::chrono::seconds(60);

weft::Task<int> run(const GrpcCase* what, const Target* target) {
  auto ended = co_await weft::attempt(weft::within(case_limit, what->run(target)));
  if (!ended) fmt::print(stderr, "{}: {}\n", what->name, ended.status().to_string(true));
  co_return ended ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view host = "127.0.0.1", port, name = "empty_unary";
  Target target;
  bool understood = true;
  for (int i = 1; i < argc; ++i)
    understood =
        understood && (option(argv[i], "--server_host", host) || option(argv[i], "--server_port", port) ||
                       option(argv[i], "--test_case", name) ||
                       option(argv[i], "--soak_iterations", target.soak_iterations));
  const GrpcCase* what = nullptr;
  for (const GrpcCase& one : grpc_cases())
    if (one.name == name) what = &one;
  if (!understood || port.empty() || !what) {
    fmt::print(stderr, "usage: interop-client --server_host=H --server_port=P --test_case=NAME\ncases:");
    for (const GrpcCase& one : grpc_cases()) fmt::print(stderr, " {}", one.name);
    fmt::print(stderr, "\n");
    return 2;
  }
  target.address = address_of(host, port);
  return weft::run(run(what, &target));
}
