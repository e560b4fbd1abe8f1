// kv_server [ADDRESS [CORES]]: keys and values in memory, spread over the cores.
#include <cstdlib>

#include <weft/weft.h>

#include "kv_service.h"

int main(int argc, char** argv) {
  weft::Server server{{
      .listen = argc > 1 ? argv[1] : "127.0.0.1:9000",
      .cores = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 0,  // 0: one for each CPU
  }};
  server.add<kv::KeyValueService>(kv::Limits{});
  return server.run();
}
