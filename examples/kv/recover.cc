#include "recover.h"

#include <cstdio>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "log_file.h"

namespace kv {
namespace {

struct Current {
  unsigned long long generation = 0;
  unsigned cores = 0;
};

weft::Task<Current> read_current(std::string path) {
  auto text = co_await weft::attempt(weft::read_file(path, 100));
  if (text.status().code() == weft::Code::not_found) co_return Current{};
  co_await weft::Status{text.status()};
  Current current;
  if (std::sscanf(text->str().c_str(), "generation %llu, cores %u\n", &current.generation, &current.cores) !=
      2)
    co_return weft::data_loss(fmt::format("{} does not say which logs to read", path));
  co_return current;
}

weft::Task<void> write_current(std::string path, Current current) {
  weft::FileOptions options{.write = true, .create = true, .truncate = true};
  weft::File file = co_await weft::File::open(path + ".new", options);
  co_await file.write(0, fmt::format("generation {}, cores {}\n", current.generation, current.cores));
  co_await file.sync();
  co_await weft::rename_file(path + ".new", path);
}

std::string log_path(const std::string& folder, std::uint64_t generation, unsigned core) {
  return fmt::format("{}/{}.{}.log", folder, generation, core);
}

/// Makes the shards the next generation. Until it is the current one, a crash leaves the one before as it is.
weft::Task<void> begin_generation(Recovered* recovered, unsigned cores_before) {
  std::uint64_t before = recovered->generation++;
  auto cores = static_cast<unsigned>(recovered->shards.size());
  for (unsigned core = 0; core < cores; ++core)
    co_await write_log(recovered->log_path(core), &recovered->shards[core]);
  co_await weft::sync_folder(recovered->folder);
  Current current{.generation = recovered->generation, .cores = cores};
  co_await write_current(recovered->folder + "/current", current);
  co_await weft::sync_folder(recovered->folder);
  for (unsigned core = 0; core < cores_before; ++core)
    co_await weft::remove_file(log_path(recovered->folder, before, core));
}

}  // namespace

unsigned owner_of(const weft::Bytes& key, unsigned cores) { return std::hash<weft::Bytes>{}(key) % cores; }

std::string Recovered::log_path(unsigned core) const { return kv::log_path(folder, generation, core); }

weft::Task<Recovered> recover(std::string folder, unsigned cores) {
  Recovered recovered;
  recovered.folder = folder;
  weft::FileOptions options{.write = true, .create = true};
  recovered.lock = co_await weft::File::open(folder + "/lock", options);
  co_await recovered.lock.lock();

  Current current = co_await read_current(folder + "/current");
  recovered.generation = current.generation;
  recovered.shards.resize(cores);
  bool moved = current.cores != cores;
  for (unsigned core = 0; core < current.cores; ++core) {
    Apply apply = [&](const weft::Bytes& key, const weft::Bytes* value) {
      unsigned owner = owner_of(key, cores);
      moved |= owner != core;
      if (value)
        recovered.shards[owner].put(key, *value);
      else
        (void)recovered.shards[owner].remove(key);
    };
    co_await replay(log_path(folder, current.generation, core), apply);
  }
  if (moved) co_await begin_generation(&recovered, current.cores);
  co_return recovered;
}

}  // namespace kv
