// A socket whose bytes go through a filter: here one that flips them, greets, and says goodbye.
#include <weft/runtime/byte_filter.h>
#include <weft/runtime/peer_identity.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>

#include "../support/weft_test.h"

using namespace weft;

namespace {

std::string flipped(std::string_view text) {
  std::string copy{text};
  for (char& c : copy) c = static_cast<char>(c ^ 0x80);
  return copy;
}

/// On the wire: "+" before it all, then flipped bytes; a zero byte is the end, 0xff breaks it.
class Flip final : public ByteFilter {
 public:
  explicit Flip(bool ready = true) : ready_(ready) { identity_->common_name = "flip"; }

  Status receive(Bytes bytes, std::vector<Bytes>& plain) override {
    for (char c : bytes.view()) {
      if (!greeted_) {
        if (c != '+') return unavailable("no greeting");
        greeted_ = ready_ = true;
      } else if (c == '\0') {
        ended_ = true;
        return {};
      } else if (c == '\xff') {
        words_ = "!";
        return unavailable("broken");
      } else {
        plain.emplace_back(flipped({&c, 1}));
      }
    }
    return {};
  }
  bool has_ended() const noexcept override { return ended_; }
  Status cut_off(Status status) override { return status.ok() ? unavailable("cut off") : status; }
  bool has_output() const noexcept override { return !words_.empty(); }
  Result<std::size_t> send(std::span<const Bytes> plain, std::size_t limit,
                           std::vector<Bytes>& out) override {
    if (!words_.empty()) out.emplace_back(std::exchange(words_, {}));
    std::size_t taken = 0;
    for (const Bytes& slice : plain) {
      if (!ready_ || taken == limit) break;
      std::size_t part = std::min(slice.size(), limit - taken);
      out.emplace_back(flipped(slice.view().substr(0, part)));
      out.emplace_back("");  // slices may be empty
      taken += part;
    }
    most_taken = std::max(most_taken, taken);
    return taken;
  }
  void finish() override {
    if (!std::exchange(finished_, true)) words_ += std::string(1, '\0');
  }
  std::shared_ptr<const PeerIdentity> peer_identity() const noexcept override { return identity_; }

  static inline std::size_t most_taken = 0;

 private:
  std::string words_ = "+";
  bool ready_, greeted_ = false, ended_ = false, finished_ = false;
  std::shared_ptr<PeerIdentity> identity_ = std::make_shared<PeerIdentity>();
};

struct Pair {
  Socket filtered, plain;
};

Task<Pair> make_pair() {
  Address any = co_await Address::parse("127.0.0.1:0");
  Listener listener = co_await Listener::open(any);
  Pair pair;
  pair.plain = co_await connect_socket(listener.address());
  pair.filtered = co_await listener.accept();
  co_return pair;
}

Task<std::string> read(Socket* socket, std::size_t size) {
  std::string all;
  while (all.size() < size) {
    Bytes piece = co_await socket->receive();
    if (piece.empty()) co_return unavailable("closed");
    all += piece.view();
  }
  co_return all;
}

Task<void> write_all(Socket* socket, std::string text) {
  socket->write(Bytes(text));
  co_await socket->flush();
}

}  // namespace

WEFT_IO_TEST("a piece that was put back is the next one") {
  Pair pair = co_await make_pair();
  pair.plain.write("one");
  Bytes piece = co_await pair.filtered.receive();
  pair.filtered.unread(std::move(piece));
  piece = co_await pair.filtered.receive();
  CHECK(piece.view() == "one");
  piece.remove_prefix(1);
  pair.filtered.unread(std::move(piece));
  pair.plain.write("two");
  std::string rest = co_await read(&pair.filtered, 5);
  CHECK(rest == "netwo");
}

