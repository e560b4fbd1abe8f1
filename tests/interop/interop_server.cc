// interop-server --listen HOST:PORT: the server that other people's clients are run against. Prints "READY
// HOST:PORT" when it accepts; ends with status 0 on SIGTERM, after a drain.
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include <weft/weft.h>

#include "annex.h"
#if WEFT_INTEROP_GRPC
#include "test_service.h"
#endif

int main(int argc, char** argv) {
  if (argc != 3 || std::strcmp(argv[1], "--listen") != 0) {
    std::fputs("usage: interop-server --listen HOST:PORT\n", stderr);
    return 2;
  }
  // Blocked before the server's threads start, so that this one alone takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  // Two cores are enough to meet on; with the limits of each, peers that want its memory get at most some 250
  // MB.
  weft::Server server{{.listen = argv[2],
                       .cores = 2,
                       .pin = false,
                       .receive_buffered_core_max = 32 << 20,
                       .send_buffered_core_max = 32 << 20}};
  server.add<interop::Annex>();
#if WEFT_INTEROP_GRPC
  server.add<interop::TestService>();
#endif
  weft::Status status = server.start();
  if (status.ok()) {
    fmt::print("READY {}\n", server.address().to_string());
    std::fflush(stdout);
    int signal;
    sigwait(&signals, &signal);
    server.stop();
    status = server.wait();
  }
  if (!status.ok()) fmt::print(stderr, "{}\n", status.to_string());
  return status.ok() ? 0 : 1;
}
