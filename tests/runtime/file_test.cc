#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <weft/runtime/blocking.h>
#include <weft/runtime/file.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sleep.h>

#include "../support/weft_test.h"

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

using namespace weft;

namespace {

/// A folder that goes with all that is in it.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/weft-file-XXXXXX";
    REQUIRE(mkdtemp(name));
    path_ = name;
  }
  Folder(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  std::string operator/(const char* name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

constexpr FileOptions to_write{.write = true, .create = true};

std::string pattern(std::size_t size, unsigned seed = 1) {
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>((seed = seed * 1'103'515'245 + 12'345) >> 16);
  return text;
}

/// Files that were dropped are closed a little later.
Task<void> until_open_descriptors(int count) {
  while (test::open_descriptors() != count) co_await sleep(1ms);
}

/// Runs on a loop whose files are all served by the threads of `blocking`.
void on_threads(Task<void> body) {
  auto loop = Loop::create({.driver = LoopDriver::epoll});
  REQUIRE(loop);
  test::report((*loop)->run(within(std::chrono::seconds(20), std::move(body))));
}

}  // namespace

WEFT_IO_TEST("what was written is read, as much of it as is asked for and there") {
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  co_await file.write(0, "0123456789");
  co_await file.write(5, "abc");
  Bytes all = co_await file.read(0, 10);
  CHECK(all.view() == "01234abc89");
  Bytes part = co_await file.read(4, 3);
  CHECK(part.view() == "4ab");
  Bytes none = co_await file.read(3, 0);
  CHECK(none.empty());
  std::uint64_t size = co_await file.size();
  CHECK(size == 10);
  co_await file.close();
  Bytes again = co_await read_file(folder / "f", 10);
  CHECK(again == all);
}

WEFT_IO_TEST("a read across the end is short, one behind it is empty") {
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  co_await file.write(0, "0123456789");
  Bytes across = co_await file.read(8, 1'000'000);
  CHECK(across.view() == "89");
  Bytes at = co_await file.read(10, 1);
  CHECK(at.empty());
  Bytes behind = co_await file.read(1'000'000, 100);
  CHECK(behind.empty());
}

WEFT_IO_TEST("truncate cuts off and extends, and a write behind the end leaves zeros between") {
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  co_await file.write(0, "0123456789");
  co_await file.truncate(3);
  co_await file.truncate(5);
  co_await file.write(6, "x");
  Bytes all = co_await file.read(0, 100);
  CHECK(all.view() == std::string_view("012\0\0\0x", 7));
}

WEFT_IO_TEST("many operations are in flight on one file") {
  struct Body {
    static Task<void> write_and_read(const File* file, unsigned index) {
      std::string text = pattern(4096, index);
      co_await const_cast<File*>(file)->write(index * 4096ull, text);
      Bytes bytes = co_await file->read(index * 4096ull, 4096);
      CHECK(bytes.view() == text);
    }
  };
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  constexpr unsigned count = 500;
  Scope scope = co_await Scope::open();
  for (unsigned index = 0; index < count; ++index) scope.spawn(Body::write_and_read(&file, index));
  co_await scope.join();
  std::uint64_t size = co_await file.size();
  CHECK(size == count * 4096);
  Bytes last = co_await file.read((count - 1) * 4096, 5000);
  CHECK(last.view() == pattern(4096, count - 1));
}

WEFT_IO_TEST("a large file comes back as it was") {
  Folder folder;
  std::string text = pattern((16 << 20) + 13);
  File file = co_await File::open(folder / "f", to_write);
  co_await file.write(0, text);
  co_await file.sync();
  Bytes middle = co_await file.read(5'000'001, 9'000'000);
  CHECK(middle.view() == std::string_view(text).substr(5'000'001, 9'000'000));
  Bytes all = co_await read_file(folder / "f", text.size());
  CHECK(all.view() == text);
}

WEFT_IO_TEST("places beyond 4 GiB are places") {
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  constexpr std::uint64_t place = 5'000'000'000;
  co_await file.write(place, "far");
  Bytes bytes = co_await file.read(place - 1, 10);
  CHECK(bytes.view() == std::string_view("\0far", 4));
  std::uint64_t size = co_await file.size();
  CHECK(size == place + 3);
  co_await file.truncate(place);
  size = co_await file.size();
  CHECK(size == place);
}

// ThreadSanitizer looks at every byte of it.
#if !defined(__SANITIZE_THREAD__) && !__has_feature(thread_sanitizer)
WEFT_MACHINE_TEST("one write takes more than the kernel takes at once") {
  struct Zeros {
    std::size_t size = 3ull << 30;
    void* memory = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ~Zeros() { munmap(memory, size); }
  } zeros;
  REQUIRE(zeros.memory != MAP_FAILED);
  FileOptions only_write{.read = false, .write = true};
  File file = co_await File::open("/dev/null", only_write);
  co_await file.write(0, Bytes::of_static({static_cast<const char*>(zeros.memory), zeros.size}));
}
#endif

WEFT_IO_TEST("a place or a size that no file has is refused before memory is taken") {
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  auto huge = co_await attempt(file.read(0, File::read_max + 1));
  CHECK(huge.status().code() == Code::invalid_argument);
  auto nowhere = co_await attempt(file.read(UINT64_MAX, 1));
  CHECK(nowhere.status().code() == Code::out_of_range);
  auto across = co_await attempt(file.write(INT64_MAX, "x"));
  CHECK(across.status().code() == Code::out_of_range);
  auto path = co_await attempt(File::open(folder.path() + std::string("/f\0g", 4)));
  CHECK(path.status().code() == Code::invalid_argument);
}

WEFT_MACHINE_TEST("who opens a file that is not there, there already, a folder or forbidden is told so") {
  Folder folder;
  auto absent = co_await attempt(File::open(folder / "f"));
  CHECK(absent.status() == not_found("open " + folder.path() + "/f: No such file or directory"));
  FileOptions exclusive{.write = true, .create = true, .exclusive = true};
  auto made = co_await attempt(File::open(folder / "f", exclusive));
  CHECK(made.ok());
  auto there = co_await attempt(File::open(folder / "f", exclusive));
  CHECK(there.status().code() == Code::already_exists);
  auto is_folder = co_await attempt(File::open(folder.path(), to_write));
  CHECK(is_folder.status().code() == Code::failed_precondition);
  File readable = co_await File::open(folder.path());
  auto read = co_await attempt(readable.read(0, 10));
  CHECK(read.status().code() == Code::failed_precondition);
  auto below = co_await attempt(File::open(folder / "f/g"));
  CHECK(below.status().code() == Code::failed_precondition);
  FileOptions writable{.write = true};  // what not even root may
  auto forbidden = co_await attempt(File::open("/proc/sys/kernel/osrelease", writable));
  CHECK(forbidden.status().code() == Code::permission_denied);
}

WEFT_MACHINE_TEST("a file does what it was opened for, with the permissions that were asked for") {
  Folder folder;
  FileOptions only_write{.read = false, .write = true, .create = true, .permissions = 0600};
  File file = co_await File::open(folder / "f", only_write);
  co_await file.write(0, "text");
  auto read = co_await attempt(file.read(0, 4));
  CHECK(read.status().code() == Code::failed_precondition);
  struct stat attributes;
  REQUIRE(stat((folder / "f").c_str(), &attributes) == 0);
  CHECK((attributes.st_mode & 0777) == 0600);
  File only_read = co_await File::open(folder / "f");
  auto written = co_await attempt(only_read.write(0, "other"));
  CHECK(written.status().code() == Code::failed_precondition);
  CHECK(written.status().message().starts_with("0 of 5 bytes written: "));
  FileOptions truncating{.write = true, .truncate = true};
  File truncated = co_await File::open(folder / "f", truncating);
  std::uint64_t size = co_await truncated.size();
  CHECK(size == 0);
}

WEFT_MACHINE_TEST("a disk without room is resource_exhausted") {
  FileOptions only_write{.read = false, .write = true};
  File file = co_await File::open("/dev/full", only_write);
  auto written = co_await attempt(file.write(0, "text"));
  CHECK(written.status().code() == Code::resource_exhausted);
}

WEFT_MACHINE_TEST("a write of which a part finds room says how much was written") {
  struct Limit {
    rlimit before;
    sighandler_t handler = signal(SIGXFSZ, SIG_IGN);
    explicit Limit(rlim_t bytes) {
      getrlimit(RLIMIT_FSIZE, &before);
      rlimit limit = before;
      limit.rlim_cur = bytes;
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~Limit() {
      setrlimit(RLIMIT_FSIZE, &before);
      signal(SIGXFSZ, handler);
    }
  };
  Folder folder;
  std::string text = pattern(20'000);
  File file = co_await File::open(folder / "f", to_write);
  Limit limit{12'345};
  auto written = co_await attempt(file.write(0, text));
  CHECK(written.status().code() == Code::out_of_range);
  CHECK(written.status().message().starts_with("12345 of 20000 bytes written: write "));
  Bytes bytes = co_await file.read(0, 20'000);
  CHECK(bytes.view() == std::string_view(text).substr(0, 12'345));
}

WEFT_MACHINE_TEST(
    "read_file refuses what is larger than its limit, also where the kernel does not know the size") {
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  co_await file.write(0, "0123456789");
  auto large = co_await attempt(read_file(folder / "f", 9));
  CHECK(large.status() == resource_exhausted(folder.path() + "/f has more than 9 bytes"));
  Bytes fits = co_await read_file(folder / "f", 10);
  CHECK(fits.view() == "0123456789");
  Bytes made_up = co_await read_file("/proc/self/smaps", 1 << 30);
  CHECK(made_up.size() > 5000);
  auto cut = co_await attempt(read_file("/proc/self/smaps", 5000));
  CHECK(cut.status().code() == Code::resource_exhausted);
  auto cut_early = co_await attempt(read_file("/proc/self/smaps", 100));
  CHECK(cut_early.status().code() == Code::resource_exhausted);
}

WEFT_MACHINE_TEST("a renamed file replaces another, a removed one is gone, and both can be made durable") {
  Folder folder;
  for (const char* name : {"old", "new"}) {
    File file = co_await File::open(folder / name, to_write);
    co_await file.write(0, name);
    co_await file.sync_data();
    co_await file.close();
  }
  co_await rename_file(folder / "new", folder / "old");
  co_await sync_folder(folder.path());
  Bytes bytes = co_await read_file(folder / "old", 100);
  CHECK(bytes.view() == "new");
  auto renamed = co_await attempt(rename_file(folder / "new", folder / "other"));
  CHECK(renamed.status().code() == Code::not_found);

  co_await remove_file(folder / "old");
  co_await sync_folder(folder.path());
  auto again = co_await attempt(remove_file(folder / "old"));
  CHECK(again.status().code() == Code::not_found);
  auto is_folder = co_await attempt(remove_file(folder.path()));
  CHECK(is_folder.status().code() == Code::failed_precondition);
  auto no_folder = co_await attempt(sync_folder(folder / "old"));
  CHECK(no_folder.status().code() == Code::not_found);
}

WEFT_IO_TEST("a file that one has locked is refused to others until it is closed") {
  Folder folder;
  File one = co_await File::open(folder / "f", to_write);
  File other = co_await File::open(folder / "f");
  co_await one.lock();
  auto locked = co_await attempt(other.lock());
  CHECK(locked.status().code() == Code::unavailable);
  co_await one.close();
  co_await other.lock();
}

WEFT_IO_TEST("closing waits for what is under way; later operations fail, and closing again does nothing") {
  Folder folder;
  std::string text = pattern(4 << 20);
  File file = co_await File::open(folder / "f", to_write);
  Task<void> late = file.write(0, "late");
  Scope scope = co_await Scope::open();
  scope.spawn(file.write(0, text));
  co_await file.close();
  CHECK(scope.size() == 0);
  CHECK(!file.is_open());
  auto refused = co_await attempt(std::move(late));
  CHECK(refused.status().code() == Code::failed_precondition);
  auto closed = co_await attempt(file.read(0, 1));
  CHECK(closed.status().code() == Code::failed_precondition);
  co_await file.close();
  co_await scope.join();
  Bytes bytes = co_await read_file(folder / "f", text.size());
  CHECK(bytes.view() == text);
}

WEFT_IO_TEST("a dropped file is closed after its operations, and no descriptor is left") {
  Folder folder;
  std::string text = pattern(4 << 20);
  int before = test::open_descriptors();
  Scope scope = co_await Scope::open();
  {
    File file = co_await File::open(folder / "f", to_write);
    scope.spawn(file.write(0, text));
    File unused = co_await File::open(folder / "f");
  }
  co_await scope.join();
  co_await until_open_descriptors(before);
  Bytes bytes = co_await read_file(folder / "f", text.size());
  CHECK(bytes.view() == text);
}

WEFT_MACHINE_TEST("an open that is cancelled while it waits leaves no descriptor, however it ends") {
  Folder folder;
  std::string path = folder / "pipe";  // opening it waits for the other end
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  int before = test::open_descriptors();
  {
    std::atomic<bool> closed{false};
    std::jthread other_end([path, &closed] {
      usleep(100'000);
      int both = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
      usleep(100'000);
      ::close(both);
      closed = true;
    });
    auto opened = co_await attempt(within(20ms, File::open(path)));
    // The ring gives it up; a thread cannot, and brings what it then gets.
    CHECK((opened.ok() || opened.status().code() == Code::deadline_exceeded));
    while (!closed) co_await sleep(1ms);
  }
  co_await until_open_descriptors(before);
}

WEFT_IO_TEST("a cancelled task begins no further operation") {
  struct Body {
    static Task<void> write_again_and_again(File* file, int* times) {
      for (;;) {
        co_await file->write(0, "text");
        ++*times;
      }
    }
  };
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  int times = 0;
  auto ended = co_await attempt(within(20ms, Body::write_again_and_again(&file, &times)));
  CHECK(ended.status().code() == Code::deadline_exceeded);
  CHECK(times > 0);
  int at_end = times;
  co_await sleep(5ms);
  CHECK(times == at_end);
}

namespace {

/// Keeps the threads of `blocking` busy.
struct Gate {
  std::atomic<unsigned> waiting{0};
  std::atomic<bool> open{false};
};
void pass(std::shared_ptr<Gate> gate) {
  ++gate->waiting;
  while (!gate->open) usleep(100);
}

Task<void> cancel_in_the_queue() {
  Folder folder;
  File file = co_await File::open(folder / "f", to_write);
  auto gate = std::make_shared<Gate>();
  const unsigned threads = BlockingOptions{}.threads_max;
  Scope scope = co_await Scope::open();
  for (unsigned thread = 0; thread < threads; ++thread) scope.spawn(blocking(pass, gate));
  while (gate->waiting < threads) co_await sleep(1ms);
  auto late = co_await attempt(within(20ms, file.write(0, "never")));
  CHECK(late.status().code() == Code::deadline_exceeded);
  CHECK(late.status().message().starts_with("0 of 5 bytes written: "));
  gate->open = true;
  co_await scope.join();
  std::uint64_t size = co_await file.size();
  CHECK(size == 0);
}

Task<void> find_no_thread() {
  Folder folder;
  int before = test::open_descriptors();
  {
    File file = co_await File::open(folder / "f", to_write);
    set_blocking_options({.queued_max = 0});
    auto written = co_await attempt(file.write(0, "text"));
    CHECK(written.status().code() == Code::resource_exhausted);
  }
  co_await until_open_descriptors(before);
}

}  // namespace

TEST_CASE("a write that is cancelled before a thread took it never happens") {
  if (test::wants_cancellation()) return;  // the threads would be lost in the forks that follow
  on_threads(cancel_in_the_queue());
}

TEST_CASE("where too much waits for a thread, operations are refused, and files close all the same") {
  if (test::wants_cancellation()) return;  // the threads would be lost in the forks that follow
  on_threads(find_no_thread());
  set_blocking_options({});
}

TEST_CASE("a file that outlives its loop is closed when it goes") {
  if (test::wants_cancellation()) return;
  Folder folder;
  int before = test::open_descriptors();
  {
    File file;
    auto loop = Loop::create();
    REQUIRE(loop);
    auto opened = (*loop)->run(File::open(folder / "f", to_write));
    REQUIRE(opened);
    file = *std::move(opened);
    loop->reset();
  }
  CHECK(test::open_descriptors() == before);
}
