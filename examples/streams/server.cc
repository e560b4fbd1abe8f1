#include <weft/weft.h>

#include "streams.weft.h"

struct Streams : streams::Streams {
  // Runs only as fast as its caller reads: a yield waits while the caller's window is full. A caller that
  // goes away ends it at the next wait.
  weft::Stream<streams::Tick> watch(streams::WatchRequest request) override {
    if (request.interval_ms < 0) co_await weft::invalid_argument("the interval is negative");
    for (std::int64_t n = 0; n < request.count; ++n) {
      streams::Tick tick{.sequence = n};
      co_yield tick;
      co_await weft::sleep(std::chrono::milliseconds(request.interval_ms));
    }
  }

  weft::Task<streams::Number> sum(weft::Stream<streams::Number> numbers) override {
    streams::Number total;
    while (auto number = co_await numbers.next()) total.value += number->value;
    co_return total;
  }

  weft::Stream<streams::Note> chat(weft::Stream<streams::Note> notes) override {
    while (auto note = co_await notes.next()) {
      streams::Note answer{.author = "server", .text = note->author + " says " + note->text};
      co_yield answer;
    }
  }
};

int main(int argc, char** argv) {
  weft::Server server{{.listen = argc > 1 ? argv[1] : "127.0.0.1:9000"}};
  server.add<Streams>();
  return server.run();
}
