// kv_server [ADDRESS [CORES [FOLDER]]]: keys and values, spread over the cores. With a FOLDER what was put is
// there after a crash; without one all is in memory.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include <weft/weft.h>

#include "kv_service.h"
#include "recover.h"

namespace {
weft::Task<void> recover(std::string folder, unsigned cores, std::shared_ptr<kv::Recovered>* found) {
  auto recovered = co_await kv::recover(std::move(folder), cores);
  *found = std::make_shared<kv::Recovered>(std::move(recovered));
}
}  // namespace

int main(int argc, char** argv) {
  int cores = argc > 2 ? std::atoi(argv[2]) : 0;  // 0: one for each CPU
  if (argc > 4 || cores < 0 || cores > 1'024) {
    std::fprintf(stderr, "usage: kv_server [ADDRESS [CORES [FOLDER]]]\n");
    return 2;
  }
  weft::ServerOptions options{
      .listen = argc > 1 ? argv[1] : "127.0.0.1:9000",
      .cores = weft::Cores{{.count = static_cast<unsigned>(cores)}}.size(),
  };
  std::shared_ptr<kv::Recovered> found;
  if (argc > 3)
    if (int failed = weft::run(recover(argv[3], options.cores, &found))) return failed;
  weft::Server server{options};
  server.add<kv::KeyValueService>(kv::Limits{}, found);
  return server.run();
}
