#include "process.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

extern char** environ;

namespace weft::gen {

namespace {

using Clock = std::chrono::steady_clock;

/// More than that is no answer.
constexpr std::size_t output_max = std::size_t{256} << 20;

std::string text_of(int error) { return std::error_code(error, std::generic_category()).message(); }

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() { close(); }

  int value() const { return value_; }
  void close() {
    if (value_ >= 0) ::close(value_);
    value_ = -1;
  }

 private:
  int value_ = -1;
};

bool open_pipe(Descriptor& read, Descriptor& write) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  read = Descriptor{ends[0]};
  write = Descriptor{ends[1]};
  return true;
}

/// While a program may have stopped to read, writing to it must not end this process.
class NoPipeSignal {
 public:
  NoPipeSignal() { before_ = std::signal(SIGPIPE, SIG_IGN); }
  ~NoPipeSignal() { std::signal(SIGPIPE, before_); }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

 private:
  void (*before_)(int);
};

/// In a group of its own, so that what it started ends with it.
int spawn(const std::string& program, int input, int output, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, 0);
  posix_spawn_file_actions_adddup2(&actions, output, 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t usual;
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::string name = program;
  char* arguments[] = {name.data(), nullptr};
  const int error = posix_spawnp(&pid, program.c_str(), &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// Feeds and reads the program until it closes its output; what went wrong.
std::string talk(Descriptor to, Descriptor from, const std::string& input, Clock::time_point deadline,
                 std::string& output) {
  ::fcntl(to.value(), F_SETFL, O_NONBLOCK);
  std::size_t written = 0;
  if (input.empty()) to.close();
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return "it takes too long";
    pollfd events[2] = {{from.value(), POLLIN, 0}, {to.value(), POLLOUT, 0}};
    if (::poll(events, to.value() >= 0 ? 2 : 1, static_cast<int>(left)) < 0 && errno != EINTR)
      return text_of(errno);
    if (to.value() >= 0 && events[1].revents != 0) {
      const ssize_t size = ::write(to.value(), input.data() + written, input.size() - written);
      if (size > 0) written += static_cast<std::size_t>(size);
      // A program that does not want all of it may still have an answer.
      if (written == input.size() || (size < 0 && errno != EAGAIN && errno != EINTR)) to.close();
    }
    if (events[0].revents == 0) continue;
    char buffer[65536];
    const ssize_t size = ::read(from.value(), buffer, sizeof buffer);
    if (size == 0) return {};
    if (size < 0 && errno != EINTR) return text_of(errno);
    if (size > 0) output.append(buffer, static_cast<std::size_t>(size));
    if (output.size() > output_max) return "its answer is too long";
  }
}

/// Waits for the end of the program; what was wrong with it.
std::string await(pid_t pid, Clock::time_point deadline) {
  int status = 0;
  for (;;) {
    const pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == pid) break;
    if (ended < 0 && errno != EINTR) return text_of(errno);
    if (Clock::now() >= deadline) return "it takes too long";
    ::poll(nullptr, 0, 1);
  }
  if (WIFSIGNALED(status)) return fmt::format("it was ended by signal {}", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? std::string() : fmt::format("it exited with {}", WEXITSTATUS(status));
}

}  // namespace

std::optional<std::string> run_program(const std::string& program, const std::string& input,
                                       std::chrono::milliseconds limit, std::string& error) {
  const NoPipeSignal quiet;
  const Clock::time_point deadline = Clock::now() + limit;
  Descriptor input_read, input_write, output_read, output_write;
  if (!open_pipe(input_read, input_write) || !open_pipe(output_read, output_write)) {
    error = text_of(errno);
    return std::nullopt;
  }
  pid_t pid = 0;
  if (const int failed = spawn(program, input_read.value(), output_write.value(), pid); failed != 0) {
    error = fmt::format("`{}` cannot be run: {}", program, text_of(failed));
    return std::nullopt;
  }
  input_read.close();
  output_write.close();
  std::string output;
  error = talk(std::move(input_write), std::move(output_read), input, deadline, output);
  std::string ended = error.empty() ? await(pid, deadline) : error;
  if (ended == "it takes too long" || !error.empty()) {
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  error = ended;
  if (!error.empty()) return std::nullopt;
  return output;
}

}  // namespace weft::gen
