#include <cstddef>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <weft/runtime/loop.h>

using namespace weft;

namespace {

/// From here on this process may not set up a ring: what the default profiles of containers do.
bool forbid_io_uring(int error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{static_cast<unsigned short>(std::size(filter)), filter};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// What Loop::create says in a process where io_uring fails so.
std::string diagnosis(int error) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  pid_t child = fork();
  if (child == 0) {
    std::string text = "the filter was refused";
    if (forbid_io_uring(error)) {
      auto loop = Loop::create();
      text = loop ? "a loop" : loop.status().to_string();
    }
    [[maybe_unused]] auto written = write(ends[1], text.data(), text.size());
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char part[512];
  for (ssize_t got; (got = read(ends[0], part, sizeof part)) > 0;)
    text.append(part, static_cast<std::size_t>(got));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

}  // namespace

TEST_CASE("where io_uring is forbidden, one line says by what and how to allow it") {
  std::string text = diagnosis(EPERM);
  INFO(text);
  CHECK(text.starts_with("unavailable: io_uring is not available: Operation not permitted"));
  CHECK((text.find("seccomp") != text.npos || text.find("io_uring_disabled") != text.npos));
  CHECK(text.find('\n') == text.npos);
}

TEST_CASE("where the kernel has no io_uring, that is said") {
  CHECK(diagnosis(ENOSYS).find("the kernel was built without it") != std::string::npos);
}
