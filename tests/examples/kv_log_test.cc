#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

#include <weft/runtime/core_local.h>
#include <weft/runtime/log.h>
#include <weft/runtime/scope.h>
#include <weft/runtime/sim.h>
#include <weft/runtime/sleep.h>

#include "../../examples/kv/log.h"
#include "../../examples/kv/recover.h"
#include "../support/weft_test.h"

using namespace weft;

namespace {

using Contents = std::map<std::string, std::string>;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/weft-kv-XXXXXX";
    REQUIRE(mkdtemp(name));
    path_ = name;
    set_log_hook(nullptr);  // what is cut off is said there
  }
  Folder(const Folder&) = delete;
  ~Folder() {
    // A log that was given up may still make a file meanwhile.
    std::error_code error;
    for (int patience = 1000; patience > 0; --patience) {
      std::filesystem::remove_all(path_, error);
      if (!error) break;
      usleep(1000);
    }
  }
  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return fmt::format("{}/{}", path_, name); }

 private:
  std::string path_;
};

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_all(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string batch_of(const Contents& puts) {
  kv::Changes changes;
  for (const auto& [key, value] : puts) changes.put(key, value);
  return changes.take().str();
}

Task<Contents> contents_of(std::string path) {
  Contents contents;
  kv::Apply apply = [&](const Bytes& key, const Bytes* value) {
    if (value)
      contents[key.str()] = value->str();
    else
      contents.erase(key.str());
  };
  co_await kv::replay(path, apply);
  co_return contents;
}

Contents contents_of(const kv::Shard& shard) {
  Contents contents;
  for (const kv::Entry& entry : shard.scan({.limit = INT32_MAX}))
    contents[entry.key.str()] = entry.value.str();
  return contents;
}

/// A log and its shard, which stay as long as the loop.
struct Logged {
  kv::Shard shard;
  std::unique_ptr<kv::Log> log;

  void begin(const std::string& path, kv::LogLimits limits = {}) {
    write_all(path, "");
    log = std::make_unique<kv::Log>(path, shard, limits);
  }
};
CoreLocal<Logged> logged;

Task<void> put(std::string key, std::string value) {
  co_await Status{logged->log->status()};
  logged->shard.put(key, value);
  co_await logged->log->put(key, value);
}
Task<void> erase(std::string key) {
  (void)logged->shard.remove(key);
  co_await logged->log->remove(key);
}

}  // namespace

WEFT_IO_TEST("what was put and removed is what a replay finds") {
  Folder folder;
  std::string path = folder / "log";
  logged->begin(path);
  co_await put("a", "1");
  co_await put("b", "2");
  co_await put("a", "");
  co_await erase("b");
  co_await put(std::string("\0\xff", 2), "p\nr");
  Contents found = co_await contents_of(path);
  CHECK(found == contents_of(logged->shard));
  CHECK(found.size() == 2);
}

WEFT_IO_TEST("many that change keys at once share a few batches") {
  Folder folder;
  std::string path = folder / "log";
  logged->begin(path);
  Scope scope = co_await Scope::open();
  std::string one = batch_of({{"key 0000", "value"}});
  for (int index = 0; index < 1000; ++index) scope.spawn(put(fmt::format("key {:04}", index), "value"));
  co_await scope.join();
  std::size_t changes = 1000 * (one.size() - kv::Changes::header_size);
  CHECK(std::filesystem::file_size(path) >= changes + kv::Changes::header_size);
  CHECK(std::filesystem::file_size(path) <= changes + 10 * kv::Changes::header_size);
  Contents found = co_await contents_of(path);
  CHECK(found.size() == 1000);
}

WEFT_IO_TEST("a key is settled when its last change is on the disk") {
  Folder folder;
  std::string path = folder / "log";
  logged->begin(path);
  Scope scope = co_await Scope::open();
  scope.spawn(put("a", "1"));
  std::size_t before = read_all(path).size();
  co_await logged->log->settled("b");
  CHECK(read_all(path).size() == before);
  co_await logged->log->settled("a");
  Contents found = co_await contents_of(path);
  CHECK(found == Contents{{"a", "1"}});
  scope.spawn(put("b", "2"));
  co_await logged->log->settled();
  found = co_await contents_of(path);
  CHECK(found.size() == 2);
  co_await scope.join();
}

