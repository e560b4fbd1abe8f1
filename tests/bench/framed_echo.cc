// framed-echo PORT [ZERO_COPY_FROM]: sends back each frame that it receives, a 4-byte big-endian length and
// so many bytes, and is written as a service on the runtime alone would be: a coroutine for each connection.
// WEFT_DRIVER chooses the driver. On SIGTERM it prints what it did as one line of JSON.
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

/// Cuts what is received into frames.
class Frames {
 public:
  void feed(Bytes piece) { piece_ = std::move(piece); }

  /// The next frame, its length included, in the memory where it arrived. False: more must be received first.
  bool next(Chain& frame) {
    if (piece_.empty()) return false;
    std::size_t part = 0;  // of the piece
    while (length_read_ < length_size && part < piece_.size()) {
      length_ = length_ << 8 | piece_[part++];
      if (++length_read_ == length_size) missing_ = length_;
    }
    if (length_ > frame_max) return bad_ = true, false;
    std::size_t body = std::min(missing_, piece_.size() - part);
    missing_ -= body;
    frame_.append(take(part + body));
    if (length_read_ < length_size || missing_ > 0) return false;
    frame = std::exchange(frame_, {});
    length_ = 0;
    length_read_ = 0;
    return true;
  }
  bool bad() const { return bad_; }

 private:
  Bytes take(std::size_t size) {
    if (size == piece_.size()) return std::exchange(piece_, {});
    Bytes part = piece_.slice(0, size);
    piece_.remove_prefix(size);
    return part;
  }

  Bytes piece_;
  Chain frame_;  // that is not whole yet
  std::uint32_t length_ = 0;
  std::size_t length_read_ = 0, missing_ = 0;
  bool bad_ = false;
};

std::uint64_t calls = 0;

Task<void> serve(Socket socket) {
  Frames frames;
  Chain frame;
  while (!frames.bad()) {
    Bytes piece = co_await socket.receive();
    if (piece.empty()) break;
    frames.feed(std::move(piece));
    while (frames.next(frame)) {
      ++calls;
      socket.write(frame);
    }
    frame = {};
    co_await socket.drain_below(unsent_max);
  }
}

Task<void> listen(std::string where, SocketOptions socket_options) {
  Address address = co_await Address::parse(where);
  Listener listener = co_await Listener::open(address);
  ScopeOptions options{.keep_going = true};
  Scope scope = co_await Scope::open(options);
  for (;;) {
    auto socket = co_await attempt(listener.accept(socket_options));
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
  if (argc != 2 && argc != 3) return std::fputs("usage: framed-echo PORT [ZERO_COPY_FROM]\n", stderr), 2;
  SocketOptions options;
  if (argc == 3) options.zero_copy_from = static_cast<std::size_t>(std::atol(argv[2]));
  return weft::run(listen("127.0.0.1:" + std::string(argv[1]), options));
}
