#include <fmt/format.h>

#include <weft/weft.h>

#include "hello.weft.h"

weft::Task<void> greet(std::string address) {
  auto greeter = co_await weft::connect<hello::Greeter>(address);
  hello::HelloRequest request{.name = "Ada"};
  auto reply = co_await greeter.say_hello(request);  // a failure ends greet() here
  fmt::print("{}\n", reply.message);
}

int main(int argc, char** argv) { return weft::run(greet(argc > 1 ? argv[1] : "127.0.0.1:9000")); }