WEFT_IO_TEST("what was received before and after a filter was attached goes through it, as what is written") {
  Pair pair = co_await make_pair();
  pair.plain.write(Bytes("+" + flipped("early")));
  Bytes piece = co_await pair.filtered.receive();
  pair.filtered.unread(std::move(piece));
  CHECK(pair.filtered.peer_identity() == nullptr);
  pair.filtered.attach(std::make_unique<Flip>());
  REQUIRE(pair.filtered.peer_identity());
  CHECK(pair.filtered.peer_identity()->common_name == "flip");
  std::string early = co_await read(&pair.filtered, 5);
  CHECK(early == "early");
  pair.plain.write(Bytes(flipped("late")));
  std::string late = co_await read(&pair.filtered, 4);
  CHECK(late == "late");
  pair.filtered.write("answer");
  std::string answer = co_await read(&pair.plain, 7);
  CHECK(answer == "+" + flipped("answer"));
  co_await pair.filtered.flush();
  CHECK(pair.filtered.unsent() == 0);
}

WEFT_IO_TEST("what is written before a filter can take it waits") {
  Pair pair = co_await make_pair();
  pair.filtered.attach(std::make_unique<Flip>(false));
  pair.filtered.write("question");
  std::string greeting = co_await read(&pair.plain, 1);
  CHECK(greeting == "+");
  CHECK(pair.filtered.unsent() == 8);
  pair.plain.write("+");
  std::string question = co_await read(&pair.plain, 8);
  CHECK(question == flipped("question"));
}

WEFT_IO_TEST("much goes through a filter in parts, and arrives whole") {
  Pair pair = co_await make_pair();
  pair.filtered.attach(std::make_unique<Flip>());
  Flip::most_taken = 0;
  std::string much(3'000'000, 'a');
  for (std::size_t i = 0; i < much.size(); i += 997) much[i] = static_cast<char>(i);
  Scope scope = co_await Scope::open();
  scope.spawn(write_all(&pair.filtered, much));
  std::string got = co_await read(&pair.plain, 1 + much.size());
  CHECK((got == "+" + flipped(much)));
  co_await scope.join();
  CHECK(pair.filtered.unsent() == 0);
  CHECK(Flip::most_taken <= 256 * 1024);
}

WEFT_IO_TEST("the end that a filter's peer says is one, and a cut or a failure is none") {
  for (std::string_view last :
       {std::string_view("\0", 1), std::string_view(""), std::string_view("\xff", 1)}) {
    Pair pair = co_await make_pair();
    pair.filtered.attach(std::make_unique<Flip>());
    pair.plain.write(Bytes("+" + flipped("x") + std::string(last) + "ignored"));
    if (last.empty()) {
      Bytes ignored = co_await pair.filtered.receive();
      std::string rest = co_await read(&pair.filtered, 7);
      CHECK(rest == flipped("ignored"));
    } else {
      std::string before = co_await read(&pair.filtered, 1);
      CHECK(before == "x");
    }
    pair.plain.shutdown_write();
    auto end = co_await attempt(pair.filtered.receive());
    if (last == std::string_view("\0", 1)) {
      REQUIRE(end);
      CHECK(end->empty());
    } else {
      REQUIRE_FALSE(end);
      CHECK(end.status().message() == (last.empty() ? "cut off" : "broken"));
    }
    // It says what it has to say, also when the socket is closed at once.
    pair.filtered.close();
    std::string words = co_await read(&pair.plain, 2);
    CHECK(words.substr(0, 2) == std::string("+") + (last == "\xff" ? '!' : '\0'));
  }
}

WEFT_IO_TEST("shutting down the sending side says so through the filter, after all that was written") {
  Pair pair = co_await make_pair();
  pair.filtered.attach(std::make_unique<Flip>());
  pair.filtered.write("all");
  pair.filtered.shutdown_write();
  std::string all = co_await read(&pair.plain, 5);
  CHECK(all == "+" + flipped("all") + std::string(1, '\0'));
  Bytes end = co_await pair.plain.receive();
  CHECK(end.empty());
}
