// Ten thousand connections that come and go for WEFT_CHURN_SECONDS (10), and servers that start and stop a
// thousand times: nothing may be left behind, neither memory nor descriptors nor tasks.
#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <netinet/in.h>
#include <random>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include <weft/runtime/tasks.h>

#include "../../lib/runtime/sanitizer.h"
#include "probe_service.h"

using namespace weft;
using namespace std::chrono_literals;
using probe::Probe;
using SteadyClock = std::chrono::steady_clock;

namespace {

/// Ten thousand, each of which takes two descriptors here, or what this process may have.
std::size_t connections_max() {
  constexpr rlim_t wanted = 24'000;
  rlimit limit{.rlim_cur = wanted, .rlim_max = wanted};
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return 10'000;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return std::min<std::size_t>(10'000, (limit.rlim_max - 500) / 2);
}

std::chrono::seconds churn_time() {
  const char* seconds = std::getenv("WEFT_CHURN_SECONDS");
  return std::chrono::seconds(seconds ? std::atoi(seconds) : 10);
}

Task<std::int32_t> tasks_here() { co_return static_cast<std::int32_t>(tasks().size()); }

/// Tells how many tasks wait on the server's cores.
struct Census : test::ProbeService {
  Task<std::int32_t> notes() override {
    co_await yield();  // so that the connection that asks waits again, and is counted on whichever core it is
    std::int32_t count = 0;
    for (unsigned core = 0; core < core_count(); ++core) count += co_await on(core, tasks_here);
    co_return count;
  }
};

Task<std::int32_t> ask_for_tasks(std::string address) {
  auto client = co_await connect<Probe>(address);
  co_return co_await client.notes();
}

std::int32_t tasks_of(const std::string& address) {
  auto loop = Loop::create();
  REQUIRE(loop);
  auto count = (*loop)->run(ask_for_tasks(address));
  REQUIRE_MESSAGE(count, count.status().to_string(true));
  return *count;
}

