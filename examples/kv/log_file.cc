#include "log_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include <weft/runtime/log.h>

namespace kv {
namespace {

static_assert(std::endian::native == std::endian::little);
constexpr std::size_t piece = 1 << 20;  ///< bytes that are read at once

constexpr auto crc32c_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ (rest & 1 ? 0x82f6'3b78 : 0);
    table[byte] = rest;
  }
  return table;
}();

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t sum = 0xffff'ffff;
  for (char byte : bytes) sum = (sum >> 8) ^ crc32c_table[(sum ^ static_cast<std::uint8_t>(byte)) & 0xff];
  return ~sum;
}

/// Takes the front off `bytes`. Null: there is less.
std::optional<weft::Bytes> take(weft::Bytes& bytes, std::size_t size) {
  if (bytes.size() < size) return {};
  weft::Bytes front = bytes.slice(0, size);
  bytes.remove_prefix(size);
  return front;
}
std::optional<std::uint32_t> take_number(weft::Bytes& bytes) {
  auto front = take(bytes, sizeof(std::uint32_t));
  if (!front) return {};
  std::uint32_t number;
  std::memcpy(&number, front->data(), sizeof number);
  return number;
}

/// False: these are no changes.
bool apply_all(weft::Bytes changes, const Apply& apply) {
  while (!changes.empty()) {
    std::uint8_t kind = changes[0];
    changes.remove_prefix(1);
    auto key_size = take_number(changes);
    auto value_size = kind == 'p' ? take_number(changes) : 0;
    if ((kind != 'p' && kind != 'r') || !key_size || !value_size) return false;
    auto key = take(changes, *key_size), value = take(changes, *value_size);
    if (!key || !value) return false;
    apply(*key, kind == 'p' ? &*value : nullptr);
  }
  return true;
}

/// Reads a file from its front to its end.
class Reader {
 public:
  explicit Reader(const weft::File& file) : file_(file) {}
  std::uint64_t place() const { return place_; }
  /// What comes next, up to `size` bytes; fewer at the end.
  weft::Task<weft::Bytes> look(std::size_t size) {
    if (ahead_.size() < size) ahead_ = co_await file_.read(place_, std::max(size, piece));
    co_return ahead_.slice(0, std::min(size, ahead_.size()));
  }
  void skip(std::size_t size) {
    ahead_.remove_prefix(size);
    place_ += size;
  }

 private:
  const weft::File& file_;
  weft::Bytes ahead_;
  std::uint64_t place_ = 0;
};

enum class Found { batch, end, unfinished, damage };

/// The next batch; its changes are in `changes`.
weft::Task<Found> next_batch(Reader* reader, std::uint64_t file_size, weft::Bytes* changes) {
  weft::Bytes header = co_await reader->look(Changes::header_size);
  if (header.empty()) co_return Found::end;
  if (header.size() < Changes::header_size) co_return Found::unfinished;
  std::string_view size_bytes = header.view().substr(0, 4);
  std::uint32_t size = *take_number(header), sum_of_size = *take_number(header), sum = *take_number(header);
  if (crc32c(size_bytes) != sum_of_size) {
    // A file system may have made room for a batch and not filled it: zeros up to the end.
    for (Reader rest = *reader;;) {
      weft::Bytes bytes = co_await rest.look(piece);
      if (bytes.empty()) co_return Found::unfinished;
      if (std::ranges::any_of(bytes, [](std::uint8_t byte) { return byte != 0; })) co_return Found::damage;
      rest.skip(bytes.size());
    }
  }
  std::uint64_t end = reader->place() + Changes::header_size + size;
  if (end > file_size) co_return Found::unfinished;
  weft::Bytes batch = co_await reader->look(Changes::header_size + size);
  batch.remove_prefix(Changes::header_size);
  if (crc32c(batch.view()) != sum) co_return end == file_size ? Found::unfinished : Found::damage;
  *changes = batch;
  co_return Found::batch;
}

}  // namespace

void Changes::add_size(std::size_t size) {
  auto number = static_cast<std::uint32_t>(size);
  add({reinterpret_cast<const char*>(&number), sizeof number});
}

void Changes::put(const weft::Bytes& key, const weft::Bytes& value) {
  add("p");
  add_size(key.size());
  add_size(value.size());
  add(key.view());
  add(value.view());
}

void Changes::remove(const weft::Bytes& key) {
  add("r");
  add_size(key.size());
  add(key.view());
}

weft::Bytes Changes::take() {
  auto size = static_cast<std::uint32_t>(text_.size() - header_size);
  std::uint32_t header[] = {size, crc32c({reinterpret_cast<const char*>(&size), sizeof size}),
                            crc32c(std::string_view(text_).substr(header_size))};
  std::memcpy(text_.data(), header, header_size);
  weft::Bytes batch = text_;
  text_.resize(header_size);
  return batch;
}

weft::Task<void> replay(std::string path, Apply apply) {
  weft::FileOptions options{.write = true};
  weft::File file = co_await weft::File::open(path, options);
  std::uint64_t size = co_await file.size();
  Reader reader{file};
  weft::Bytes changes;
  for (;;) {
    Found found = co_await next_batch(&reader, size, &changes);
    if (found == Found::end) co_return;
    if (found == Found::unfinished) break;
    if (found == Found::damage || !apply_all(changes, apply))
      co_await weft::data_loss(
          fmt::format("{} is damaged at byte {} of {}. Restore it, or cut it off there to go on "
                      "with what is before",
                      path, reader.place(), size));
    reader.skip(Changes::header_size + changes.size());
  }
  weft::log(weft::LogLevel::warning, fmt::format("{} ends in a write that was not finished: {} bytes cut off",
                                                 path, size - reader.place()));
  co_await file.truncate(reader.place());
  co_await file.sync();
}

weft::Task<weft::File> write_log(std::string path, const Shard* shard) {
  weft::FileOptions options{.write = true, .create = true, .truncate = true};
  weft::File file = co_await weft::File::open(std::move(path), options);
  std::uint64_t end = 0;
  Range range{.limit = 64};
  for (;;) {
    std::vector<Entry> entries = shard->scan(range);
    if (entries.empty()) break;
    Changes changes;
    for (const Entry& entry : entries) changes.put(entry.key, entry.value);
    weft::Bytes batch = changes.take();
    co_await file.write(end, batch);
    end += batch.size();
    range.from = entries.back().key.str() + '\0';  // the smallest key that is larger
  }
  co_await file.sync();
  co_return file;
}

}  // namespace kv
