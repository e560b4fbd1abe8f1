// Times the codecs on a realistic record, which is checked to survive the round trip, and libprotobuf's where
// it is installed. Prints the best of several runs.
#include <algorithm>
#include <chrono>
#include <cstdio>

#include <weft/codec/compact.h>
#include <weft/codec/protobuf.h>

#include "record.h"
#if WEFT_GOOGLE_PROTOBUF
#include "record.pb.h"
#endif

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

struct Times {
  double encode = 0;
  double decode = 0;
  double again = 0;  ///< into a used object

  void print(const char* name, std::size_t size) const {
    std::printf("%-16s %zu bytes: encode %.0f ns, decode %.0f ns, decode into a used object %.0f ns\n", name,
                size, encode, decode, again);
  }
};

std::size_t sum = 0;

template <class Encode, class Decode>
Times measure(const bench::Record& record, Encode encode, Decode decode) {
  const weft::Bytes bytes = encode(record).flatten();
  bench::Record back, reused;
  if (!decode(bytes, back).ok() || !weft::equal(back, record)) std::puts("the record did not survive");
  Times times;
  times.encode = nanoseconds([&] { sum += encode(record).size(); });
  times.decode = nanoseconds([&] {
    bench::Record copy;
    if (!decode(bytes, copy).ok()) sum = 0;
    sum += copy.subs.size();
  });
  times.again = nanoseconds([&] {
    if (!decode(bytes, reused).ok()) sum = 0;
    sum += reused.subs.size();
  });
  return times;
}

#if WEFT_GOOGLE_PROTOBUF
void measure_google(const weft::Bytes& bytes) {
  bench_google::Record record, reused;
  const std::string text = bytes.str();
  if (!record.ParseFromString(text)) std::puts("the record did not survive");
  const std::size_t size = record.ByteSizeLong();
  Times times;
  times.encode = nanoseconds([&] { sum += record.SerializeAsString().size(); });
  times.decode = nanoseconds([&] {
    bench_google::Record copy;
    if (!copy.ParseFromString(text)) sum = 0;
    sum += static_cast<std::size_t>(copy.subs_size());
  });
  times.again = nanoseconds([&] {
    if (!reused.ParseFromString(text)) sum = 0;
    sum += static_cast<std::size_t>(reused.subs_size());
  });
  times.print("libprotobuf", size);
}
#endif

}  // namespace

int main() {
  using namespace weft;
  const bench::Record record = realistic();
  const Bytes thrift = compact::encode(record).flatten();
  measure(
      record, [](const bench::Record& value) { return compact::encode(value); },
      [](const Bytes& bytes, bench::Record& value) { return compact::decode(bytes, value); })
      .print("Thrift compact", thrift.size());
  const Bytes proto = protobuf::encode(record).flatten();
  measure(
      record, [](const bench::Record& value) { return protobuf::encode(value); },
      [](const Bytes& bytes, bench::Record& value) {
        value.ids.clear();  // they would be appended
        value.subs.clear();
        return protobuf::decode(bytes, value);
      })
      .print("Protobuf", proto.size());
#if WEFT_GOOGLE_PROTOBUF
  measure_google(proto);
#endif
  return sum == 0;
}
