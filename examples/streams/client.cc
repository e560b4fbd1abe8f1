#include <fmt/format.h>

#include <weft/weft.h>

#include "streams.weft.h"

// Requests that are known, or can be computed, are a coroutine that yields them.
weft::Stream<streams::Number> numbers(std::int64_t last) {
  for (std::int64_t value = 1; value <= last; ++value) {
    streams::Number number{value};
    co_yield number;
  }
}

// Requests that come from elsewhere pass through a queue.
weft::Stream<streams::Note> notes(std::shared_ptr<weft::Queue<std::string>> said) {
  while (auto text = co_await said->pop()) {
    streams::Note note{.author = "client", .text = *text};
    co_yield note;
  }
}

weft::Task<void> show(std::string address) {
  auto client = co_await weft::connect<streams::Streams>(address);

  streams::WatchRequest request{.count = 3, .interval_ms = 1};
  auto ticks = client.watch(request);
  while (auto tick = co_await ticks.next()) fmt::print("tick {}\n", tick->sequence);

  auto total = co_await client.sum(numbers(100));
  fmt::print("1 + ... + 100 = {}\n", total.value);

  auto said = std::make_shared<weft::Queue<std::string>>(8);
  auto answers = client.chat(notes(said));
  for (const char* text : {"hello", "goodbye"}) {
    co_await said->push(text);
    auto answer = co_await answers.next();
    if (answer) fmt::print("{}: {}\n", answer->author, answer->text);
  }
}  // dropping `answers` ends the call

int main(int argc, char** argv) { return weft::run(show(argc > 1 ? argv[1] : "127.0.0.1:9000")); }
