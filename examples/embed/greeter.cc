// A server and its client in one program, over a real connection on a port that the system chooses.
#include <fmt/format.h>

#include <weft/weft.h>

#include "greeter.weft.h"

namespace {

struct Greeter : embed::Greeter {
  weft::Task<embed::Greeting> greet(embed::Person person) override {
    co_return embed::Greeting{.text = "Hello, " + person.name};
  }
};

weft::Task<int> call(std::string address) {
  auto greeter = co_await weft::connect<embed::Greeter>(std::move(address));
  embed::Person person{.name = "Ada"};
  auto greeting = co_await greeter.greet(std::move(person));
  fmt::print("{}\n", greeting.text);
  co_return greeting.text == "Hello, Ada" ? 0 : 1;
}

}  // namespace

int main() {
  weft::Server server{{.listen = "127.0.0.1:0", .cores = 1}};
  server.add<Greeter>();
  if (auto started = server.start(); !started.ok()) {
    fmt::print(stderr, "{}\n", started.to_string());
    return 1;
  }
  return weft::run(call(server.address().to_string()));
}
