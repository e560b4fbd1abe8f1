#include "connection.h"

#include <cerrno>
#include <cstring>

#include "simulated_driver.h"

namespace weft::detail {
namespace {

constexpr std::size_t window = 256 * 1024;    ///< bytes sent that the peer has not taken
constexpr std::size_t piece_max = 16 * 1024;  ///< bytes that travel together
constexpr Duration first_retry = std::chrono::milliseconds(200), retry_max = std::chrono::minutes(1);
constexpr Duration kernel_timeout = std::chrono::minutes(15);  // about what 15 retransmissions take
constexpr unsigned connect_tries_max = 6;                      // 127 s in all, as net.ipv4.tcp_syn_retries

Duration backoff(unsigned tries) {
  Duration delay = first_retry * (1ll << std::min(tries, 20u));
  return std::min(delay, retry_max);
}

}  // namespace

Duration Connection::user_timeout(const End& end) const {
  return end.user_timeout > Duration::zero() ? end.user_timeout : kernel_timeout;
}

void Connection::connect(Operation& operation, Address target) {
  End& end = ends_[0];
  end.connect = &operation;
  HostId owner = network_.owner(target, end.host);
  if (owner == Network::nobody) return break_with(0, EHOSTUNREACH);
  ends_[1].host = owner;
  ends_[1].address = target;
  network_.world.note("{} connects to {} #{}", network_.name(end.host), target.to_string(), id_);
  network_.world.at(network_.world.now + network_.delay(end.host, owner, 0),
                    [self = shared_from_this(), target] { self->look_for_listener(target, 0); });
}

void Connection::look_for_listener(Address target, unsigned tries) {
  End &client = ends_[0], &server = ends_[1];
  if (!client.connect) return;  // given up
  SimulatedDriver* driver = network_.driver(server.host);
  bool lost = network_.is_cut(client.host, server.host) || network_.is_cut(server.host, client.host) ||
              network_.world.happens(network_.link(client.host, server.host).options.loss);
  auto answer = Answer::silence;
  if (driver && !lost) answer = driver->offer(shared_from_this(), target);
  Instant back = network_.world.now + network_.delay(server.host, client.host, 0);
  switch (answer) {
    case Answer::accepted:
      return network_.world.at(back, [self = shared_from_this()] { self->established(); });
    case Answer::refused:
      return network_.world.at(back, [self = shared_from_this()] { self->break_with(0, ECONNREFUSED); });
    case Answer::silence:
      if (tries == connect_tries_max) return break_with(0, ETIMEDOUT);
      network_.world.at(
          network_.world.now + std::chrono::seconds(1) * (1ll << tries),
          [self = shared_from_this(), target, tries] { self->look_for_listener(target, tries + 1); });
  }
}

void Connection::established() {
  if (Operation* operation = std::exchange(ends_[0].connect, nullptr))
    ends_[0].driver->complete(*operation, 0);
}

void Connection::set_options(unsigned side, const SocketOptions& options) {
  End& end = ends_[side];
  end.user_timeout = options.user_timeout;
  end.keepalive = options.keepalive;
  end.heard = network_.world.now;
  if (end.keepalive > Duration::zero() && !std::exchange(end.keeps_alive, true)) keep_alive(side);
}

/// Probes when nothing was heard for long, and comes back when it may be time for the next.
void Connection::keep_alive(unsigned side) {
  World& world = network_.world;
  End &end = ends_[side], &other = ends_[1 - side];
  if (!end.driver || end.error || end.keepalive <= Duration::zero()) {
    end.keeps_alive = false;
    return;
  }
  Instant next = end.heard + end.keepalive;
  if (next <= world.now && !end.connect) {
    if (is_refused(1 - side) && !network_.is_cut(end.host, other.host)) return reset_other(1 - side);
    bool answers = network_.driver(other.host) && !network_.is_cut(end.host, other.host) &&
                   !network_.is_cut(other.host, end.host);
    if (!answers && end.unheard == 3) return break_with(side, ETIMEDOUT);
    if (answers) end.heard = world.now;
    end.unheard = answers ? 0 : end.unheard + 1;
    next = world.now + (answers ? end.keepalive : end.keepalive / 3);
  } else {
    end.unheard = 0;
  }
  world.at(std::max(next, world.now + std::chrono::seconds(1)),
           [self = shared_from_this(), side] { self->keep_alive(side); });
}

/// Whether its host says that there is no such connection.
bool Connection::is_refused(unsigned side) const noexcept {
  const End& end = ends_[side];
  return network_.driver(end.host) && (end.crashed || !end.driver || end.read_shut || end.error);
}

void Connection::receive(unsigned side, Operation& operation) {
  ends_[side].receive = &operation;
  hand_over(side);
}

void Connection::hand_over(unsigned side) {
  End& end = ends_[side];
  while (end.receive && !end.arrived.empty()) {
    Bytes data = std::move(end.arrived.front());
    end.arrived.pop_front();
    // Now and then in two parts: a stream has no pieces.
    if (data.size() > 1 && network_.world.random.below(8) == 0) {
      std::size_t part = 1 + network_.world.random.below(static_cast<std::uint32_t>(data.size() - 1));
      end.arrived.push_front(data.slice(part, data.size() - part));
      data = data.slice(0, part);
    }
    std::size_t bytes = data.size();
    end.driver->complete(*end.receive, {static_cast<int>(bytes), true, std::move(data)});
    End& sender = ends_[1 - side];
    network_.world.at(network_.world.now + network_.delay(end.host, sender.host, 0),
                      [self = shared_from_this(), side, bytes, since = network_.world.now] {
                        self->acknowledge(1 - side, bytes, since);
                      });
  }
  if (!end.receive || !(end.error || end.end_arrived || end.read_shut)) return;
  int result = end.read_shut || end.end_arrived ? 0 : -end.error;
  end.driver->complete(*std::exchange(end.receive, nullptr), result);
}

void Connection::acknowledge(unsigned side, std::size_t bytes, Instant since) {
  End &end = ends_[side], &other = ends_[1 - side];
  if (!end.driver || end.error) return;
  if (network_.is_cut(other.host, end.host)) {
    Duration waited = network_.world.now - since;
    Duration left = user_timeout(end) - waited;
    if (left <= Duration::zero()) return break_with(side, ETIMEDOUT);
    // Sent again and again, and so acknowledged again and again, ever less often.
    network_.world.at(
        network_.world.now + std::min(std::clamp(waited, first_retry, retry_max), left),
        [self = shared_from_this(), side, bytes, since] { self->acknowledge(side, bytes, since); });
    return;
  }
  end.heard = network_.world.now;
  end.unacknowledged -= bytes;
  end.acknowledged += bytes;
  send_some(side);
}

void Connection::send(unsigned side, Operation& operation, const iovec* vector, std::size_t count) {
  End& end = ends_[side];
  if (end.error || end.write_shut) return end.driver->complete(operation, -(end.error ? end.error : EPIPE));
  end.send = &operation;
  end.sending.assign(vector, vector + count);
  end.sending_bytes = 0;
  for (const iovec& part : end.sending) end.sending_bytes += part.iov_len;
  send_some(side);
}

bool Connection::send_now(unsigned side, Bytes data) {
  End& end = ends_[side];
  if (end.error || end.write_shut || end.send || end.unacknowledged + data.size() > window) return false;
  end.unacknowledged += data.size();
  put_on_the_way(side, std::move(data), false);
  return true;
}

void Connection::send_some(unsigned side) {
  End& end = ends_[side];
  if (!end.send || end.unacknowledged >= window) return;
  std::size_t bytes = std::min(end.sending_bytes, window - end.unacknowledged);
  // Now and then less than there is room for: callers must be ready for it.
  if (bytes > 1 && network_.world.random.below(16) == 0)
    bytes = 1 + network_.world.random.below(static_cast<std::uint32_t>(bytes - 1));
  std::size_t left = bytes;
  for (const iovec& part : end.sending) {
    for (std::size_t offset = 0; offset < part.iov_len && left;) {
      std::size_t size = std::min({part.iov_len - offset, left, piece_max});
      put_on_the_way(side, Bytes{std::string_view{static_cast<const char*>(part.iov_base) + offset, size}},
                     false);
      offset += size;
      left -= size;
    }
  }
  end.unacknowledged += bytes;
  end.driver->complete(*std::exchange(end.send, nullptr), static_cast<int>(bytes));
}

void Connection::put_on_the_way(unsigned side, Bytes data, bool fin) {
  End& end = ends_[side];
  Instant arrival = network_.world.now + network_.delay(end.host, ends_[1 - side].host, data.size());
  if (!end.on_the_way.empty()) arrival = std::max(arrival, end.on_the_way.back().arrival);
  end.on_the_way.push_back({std::move(data), fin, arrival});
  if (end.on_the_way.size() == 1) expect_first(side, arrival);
}

void Connection::expect_first(unsigned side, Instant when) {
  network_.world.at(when, [self = shared_from_this(), side] { self->first_arrives(side); });
}

void Connection::first_arrives(unsigned side) {
  World& world = network_.world;
  End &from = ends_[side], &to = ends_[1 - side];
  // The connection broke meanwhile, and perhaps there is something new.
  if (from.on_the_way.empty() || (from.tries == 0 && from.on_the_way.front().arrival > world.now)) return;
  SimulatedDriver* receiver = network_.driver(to.host);
  Link& link = network_.link(from.host, to.host);
  // Who does not know this connection says so; that, too, may get lost.
  bool is_lost = link.is_cut || !receiver || world.happens(link.options.loss) ||
                 (is_refused(1 - side) && network_.is_cut(to.host, from.host));
  if (is_lost) {
    if (from.crashed) return from.on_the_way.clear();  // nobody will send it again
    if (from.tries == 0) from.stuck_since = world.now;
    Duration left = user_timeout(from) - (world.now - from.stuck_since);
    if (left <= Duration::zero()) return break_with(side, ETIMEDOUT);
    return expect_first(side, world.now + std::min(backoff(from.tries++), left));
  }
  from.tries = 0;
  End::Piece piece = std::move(from.on_the_way.front());
  from.on_the_way.pop_front();
  if (is_refused(1 - side)) {
    if (!piece.end) return reset_other(1 - side);
  } else if (world.happens(link.options.reset)) {
    world.note("#{} is reset", id_);
    break_with(1 - side, ECONNRESET);
    return reset_other(1 - side);
  } else {
    to.heard = world.now;
    world.note("#{}.{} gets {} bytes{}", id_, 1 - side, piece.data.size(), piece.end ? ", the end" : "");
    if (piece.end)
      to.end_arrived = true;
    else
      to.arrived.push_back(std::move(piece.data));
    hand_over(1 - side);
  }
  if (!from.on_the_way.empty()) expect_first(side, from.on_the_way.front().arrival);
}

void Connection::reset_other(unsigned side) {
  End &end = ends_[side], &other = ends_[1 - side];
  other.on_the_way.clear();  // nobody takes it
  end.on_the_way.clear();    // overtaken
  if (network_.is_cut(end.host, other.host)) return;
  network_.world.at(network_.world.now + network_.delay(end.host, other.host, 0),
                    [self = shared_from_this(), side] { self->break_with(1 - side, ECONNRESET); });
}

void Connection::break_with(unsigned side, int error) {
  End& end = ends_[side];
  end.on_the_way.clear();
  end.arrived.clear();
  if (!end.driver || end.error) return;
  network_.world.note("#{}.{} breaks: {}", id_, side, error);
  end.error = error;
  for (Operation** each : {&end.connect, &end.send})
    if (Operation* operation = std::exchange(*each, nullptr)) end.driver->complete(*operation, -error);
  hand_over(side);
}

bool Connection::cancel(unsigned side, Operation& operation) {
  End& end = ends_[side];
  for (Operation** each : {&end.connect, &end.send, &end.receive}) {
    if (*each != &operation) continue;
    *each = nullptr;
    end.driver->complete(operation, -ECANCELED);
    return true;
  }
  return false;
}

void Connection::shutdown(unsigned side, int how) {
  End& end = ends_[side];
  if (how != SHUT_RD && !end.write_shut && !end.error) {
    end.write_shut = true;
    if (Operation* operation = std::exchange(end.send, nullptr)) end.driver->complete(*operation, -EPIPE);
    put_on_the_way(side, {}, true);
  }
  if (how != SHUT_WR && end.driver) {
    end.read_shut = true;
    hand_over(side);
  }
}

void Connection::close(unsigned side) {
  End& end = ends_[side];
  if (!end.driver) return;
  if (!end.error && !end.arrived.empty())
    reset_other(side);  // RFC 2525, 2.17: data that nobody will read is answered by a reset
  else if (!end.error && !end.write_shut && ends_[1].driver)
    put_on_the_way(side, {}, true);
  end.arrived.clear();
  end.write_shut = true;
  end.driver = nullptr;
}

void Connection::crash(unsigned side) {
  End& end = ends_[side];
  end.crashed = true;
  end.driver = nullptr;
  end.connect = end.send = end.receive = nullptr;  // the driver ends them
  end.arrived.clear();
}

}  // namespace weft::detail
