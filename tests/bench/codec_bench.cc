// Times the codec on a realistic record, which is checked to survive the round trip. Prints the best of
// several runs.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include <weft/codec/compact.h>

#include "record.h"

namespace {

bench::Record realistic() {
  bench::Record record{
      .a = 12345,
      .b = 1234567890123,
      .c = -7,
      .d = 99999999,
      .e = true,
      .f = false,
      .s1 = "user-4711",
      .s2 = "a somewhat longer text, as titles and descriptions are",
      .s3 = "en-GB",
      .g = 3,
      .h = 1700000000000000,
      .k = -1,
      .s4 = "4f9d2a6c-7f0e-4b53-9d1c-0a1b2c3d4e5f",
      .s5 = "",
      .m = true,
      .n = 80,
      .ids = {},
      .subs = {},
      .tags = {{"region", "eu-west-1"},
               {"tier", "gold"},
               {"experiment", "checkout-button-blue"},
               {"trace", "off"}},
      .z = 42,
  };
  for (std::int64_t id = 0; id < 16; ++id) record.ids.push_back(1000 + id * id * id * 7919);
  for (std::int32_t id = 0; id < 5; ++id)
    record.subs.push_back({.id = id * 100,
                           .name = "item number " + std::to_string(id),
                           .value = id * 123456789L,
                           .ok = id % 2 == 0});
  return record;
}

template <class Work>
double nanoseconds(Work work) {
  using Clock = std::chrono::steady_clock;
  constexpr int calls = 20000;
  double best = 1e9;
  for (int run = 0; run < 30; ++run) {
    const auto start = Clock::now();
    for (int call = 0; call < calls; ++call) work();
    best = std::min(best, std::chrono::duration<double, std::nano>(Clock::now() - start).count() / calls);
  }
  return best;
}

}  // namespace

int main() {
  using namespace weft;
  const bench::Record record = realistic();
  const Bytes bytes = compact::encode(record).flatten();
  const Result<bench::Record> back = compact::decode<bench::Record>(bytes);
  if (!back.ok() || !equal(*back, record)) return std::puts("the record did not survive"), 1;

  std::size_t sum = 0;
  const double encode = nanoseconds([&] { sum += compact::encode(record).size(); });
  const double decode = nanoseconds([&] {
    bench::Record copy;
    if (!compact::decode(bytes, copy).ok()) sum = 0;
    sum += copy.subs.size();
  });
  bench::Record reused;
  const double again = nanoseconds([&] {
    if (!compact::decode(bytes, reused).ok()) sum = 0;
    sum += reused.subs.size();
  });
  std::printf(
      "record of %zu bytes: encode %.0f ns, decode %.0f ns, decode into a used object %.0f ns (%zu)\n",
      bytes.size(), encode, decode, again, sum % 10);
}