WEFT_IO_TEST("a log that ends in an unfinished batch loses that batch alone, wherever it was cut") {
  Folder folder;
  std::string path = folder / "log", whole = batch_of({{"a", "1"}, {"b", "2"}}),
              last = batch_of({{"a", "3"}});
  for (std::size_t cut = 0; cut < last.size(); ++cut) {
    write_all(path, whole + last.substr(0, cut));
    Contents found = co_await contents_of(path);
    CHECK(found == Contents{{"a", "1"}, {"b", "2"}});
    CHECK(read_all(path) == whole);
  }
  // The file system may have made room for it, or have written a part in the middle.
  for (const std::string& rest : {std::string(5000, '\0'), last.substr(0, last.size() - 1) + '?'}) {
    write_all(path, whole + rest);
    Contents found = co_await contents_of(path);
    CHECK(found.size() == 2);
    CHECK(read_all(path) == whole);
  }
  write_all(path, whole + last);
  Contents found = co_await contents_of(path);
  CHECK(found == Contents{{"a", "3"}, {"b", "2"}});
}

WEFT_IO_TEST("a damaged byte before the last batch is told with its place, and nothing is cut off") {
  Folder folder;
  std::string path = folder / "log", first = batch_of({{"a", "1"}}), second = batch_of({{"b", "2"}}),
              third = batch_of({{"c", "3"}});
  std::string log = first + second + third;
  for (std::size_t place = 0; place < first.size() + second.size(); ++place) {
    std::string damaged = log;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x40);
    write_all(path, damaged);
    auto found = co_await attempt(contents_of(path));
    CHECK(found.status().code() == Code::data_loss);
    std::string told =
        fmt::format("{} is damaged at byte {} ", path, place < first.size() ? 0 : first.size());
    CHECK(found.status().message().starts_with(told));
    CHECK(read_all(path) == damaged);
  }
}

WEFT_IO_TEST("a batch larger than what is read at once is read") {
  Folder folder;
  std::string path = folder / "log", value(5'000'000, 'v');
  write_all(path, batch_of({{"a", value}, {"b", "1"}}) + batch_of({{"c", "2"}}));
  Contents found = co_await contents_of(path);
  CHECK(found == Contents{{"a", value}, {"b", "1"}, {"c", "2"}});
}

