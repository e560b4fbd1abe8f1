#include "record.h"

#include <random>

#include <weft/codec/compact.h>
#include <weft/codec/protobuf.h>

template struct weft::compact::Codec<bench::Sub>;
template struct weft::compact::Codec<bench::Record>;
template struct weft::protobuf::Codec<bench::Sub>;
template struct weft::protobuf::Codec<bench::Record>;
template struct weft::compact::Codec<bench::SubView>;
template struct weft::compact::Codec<bench::RecordView>;
template struct weft::protobuf::Codec<bench::SubView>;
template struct weft::protobuf::Codec<bench::RecordView>;

namespace bench {
namespace {

std::string text(std::mt19937_64& random, std::size_t shortest, std::size_t longest) {
  std::string result(shortest + random() % (longest - shortest + 1), ' ');
  for (char& letter : result) letter = static_cast<char>('a' + random() % 26);
  return result;
}
/// Small numbers are as frequent as large ones.
std::int64_t number(std::mt19937_64& random, int bits) {
  return static_cast<std::int64_t>(random() >> 1 >> (63 - 1 - random() % static_cast<unsigned>(bits)));
}

}  // namespace

Record realistic(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  Record record{
      .a = 12345,
      .b = 1234567890123,
      .c = static_cast<std::int32_t>(number(random, 10)) + 1,
      .d = 99999999,
      .e = true,
      .f = false,
      .s1 = text(random, 7, 10),
      .s2 = text(random, 80, 100),
      .s3 = "en-GB",
      .g = 3,
      .h = 1700000000000000,
      .k = -1,
      .s4 = text(random, 36, 36),
      .s5 = text(random, 16, 24),
      .m = true,
      .n = 80,
      .ids = {},
      .subs = {},
      .tags = {},
      .z = 42,
  };
  for (int count = 0; count < 50; ++count) record.ids.push_back(number(random, 46));
  for (std::int32_t count = 0; count < 10; ++count)
    record.subs.push_back({.id = count * 100 + 1,
                           .name = text(random, 8, 20),
                           .value = number(random, 40) + 1,
                           .ok = random() % 2 == 0});
  while (record.tags.size() < 10) record.tags[text(random, 6, 12)] = text(random, 8, 20);
  return record;
}

}  // namespace bench
