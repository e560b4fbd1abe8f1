// framed-load --port PORT [--connections N] [--depth D] [--size BYTES] [--seconds S] [--warmup S] [--pid
// SERVER]
//
// Keeps D frames of a 4-byte length and BYTES bytes in flight on each of N connections to an echo of frames,
// and counts those that come back. Plain epoll, so that it favours no server. During the warm-up it compares
// what comes back with what was sent. Prints one line of JSON.
#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "histogram.h"

namespace {

constexpr std::size_t buffer_size = 256 << 10;
constexpr int events_at_once = 256;

std::uint64_t nanoseconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

struct Connection {
  int descriptor = -1;
  std::uint64_t wanted = 0, sent = 0, received = 0;  // bytes
  std::vector<std::uint64_t> began;                  // when each frame in flight was due, in a ring
  std::size_t first = 0, in_flight = 0;
};

struct Load {
  int port = 0, connections = 64, depth = 1, pid = 0;
  std::size_t size = 64;
  double seconds = 2, warmup = 0.5;

  int epoll = -1;
  std::size_t frame = 0;   // bytes, with its length
  std::vector<char> text;  // frames, one behind the other, at least a buffer and a frame of them
  std::unique_ptr<char[]> buffer{new char[buffer_size]};
  std::vector<Connection> all;
  bool measuring = false, checking = true;
  std::uint64_t calls = 0, system_calls = 0;
  bench::Histogram latencies;

  [[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "framed-load: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
  }

  void make_text() {
    frame = 4 + size;
    std::vector<char> one(frame);
    for (int i = 0; i < 4; ++i) one[static_cast<std::size_t>(i)] = static_cast<char>(size >> (24 - 8 * i));
    for (std::size_t i = 4; i < frame; ++i) one[i] = static_cast<char>(i * 7 + i / 251);
    std::size_t whole = std::max(buffer_size, frame * static_cast<std::size_t>(depth)) + frame;
    while (text.size() < whole) text.insert(text.end(), one.begin(), one.end());
  }

  void open() {
    epoll = epoll_create1(0);
    all.resize(static_cast<std::size_t>(connections));
    for (Connection& connection : all) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<std::uint16_t>(port));
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      connection.descriptor = socket(AF_INET, SOCK_STREAM, 0);
      if (connect(connection.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address))
        fail("connect");
      int one = 1;
      setsockopt(connection.descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      connection.began.resize(static_cast<std::size_t>(depth));
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
      event.data.ptr = &connection;
      if (epoll_ctl(epoll, EPOLL_CTL_ADD, connection.descriptor, &event)) fail("epoll_ctl");
    }
  }

  void begin(Connection& connection, std::size_t count, std::uint64_t now) {
    connection.wanted += count * frame;
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t place = connection.first + connection.in_flight++;
      if (place >= connection.began.size()) place -= connection.began.size();
      connection.began[place] = now;
    }
    send_wanted(connection);
  }

  void send_wanted(Connection& connection) {
    while (connection.sent < connection.wanted) {
      std::size_t offset = connection.sent % frame;
      std::size_t part = std::min<std::size_t>(connection.wanted - connection.sent, text.size() - offset);
      ++system_calls;
      ssize_t sent = send(connection.descriptor, text.data() + offset, part, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) fail("send");
      connection.sent += static_cast<std::uint64_t>(sent);
    }
  }

  void receive(Connection& connection) {
    for (;;) {
      ++system_calls;
      ssize_t got = recv(connection.descriptor, buffer.get(), buffer_size, MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) fail("receive");
      auto bytes = static_cast<std::size_t>(got);
      if (checking && std::memcmp(buffer.get(), text.data() + connection.received % frame, bytes) != 0) {
        std::fputs("framed-load: what came back is not what was sent\n", stderr);
        std::exit(1);
      }
      std::size_t whole =
          static_cast<std::size_t>((connection.received + bytes) / frame - connection.received / frame);
      connection.received += bytes;
      if (whole > 0) {
        std::uint64_t now = nanoseconds(CLOCK_MONOTONIC);
        for (std::size_t i = 0; i < whole; ++i) {
          if (measuring) latencies.add(now - connection.began[connection.first]);
          if (++connection.first == connection.began.size()) connection.first = 0;
        }
        connection.in_flight -= whole;
        if (measuring) calls += whole;
        begin(connection, whole, now);
      }
      if (bytes < buffer_size) return;
    }
  }

  void run_for(double time) {
    std::uint64_t end = nanoseconds(CLOCK_MONOTONIC) + static_cast<std::uint64_t>(time * 1e9);
    epoll_event events[events_at_once];
    while (nanoseconds(CLOCK_MONOTONIC) < end) {
      ++system_calls;
      int count = epoll_wait(epoll, events, events_at_once, 100);
      for (int index = 0; index < count; ++index) {
        auto& connection = *static_cast<Connection*>(events[index].data.ptr);
        if (events[index].events & EPOLLOUT) send_wanted(connection);
        if (events[index].events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) receive(connection);
      }
    }
  }

  int run() {
    make_text();
    open();
    for (Connection& connection : all)
      begin(connection, static_cast<std::size_t>(depth), nanoseconds(CLOCK_MONOTONIC));
    run_for(warmup);
    checking = false;
    clockid_t server_clock = CLOCK_PROCESS_CPUTIME_ID;
    if (pid && clock_getcpuclockid(pid, &server_clock)) fail("the server's CPU clock");
    std::uint64_t server = nanoseconds(server_clock), own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
    std::uint64_t start = nanoseconds(CLOCK_MONOTONIC), calls_made = system_calls;
    measuring = true;
    run_for(seconds);
    measuring = false;
    double took = static_cast<double>(nanoseconds(CLOCK_MONOTONIC) - start) / 1e9;
    double each = calls ? static_cast<double>(calls) : 1;
    std::printf(
        "{\"calls_per_s\": %.0f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"server_us_per_call\": %.3f, "
        "\"client_us_per_call\": %.3f, \"client_system_calls_per_call\": %.4f, \"calls_in_all\": %llu}\n",
        static_cast<double>(calls) / took, latencies.at(0.5) / 1e3, latencies.at(0.99) / 1e3,
        static_cast<double>(nanoseconds(server_clock) - server) / 1e3 / each,
        static_cast<double>(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - own) / 1e3 / each,
        static_cast<double>(system_calls - calls_made) / each, static_cast<unsigned long long>(in_all()));
    return calls ? 0 : 1;
  }

  std::uint64_t in_all() const {
    std::uint64_t frames = 0;
    for (const Connection& connection : all) frames += connection.received / frame;
    return frames;
  }
};

bool parse(int argc, char** argv, Load& load) {
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port")
      load.port = std::atoi(value);
    else if (name == "--connections")
      load.connections = std::atoi(value);
    else if (name == "--depth")
      load.depth = std::atoi(value);
    else if (name == "--size")
      load.size = static_cast<std::size_t>(std::atol(value));
    else if (name == "--seconds")
      load.seconds = std::atof(value);
    else if (name == "--warmup")
      load.warmup = std::atof(value);
    else if (name == "--pid")
      load.pid = std::atoi(value);
    else
      return false;
  }
  return argc % 2 == 1 && load.port > 0 && load.connections > 0 && load.depth > 0 && load.seconds > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Load load;
  if (!parse(argc, argv, load)) {
    std::fputs(
        "usage: framed-load --port PORT [--connections N] [--depth D] [--size BYTES] [--seconds S]\n"
        "                   [--warmup S] [--pid SERVER]\n",
        stderr);
    return 2;
  }
  return load.run();
}
