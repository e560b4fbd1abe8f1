// echo-server [--listen HOST:PORT] [--cores N]: answers Echo.echo with what it was sent. Made to be measured.
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <weft/weft.h>

#include "echo.weft.h"

namespace {

struct EchoService : echo::Echo {
  weft::Task<echo::Msg> echo(echo::Msg m) override { co_return m; }
};

}  // namespace

int main(int argc, char** argv) {
  weft::ServerOptions options{.listen = "127.0.0.1:9000", .cores = 1, .pin = false};
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--listen") == 0) options.listen = argv[i + 1];
    if (std::strcmp(argv[i], "--cores") == 0) options.cores = static_cast<unsigned>(std::atoi(argv[i + 1]));
  }
  weft::Server server{options};
  server.add<EchoService>();
  return server.run();
}
