// interop-server --listen HOST:PORT [--certificate FILE] [--client-ca FILE] [--tls-required]: the server that
// other people's clients are run against. Prints "READY HOST:PORT" when it accepts; ends with status 0 on
// SIGTERM, after a drain. With a certificate (and its key in the same file) it speaks TLS, too.
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
  weft::ServerOptions options;
  options.listen.clear();
  for (int i = 1; i < argc; ++i) {
    const char* value = i + 1 < argc ? argv[i + 1] : "";
    if (std::strcmp(argv[i], "--tls-required") == 0) {
      options.tls.required = true;
      continue;
    }
    if (std::strcmp(argv[i], "--listen") == 0) options.listen = value;
    if (std::strcmp(argv[i], "--certificate") == 0) options.tls.certificates.push_back({value, ""});
    if (std::strcmp(argv[i], "--client-ca") == 0) options.tls.client_ca_file = value;
    ++i;
  }
  if (options.listen.empty()) {
    std::fputs(
        "usage: interop-server --listen HOST:PORT [--certificate FILE] [--client-ca FILE] [--tls-required]\n",
        stderr);
    return 2;
  }
  options.tls.require_client_certificate = options.tls.required && !options.tls.client_ca_file.empty();
  // Blocked before the server's threads start, so that this one alone takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  // Two cores are enough to meet on.
  options.cores = 2;
  options.pin = false;
  weft::Server server{options};
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
