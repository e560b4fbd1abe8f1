// The service: checks what clients send, and hands it to the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <weft/weft.h>

#include "kv.weft.h"
#include "store.h"

namespace kv {

struct Limits {
  std::size_t key_max = 1'024;     ///< bytes
  std::size_t value_max = 65'536;  ///< bytes
  std::int32_t scan_max = 200;  ///< entries of one scan: the largest ones still fit ServerOptions::frame_max
};

class KeyValueService final : public KeyValue {
 public:
  /// One for each core. `found` is what a folder had; null: the store is in memory alone.
  explicit KeyValueService(Limits limits, const std::shared_ptr<Recovered>& found = nullptr)
      : limits_(limits) {
    store::begin(found);
  }

  weft::Task<weft::Bytes> get(weft::Bytes key) override {
    co_await check_key(key);
    co_return co_await store::get(std::move(key));
  }

  weft::Task<void> put(weft::Bytes key, weft::Bytes value) override {
    co_await check_key(key);
    co_await check_value(value);
    co_await store::put(std::move(key), std::move(value));
  }

  weft::Task<void> remove(weft::Bytes key) override {
    co_await check_key(key);
    co_await store::remove(std::move(key));
  }

  weft::Task<void> compare_and_swap(Swap swap) override {
    co_await check_key(swap.key);
    co_await check_value(swap.value);
    co_await store::compare_and_swap(std::move(swap));
  }

  weft::Task<std::vector<Entry>> scan(Range range) override {
    if (range.limit < 1 || range.limit > limits_.scan_max)
      co_return weft::invalid_argument(
          fmt::format("a scan's limit is 1 to {}, not {}", limits_.scan_max, range.limit));
    co_return co_await store::scan(std::move(range));
  }

 private:
  weft::Status check_key(const weft::Bytes& key) const {
    if (key.empty()) return weft::invalid_argument("the key is empty");
    return check_size("key", key, limits_.key_max);
  }
  weft::Status check_value(const weft::Bytes& value) const {
    return check_size("value", value, limits_.value_max);
  }

  static weft::Status check_size(std::string_view what, const weft::Bytes& bytes, std::size_t max) {
    if (bytes.size() <= max) return {};
    return weft::invalid_argument(
        fmt::format("the {} has {} bytes; at most {} are allowed", what, bytes.size(), max));
  }

  Limits limits_;
};

}  // namespace kv
