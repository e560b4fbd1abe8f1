// raw-epoll-echo PORT: the other ceiling. Sends back what it receives over edge-triggered epoll with nothing
// else: no tasks, no frames, no budgets. On SIGTERM it prints what it did as one line of JSON.
#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

constexpr std::size_t buffer_size = 256 << 10;
constexpr int events_at_once = 256;

volatile std::sig_atomic_t stopping = 0;

struct Connection {
  std::vector<char> unsent;  // what the peer had no room for; nothing is read until it is gone
  std::size_t sent = 0;
};

struct Echo {
  int epoll = -1;
  std::unique_ptr<char[]> buffer{new char[buffer_size]};
  std::vector<Connection> connections;  // by descriptor
  unsigned long long system_calls = 0, bytes = 0;

  void watch(int descriptor, unsigned what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = descriptor;
    ++system_calls;
    epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
  }

  void accept_all(int listener) {
    for (;;) {
      ++system_calls;
      int descriptor = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
      if (descriptor < 0) return;
      int one = 1;
      ++system_calls;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      auto index = static_cast<std::size_t>(descriptor);
      if (index >= connections.size()) connections.resize(index + 64);
      connections[index] = {};
      watch(descriptor, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    }
  }

  void end(int descriptor) {
    ++system_calls;
    close(descriptor);
  }

  /// False: there was no room for all of it.
  bool send_back(int descriptor, Connection& connection, std::size_t size) {
    std::size_t at = 0;
    while (at < size) {
      ++system_calls;
      ssize_t sent = send(descriptor, buffer.get() + at, size - at, MSG_NOSIGNAL);
      if (sent < 0) break;
      at += static_cast<std::size_t>(sent);
    }
    if (at == size) return true;
    connection.unsent.assign(buffer.get() + at, buffer.get() + size);
    connection.sent = 0;
    return false;
  }

  bool send_rest(int descriptor, Connection& connection) {
    while (connection.sent < connection.unsent.size()) {
      ++system_calls;
      ssize_t sent = send(descriptor, connection.unsent.data() + connection.sent,
                          connection.unsent.size() - connection.sent, MSG_NOSIGNAL);
      if (sent < 0) return false;
      connection.sent += static_cast<std::size_t>(sent);
    }
    connection.unsent.clear();
    return true;
  }

  void serve(int descriptor, unsigned what) {
    Connection& connection = connections[static_cast<std::size_t>(descriptor)];
    if (!connection.unsent.empty() && !send_rest(descriptor, connection) && errno == EAGAIN) return;
    for (;;) {
      ++system_calls;
      ssize_t got = recv(descriptor, buffer.get(), buffer_size, 0);
      if (got < 0 && errno == EAGAIN) return;
      if (got <= 0) return end(descriptor);
      auto size = static_cast<std::size_t>(got);
      bytes += size;
      if (!send_back(descriptor, connection, size)) return;
      // Not full: drained, and what comes now makes another edge.
      if (size < buffer_size && !(what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))) return;
    }
  }

  int run(int port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) || listen(listener, 1024))
      return std::perror("listen"), 1;
    epoll = epoll_create1(0);
    watch(listener, EPOLLIN | EPOLLET);
    epoll_event events[events_at_once];
    while (!stopping) {
      ++system_calls;
      int count = epoll_wait(epoll, events, events_at_once, -1);
      for (int index = 0; index < count; ++index) {
        if (events[index].data.fd == listener)
          accept_all(listener);
        else
          serve(events[index].data.fd, events[index].events);
      }
    }
    std::printf("{\"system_calls\": %llu, \"bytes\": %llu}\n", system_calls, bytes);
    return 0;
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: raw-epoll-echo PORT\n", stderr), 2;
  struct sigaction action{};
  action.sa_handler = [](int) { stopping = 1; };
  sigaction(SIGTERM, &action, nullptr);
  return Echo{}.run(std::atoi(argv[1]));
}
