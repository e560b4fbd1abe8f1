// kv_server [ADDRESS [CORES]]: keys and values in memory, spread over the cores.
#include <cstdio>
#include <cstdlib>

#include <weft/weft.h>

#include "kv_service.h"

int main(int argc, char** argv) {
  int cores = argc > 2 ? std::atoi(argv[2]) : 0;  // 0: one for each CPU
  if (argc > 3 || cores < 0 || cores > 1'024) {
    std::fprintf(stderr, "usage: kv_server [ADDRESS [CORES]]\n");
    return 2;
  }
  weft::Server server{{
      .listen = argc > 1 ? argv[1] : "127.0.0.1:9000",
      .cores = static_cast<unsigned>(cores),
  }};
  server.add<kv::KeyValueService>(kv::Limits{});
  return server.run();
}
