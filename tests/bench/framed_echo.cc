// framed-echo PORT: sends back each frame that it receives, a 4-byte big-endian length and so many bytes, and
// is written as a service on the runtime alone would be: a coroutine for each connection. WEFT_DRIVER chooses
// the driver. On SIGTERM it prints what it did as one line of JSON.
#include <cstdio>
#include <cstdlib>
#include <string>

#include <weft/runtime/combine.h>
#include <weft/runtime/run.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/socket.h>

#include "allocations.h"

namespace {

using namespace weft;

constexpr std::size_t length_size = 4, frame_max = 1 << 24, unsent_max = 1 << 20;

/// What is received, frame by frame.
class Frames {
 public:
  explicit Frames(Socket& socket) noexcept : socket_(socket) {}

  /// The next frame, its length included, in the memory where it arrived. Empty at the end of the stream.
  Task<Chain> next() {
    Chain frame;
    std::uint32_t length = 0;
    std::size_t read = 0;  // bytes of the length
    while (read < length_size) {
      if (piece_.empty()) {
        piece_ = co_await socket_.receive();
        if (piece_.empty()) co_return Chain{};
      }
      std::size_t part = std::min(length_size - read, piece_.size());
      for (std::size_t i = 0; i < part; ++i) length = length << 8 | piece_[i];
      read += part;
      if (read == length_size && part == length_size && piece_.size() - part >= length) {
        frame.append(take(part + length));
        co_return frame;
      }
      frame.append(take(part));
    }
    if (length > frame_max) co_return invalid_argument("a frame too large");
    for (std::size_t missing = length; missing > 0;) {
      if (piece_.empty()) {
        piece_ = co_await socket_.receive();
        if (piece_.empty()) co_return Chain{};
      }
      std::size_t part = std::min(missing, piece_.size());
      missing -= part;
      frame.append(take(part));
    }
    co_return frame;
  }

 private:
  Bytes take(std::size_t size) {
    if (size == piece_.size()) return std::exchange(piece_, {});
    Bytes part = piece_.slice(0, size);
    piece_.remove_prefix(size);
    return part;
  }

  Socket& socket_;
  Bytes piece_;
};

std::uint64_t calls = 0;

Task<void> serve(Socket socket) {
  Frames frames{socket};
  for (;;) {
    Chain frame = co_await frames.next();
    if (frame.empty()) break;
    ++calls;
    socket.write(frame);
    co_await socket.drain_below(unsent_max);
  }
}

Task<void> listen(std::string where) {
  Address address = co_await Address::parse(where);
  Listener listener = co_await Listener::open(address);
  ScopeOptions options{.keep_going = true};
  Scope scope = co_await Scope::open(options);
  for (;;) {
    auto socket = co_await attempt(listener.accept());
    if (!socket) break;
    scope.spawn(serve(*std::move(socket)));
  }
  auto counters = Loop::current()->counters();
  std::printf("{\"system_calls\": %llu, \"turns\": %llu, \"calls\": %llu, \"allocations\": %llu}\n",
              static_cast<unsigned long long>(counters.system_calls),
              static_cast<unsigned long long>(counters.turns), static_cast<unsigned long long>(calls),
              static_cast<unsigned long long>(bench::allocations()));
  scope.cancel();
  co_await scope.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: framed-echo PORT\n", stderr), 2;
  return weft::run(listen("127.0.0.1:" + std::string(argv[1])));
}
