// grpc-echo-server PORT: answers echo.Echo/Echo with what it was sent, on one core.
#include <cstdio>

#include <fmt/format.h>

#include <weft/weft.h>

#include "grpc_echo.weft.h"

namespace {

struct EchoService final : echo::Echo {
  weft::Task<echo::Msg> echo(echo::Msg request) override { co_return request; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: grpc-echo-server PORT\n", stderr);
    return 2;
  }
  weft::Server server{{.listen = fmt::format("127.0.0.1:{}", argv[1]), .cores = 1, .pin = false}};
  server.add<EchoService>();
  return server.run();
}
