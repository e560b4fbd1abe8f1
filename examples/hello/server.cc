#include <weft/weft.h>

#include "hello.weft.h"

// One instance per core, so there is nothing to lock.
struct Hello : hello::Greeter {
  weft::Task<hello::HelloReply> say_hello(hello::HelloRequest request) override {
    if (request.name.empty()) co_return weft::invalid_argument("name is empty");
    co_return hello::HelloReply{.message = "Hello, " + request.name};
  }
};

int main(int argc, char** argv) {
  weft::Server server{{.listen = argc > 1 ? argv[1] : "127.0.0.1:9000"}};
  server.add<Hello>();
  return server.run();  // until SIGTERM, then drains
}
