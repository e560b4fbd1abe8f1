// Sends without a copy: over real sockets, where the loopback device copies all the same; and over a scripted
// driver that says when the memory is free.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>
#include <weft/runtime/socket.h>

#include "../../lib/runtime/driver.h"
#include "../support/weft_test.h"

using namespace weft;

namespace {

constexpr SocketOptions zero_copy{.zero_copy_from = 16'384};

std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 2654435761u >> 13);
  return text;
}

struct Pair {
  Socket client, server;
};

Task<Pair> connected(std::string where) {
  Address address = co_await Address::parse(where);
  Listener listener = co_await Listener::open(address);
  Socket client = co_await connect_socket(listener.address(), zero_copy);
  Socket server = co_await listener.accept(zero_copy);
  co_return Pair{std::move(client), std::move(server)};
}

Task<void> write_slices(Socket* socket, Bytes all, std::size_t each) {
  for (std::size_t at = 0; at < all.size(); at += each) {
    socket->write(all.slice(at, std::min(each, all.size() - at)));
    co_await socket->drain_below(1 << 20);
  }
  co_await socket->flush();
  socket->shutdown_write();
}

Task<bool> arrives(Socket* socket, Bytes all) {
  std::size_t got = 0;
  for (;;) {
    Bytes piece = co_await socket->receive();
    if (piece.empty()) break;
    if (got + piece.size() > all.size() || piece.view() != all.view().substr(got, piece.size()))
      co_return false;
    got += piece.size();
  }
  co_return got == all.size();
}

Task<void> transfer(std::string where) {
  Pair pair = co_await connected(where);
  Bytes all(pattern(5'000'000));
  Scope scope = co_await Scope::open();
  for (std::size_t each : {70'000, 5'000, 500'000}) {
    if (!pair.client.is_open()) pair = co_await connected(where);
    scope.spawn(write_slices(&pair.client, all, each));
    bool same = co_await arrives(&pair.server, all);
    CHECK(same);
    co_await scope.idle();
    pair = {};
  }
  co_await scope.join();
}

/// Whether this machine can send without a copy.
bool can_zero_copy() { return Loop::current()->driver().can_zero_copy(); }

}  // namespace

WEFT_IO_TEST("without a copy large data arrives as it is, in many slices and in few") {
  auto before = Loop::current()->counters().zero_copies;
  co_await transfer("127.0.0.1:0");
  CHECK((Loop::current()->counters().zero_copies > before) == can_zero_copy());
}

WEFT_IO_TEST("where a socket cannot send without a copy, it copies") {
  co_await transfer(weft::test::unix_address("@weft-zero-copy-test"));
}

WEFT_IO_TEST("a connection that sends without a copy is closed in the middle, and its memory comes back") {
  for (int round = 0; round < 10; ++round) {
    Pair pair = co_await connected("127.0.0.1:0");
    Bytes all(pattern(3'000'000));
    for (std::size_t at = 0; at < all.size(); at += 100'000) pair.client.write(all.slice(at, 100'000));
    if (round % 2) co_await yield();
    if (round % 3) co_await sleep(100us);
    if (round % 4)
      pair.client.close();
    else
      pair.server.close();
  }
}

WEFT_IO_TEST("a peer that does not read keeps a sender without a copy waiting, and its end ends the wait") {
  Pair pair = co_await connected("127.0.0.1:0");
  Bytes all(pattern(20'000'000));
  struct Body {
    static Task<void> send(Socket* socket, Bytes all) {
      socket->write(all);
      co_await socket->flush();
    }
  };
  auto sent = co_await attempt(within(50ms, Body::send(&pair.client, all)));
  CHECK(sent.status().code() == Code::deadline_exceeded);
  CHECK(pair.client.unsent() > 0);
  pair.server.close();
  auto failed = co_await attempt(Body::send(&pair.client, all));
  CHECK(!failed);
}