WEFT_IO_TEST("a log is compacted while its keys change, and stands for the same") {
  struct Body {
    static Task<void> change(unsigned seed) {
      for (unsigned i = 0; i < 50; ++i) {
        seed = seed * 1'664'525 + 1'013'904'223;
        std::string key = fmt::format("key {}", (seed >> 8) % 100);
        if (seed >> 30)
          co_await put(key, fmt::format("value {}", seed));
        else
          co_await erase(key);
      }
    }
  };
  Folder folder;
  std::string path = folder / "log";
  kv::LogLimits limits{.compact_from = 2'000, .compact_factor = 2};
  logged->begin(path, limits);
  Scope scope = co_await Scope::open();
  for (unsigned seed = 0; seed < 40; ++seed) scope.spawn(Body::change(seed));
  co_await scope.join();
  Contents found = co_await contents_of(path);
  CHECK(found == contents_of(logged->shard));
  CHECK(std::filesystem::file_size(path) < 20'000);  // of about 60'000 that were written
}

WEFT_IO_TEST("where the disk takes no more, changes fail, and so do reads of what is not on it") {
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
  std::string path = folder / "log";
  logged->begin(path);
  co_await put("a", "1");
  {
    Limit limit{1000};
    auto failed = co_await attempt(put("b", std::string(2000, 'v')));
    CHECK(failed.status().code() == Code::out_of_range);
  }
  CHECK(logged->log->status().code() == Code::out_of_range);
  auto later = co_await attempt(put("c", "3"));
  CHECK(later.status() == logged->log->status());
  co_await logged->log->settled("a");
  auto lost = co_await attempt(logged->log->settled("b"));
  CHECK(lost.status() == logged->log->status());
  Contents found = co_await contents_of(path);
  CHECK(found == Contents{{"a", "1"}});
}

WEFT_IO_TEST("a folder is recovered for any number of cores, and each key by its owner") {
  Folder folder;
  Contents expected;
  {
    kv::Recovered empty = co_await kv::recover(folder.path(), 1);
    REQUIRE(empty.shards.size() == 1);
    CHECK(contents_of(empty.shards[0]).empty());
    for (int index = 0; index < 100; ++index) expected[fmt::format("key {}", index)] = "value";
    write_all(empty.log_path(0), batch_of(expected));
    auto taken = co_await attempt(kv::recover(folder.path(), 1));
    CHECK(taken.status().code() == Code::unavailable);
    co_await empty.lock.close();
  }
  for (unsigned cores : {4u, 4u, 2u, 7u, 1u}) {
    kv::Recovered recovered = co_await kv::recover(folder.path(), cores);
    REQUIRE(recovered.shards.size() == cores);
    Contents all;
    for (unsigned core = 0; core < cores; ++core)
      for (const auto& [key, value] : contents_of(recovered.shards[core])) {
        CHECK(kv::owner_of(key, cores) == core);
        all[key] = value;
      }
    CHECK(all == expected);
    co_await recovered.lock.close();
    // "current", "lock" and a log for each core: nothing of those before.
    auto files = std::distance(std::filesystem::directory_iterator(folder.path()), {});
    CHECK(files == cores + 2);
  }
}

WEFT_IO_TEST("a folder whose log is missing or damaged is not recovered") {
  Folder folder;
  kv::Recovered recovered = co_await kv::recover(folder.path(), 2);
  co_await recovered.lock.close();
  write_all(recovered.log_path(1), "no log at all");
  auto damaged = co_await attempt(kv::recover(folder.path(), 2));
  CHECK(damaged.status().code() == Code::data_loss);
  std::filesystem::remove(recovered.log_path(1));
  // Its lock goes with it, a little later.
  for (;;) {
    auto missing = co_await attempt(kv::recover(folder.path(), 2));
    if (missing.status().code() == Code::unavailable) continue;
    CHECK(missing.status().code() == Code::not_found);
    break;
  }
  write_all(folder / "current", "?");
  for (;;) {
    auto unclear = co_await attempt(kv::recover(folder.path(), 2));
    if (unclear.status().code() == Code::unavailable) continue;
    CHECK(unclear.status().code() == Code::data_loss);
    break;
  }
}

namespace {

/// What those who put keys were told, and what they still wait for.
struct Told {
  Contents acknowledged, waiting;
  int recoveries = 0;
};

Task<void> put_again_and_again(Told* told, int writer) {
  for (int number = 0;; ++number) {
    std::string key = fmt::format("{}/{}", writer, number % 7),
                value = fmt::format("{:>{}}", number, 5 + writer * 40);
    told->waiting[key] = value;
    co_await put(key, value);
    told->acknowledged[key] = value;
    told->waiting.erase(key);
  }
}

Task<void> recover_and_put(Told* told) {
  kv::Recovered recovered = co_await kv::recover("/var/kv", 1);
  Contents found = contents_of(recovered.shards[0]);
  for (const auto& [key, value] : told->acknowledged)
    CHECK((found[key] == value || (told->waiting.contains(key) && found[key] == told->waiting[key])));
  told->acknowledged = found;
  told->waiting.clear();
  ++told->recoveries;

  logged->shard = std::move(recovered.shards[0]);
  kv::LogLimits limits{.compact_from = 10'000, .compact_factor = 3};
  logged->log = std::make_unique<kv::Log>(recovered.log_path(0), logged->shard, limits);
  Scope scope = co_await Scope::open();
  for (int writer = 0; writer < 8; ++writer) scope.spawn(put_again_and_again(told, writer));
  co_await scope.join();
}

Task<void> fail_the_power(Simulation* simulation, int times) {
  for (; times; --times) {
    co_await sleep(std::chrono::microseconds(simulation->random().below(50'000)));
    simulation->host("store").restart();
  }
  co_await sleep(1s);
}

Status survive(Simulation& simulation) {
  Told told;
  constexpr int times = 40;
  simulation.host("store").start([&told] { return recover_and_put(&told); });
  auto ended = simulation.run(fail_the_power(&simulation, times));
  CHECK(told.recoveries > times / 2);  // some fail before they are done
  CHECK(!told.acknowledged.empty());
  Host& store = simulation.host("store");
  if (!store.is_running()) return internal("the store ended: " + store.status().to_string(true));
  return std::move(ended).status();
}

}  // namespace

TEST_CASE("what was acknowledged survives the power failing at any moment") {
  LogHook before = set_log_hook(nullptr);
  Status status = simulate_seeds(20, survive);
  set_log_hook(before);
  CHECK_MESSAGE(status.ok(), status.to_string());
}