/// Bytes of this process that are in memory.
std::size_t resident() {
  unsigned long pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*u %lu", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

/// A whole call of echo("xyz") and its reply.
constexpr std::string_view call{
    "\0\0\0\x0e\x82\x21\x01\x04"
    "echo\x18\x03xyz\0",
    18};
constexpr std::string_view reply{
    "\0\0\0\x0f\x82\x41\x01\x04"
    "echo\x08\0\x03xyz\0",
    19};

/// Peers made of plain sockets, for whom nothing is tidied up.
class Peers {
 public:
  explicit Peers(const Address& server)
      : server_(reinterpret_cast<const sockaddr_in&>(*server.data())), peers_(connections_max(), -1) {}
  ~Peers() { leave_all(); }

  void open_all() {
    for (std::size_t place = 0; place < peers_.size(); ++place)
      if (peers_[place] < 0) open(place);
  }
  void leave_all() {
    for (int& peer : peers_)
      if (peer >= 0) ::close(std::exchange(peer, -1));
  }
  void churn(SteadyClock::time_point end) {
    while (SteadyClock::now() < end)
      for (int i = 0; i < 64; ++i) {
        std::size_t place = random_() % peers_.size();
        if (peers_[place] < 0)
          open(place);
        else
          use(place);
      }
  }

  std::size_t opened = 0, calls = 0, left = 0, died = 0;

 private:
  void open(std::size_t place) {
    int peer = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    REQUIRE(peer >= 0);
    // Many addresses, for there are fewer ports than connections in TIME_WAIT.
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + opened++ % 200);
    setsockopt(peer, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    REQUIRE(::bind(peer, reinterpret_cast<sockaddr*>(&own), sizeof own) == 0);
    REQUIRE(::connect(peer, reinterpret_cast<const sockaddr*>(&server_), sizeof server_) == 0);
    timeval patience{.tv_sec = 30, .tv_usec = 0};
    setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    peers_[place] = peer;
  }

  void use(std::size_t place) {
    int peer = peers_[place];
    switch (random_() % 4) {
      case 0:
        leave(place);
        return;
      case 1:
        die(place);
        return;
      default:
        REQUIRE(send(peer, call));
        std::array<char, reply.size()> got{};
        REQUIRE(::recv(peer, got.data(), got.size(), MSG_WAITALL) == static_cast<ssize_t>(got.size()));
        REQUIRE(std::string_view(got.data(), got.size()) == reply);
        ++calls;
    }
  }

  void leave(std::size_t place) {
    ::close(std::exchange(peers_[place], -1));
    ++left;
  }

  /// In the middle of a frame, behind up to three whole ones: by a FIN, or by a RST.
  void die(std::size_t place) {
    int peer = std::exchange(peers_[place], -1);
    for (auto whole = random_() % 4; whole > 0; --whole) send(peer, call);
    send(peer, call.substr(0, 1 + random_() % (call.size() - 1)));
    if (random_() % 2) {
      linger reset{.l_onoff = 1, .l_linger = 0};
      setsockopt(peer, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    ::close(peer);
    ++died;
  }

  static bool send(int peer, std::string_view text) {
    return ::send(peer, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }

  sockaddr_in server_;
  std::vector<int> peers_;
  std::minstd_rand random_{7};
};

struct State {
  std::int32_t tasks;
  int descriptors;
  std::size_t allocated, resident;
};

State look(const std::string& address) {
  return {tasks_of(address), test::open_descriptors(), mallinfo2().uordblks, resident()};
}

/// The most of several looks: what asks is itself on its way in or out.
State idle_state(const std::string& address) {
  State most = look(address);
  for (int i = 0; i < 25; ++i) {
    usleep(10'000);
    State state = look(address);
    most.tasks = std::max(most.tasks, state.tasks);
    most.descriptors = std::max(most.descriptors, state.descriptors);
  }
  return most;
}

/// Once what has ended is gone, with a generous limit of time.
State settled(const std::string& address, const State& idle) {
  State state = look(address);
  for (int patience = 1000; patience > 0; --patience) {
    if (state.tasks <= idle.tasks && state.descriptors <= idle.descriptors) break;
    usleep(20'000);
    state = look(address);
  }
  return state;
}

}  // namespace

TEST_CASE("ten thousand connections come and go, a quarter of them amid a frame, and nothing is left") {
  int before = test::open_descriptors();
  {
    ServerOptions options{.listen = "127.0.0.1:0", .cores = 2, .pin = false};
    Server server{options};
    server.add<Census>();
    REQUIRE(server.start() == Status{});
    std::string address = server.address().to_string();
    State idle = idle_state(address);

    // The first ten thousand fill the lists of free memory, which are bounded.
    Peers peers{server.address()};
    peers.open_all();
    peers.churn(SteadyClock::now() + churn_time() / 4);
    peers.leave_all();
    State first = settled(address, idle);
    CHECK(first.tasks <= idle.tasks);
    CHECK(first.descriptors <= idle.descriptors);

    peers.open_all();
    peers.churn(SteadyClock::now() + churn_time());
    peers.leave_all();
    State last = settled(address, idle);
    CHECK(last.tasks <= idle.tasks);
    CHECK(last.descriptors <= idle.descriptors);
    if (detail::recycles_memory) {  // else the sanitizer looks for leaks
      CHECK(last.allocated < first.allocated + (2 << 20));
      CHECK(last.resident < first.resident + first.resident / 4 + (16 << 20));
    }
    MESSAGE(peers.opened, " connections, ", peers.calls, " calls, ", peers.left, " left and ", peers.died,
            " died; ", last.tasks, " tasks; allocated ", first.allocated, ", then ", last.allocated,
            " bytes; resident ", first.resident >> 20, ", then ", last.resident >> 20, " MiB");
    CHECK(peers.died > 0);
    server.stop();
    CHECK(server.wait() == Status{});
  }
  CHECK(test::open_descriptors() == before);
}

namespace {

Task<void> call_for_long(const Probe::Client* client) {
  std::ignore = co_await attempt(client->wait(60'000, 1));
}

Task<void> start_and_stop(int rounds) {
  for (int round = 0; round < rounds; ++round) {
    ServerOptions options{.cores = 1u + static_cast<unsigned>(round) % 2, .drain_timeout = 1ms};
    test::Served served{options};
    std::string address = served.start();
    auto client = co_await connect<Probe>(address);
    ScopeOptions scope_options{.keep_going = true};
    Scope scope = co_await Scope::open(scope_options);
    std::string text = co_await client.echo("once");
    CHECK(text == "once");
    if (round % 3 == 0) {
      scope.spawn(call_for_long(&client));
      co_await client.note(1);
      while (served.observed.notes == 0) co_await sleep(100us);
    }
    co_await served.stop();
    CHECK(served.observed.running == 0);
    co_await scope.join();
  }
}

}  // namespace

TEST_CASE("a server starts and stops a thousand times, with a call each time and every third time amid one") {
  int before = test::open_descriptors();
  for (int part = 0; part < 10; ++part) {
    auto loop = Loop::create();
    REQUIRE(loop);
    test::report((*loop)->run(within(120s, start_and_stop(100))));
  }
  CHECK(test::open_descriptors() == before);
}