TEST_CASE("beyond RLIMIT_MEMLOCK it copies") {
  pid_t child = fork();
  if (child == 0) {
    alarm(60);
    rlimit limit{.rlim_cur = 256 << 10, .rlim_max = 256 << 10};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0) _exit(2);
    if (getuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(3);  // root may lock what it likes
    bool well = true;
    {
      // No watcher: ThreadSanitizer allows no new thread in the child of a process with several.
      auto loop = Loop::create({.stall_limit = Duration::zero()});
      if (!loop) _exit(4);
      well = (*loop)->run(transfer("127.0.0.1:0")).ok();
    }
    _exit(well ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

namespace {

/// A network card: what is sent has been sent, and its memory is free when `acknowledge` says so, or the
/// connection is reset.
class Card final : public detail::Driver, public detail::Sockets {
 public:
  Instant now() noexcept override { return now_; }
  detail::Sockets& sockets() noexcept override { return *this; }
  void accept(detail::Operation&, int) override {}
  void receive(detail::Operation& operation, int) override {
    operation.in_flight = true;
    ++in_flight_;
    receive_ = &operation;
  }
  void send(detail::Operation& operation, int, const msghdr&) override { copy(operation); }
  void send(detail::Operation& operation, int, const void*, std::size_t) override { copy(operation); }
  void connect(detail::Operation&, int, const sockaddr*, socklen_t) override {}
  bool can_zero_copy() const noexcept override { return true; }
  void send_zero_copy(detail::Operation& operation, int, const msghdr& message) override {
    int size = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) size += static_cast<int>(message.msg_iov[i].iov_len);
    operation.in_flight = true;
    ++in_flight_;
    answers_.push_back({&operation, {refuse_with ? -refuse_with : size, true, {}}});
    held_.push_back(&operation);
  }
  void file(detail::Operation&, const detail::FileRequest&) override {}
  void cancel(detail::Operation& operation) override {
    if (&operation == receive_)
      answers_.push_back({std::exchange(receive_, nullptr), {-ECANCELED, false, {}}});
  }
  void wait(Instant until) override {
    if (!answers_.empty()) {
      for (auto& [operation, completion] : std::exchange(answers_, {})) {
        if (!completion.more) {
          operation->in_flight = false;
          --in_flight_;
        }
        operation->complete(*operation, std::move(completion));
      }
    } else if (!until.is_never() && until > now_) {
      now_ = until;
    }
  }
  void wake() noexcept override {}
  bool is_simulated() const noexcept override { return true; }
  std::size_t in_flight() const noexcept override { return in_flight_; }

  int open(int) noexcept override { return 3; }
  Result<int> listen(const Address&, const ListenOptions&) override { return 4; }
  int duplicate(int) noexcept override { return 5; }
  void set_options(int, const SocketOptions&) noexcept override {}
  void shutdown(int, int) noexcept override {}
  void reset(int) noexcept override {
    ++resets;
    acknowledge();
  }
  void close(int) noexcept override { ++closes; }
  void remove(const Address&) noexcept override {}
  Address local_address(int) const override { return {}; }
  Address peer_address(int) const override { return {}; }
  std::uint64_t acknowledged(int) const noexcept override { return taken; }

  void acknowledge() {
    for (detail::Operation* operation : std::exchange(held_, {}))
      answers_.push_back({operation, {0, false, {}}});
  }

  int closes = 0, resets = 0, copies = 0, refuse_with = 0;
  std::uint64_t taken = 0;

 private:
  void copy(detail::Operation& operation) {
    ++copies;
    operation.in_flight = true;
    ++in_flight_;
    answers_.push_back({&operation, {100'000, false, {}}});
  }

  Instant now_{};
  std::size_t in_flight_ = 0;
  detail::Operation* receive_ = nullptr;
  std::vector<std::pair<detail::Operation*, detail::Completion>> answers_;
  std::vector<detail::Operation*> held_;
};

/// Bytes that say when nobody needs them any more.
struct Watched : detail::Block {
  explicit Watched(bool* freed) : freed(freed), text(100'000, 'w') {
    release = [](detail::Block* block) noexcept {
      auto* self = static_cast<Watched*>(block);
      *self->freed = true;
      delete self;
    };
  }
  Bytes bytes() {
    return Bytes::adopt(this, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  }
  bool* freed;
  std::string text;
};

Bytes watched(bool* freed) { return (new Watched(freed))->bytes(); }

Task<void> send_and_wait(Card* card, bool* freed) {
  Socket socket = Socket::adopt(3, zero_copy);
  socket.write(watched(freed));
  co_await socket.flush();
  CHECK(!*freed);
  bool next_freed = false;
  socket.write(watched(&next_freed));  // need not wait for the first one's memory
  co_await socket.flush();
  co_await sleep(1h);
  CHECK(!*freed);
  CHECK(!next_freed);
  card->acknowledge();
  co_await sleep(1ms);
  CHECK(*freed);
  CHECK(next_freed);
}

Task<void> send_and_close(bool* freed) {
  Socket socket = Socket::adopt(3, zero_copy);
  socket.write(watched(freed));
  co_await socket.flush();
}

Task<void> close_early(Card* card, bool* freed) {
  co_await send_and_close(freed);
  for (int i = 0; i < 20; ++i) {  // it goes on taking
    co_await sleep(4s);
    ++card->taken;
    CHECK(!*freed);
    CHECK(card->closes == 0);
  }
  card->acknowledge();
  co_await sleep(1ms);
  CHECK(*freed);
  CHECK(card->closes == 1);
  CHECK(card->resets == 0);
}

Task<void> close_for_a_dead_peer(Card* card, bool* freed) {
  co_await send_and_close(freed);
  co_await sleep(4s);
  CHECK(!*freed);
  co_await sleep(20s);
  CHECK(*freed);
  CHECK(card->resets == 1);
  CHECK(card->closes == 1);
}

Task<void> send_refused(Card* card, bool* freed) {
  Socket socket = Socket::adopt(3, zero_copy);
  card->refuse_with = ENOMEM;
  socket.write(watched(freed));
  co_await socket.flush();
  CHECK(card->copies == 1);
  CHECK(socket.unsent() == 0);
  card->acknowledge();
  co_await sleep(1ms);
  CHECK(*freed);
}

void on_card(Task<void> (*body)(Card*, bool*), int resets) {
  auto owned = std::make_unique<Card>();
  Card* card = owned.get();
  int closed = 0, was_reset = 0;
  bool freed = false;
  {
    Loop loop{std::move(owned)};
    test::report(loop.run(body(card, &freed)));
    // A last look before the loop and its driver go.
    closed = card->closes;
    was_reset = card->resets;
  }
  CHECK(freed);
  CHECK(was_reset == resets);
  CHECK(closed <= 1);
}

Task<void> leave_pending(Card*, bool* freed) { co_await send_and_close(freed); }

}  // namespace

TEST_CASE(
    "the kernel's second answer frees the memory, and not the first one; the next send waits for the first "
    "alone") {
  on_card(send_and_wait, 0);
}
TEST_CASE("a closed socket waits for a peer that goes on taking") { on_card(close_early, 0); }
TEST_CASE("a closed socket resets a connection whose peer takes nothing any more") {
  on_card(close_for_a_dead_peer, 1);
}
TEST_CASE("a loop that ends resets what still waits for its peer, and frees the memory after that") {
  on_card(leave_pending, 0);
}
TEST_CASE("a send that is refused for want of memory is copied") { on_card(send_refused, 0); }
