// Reader, Writer and varint.
#include <random>

#include <doctest/doctest.h>

#include <weft/codec/reader.h>
#include <weft/codec/writer.h>

#include "hex.h"

using namespace weft;

TEST_CASE("a varint of every length is read as it was written, at the end of the input and before it") {
  std::mt19937_64 random{7};
  for (int bits = 0; bits <= 64; ++bits) {
    for (int round = 0; round < 50; ++round) {
      const std::uint64_t value =
          bits == 0 ? 0 : (random() >> (64 - bits)) | (std::uint64_t{1} << (bits - 1));
      Writer writer;
      writer.varint(value);
      Bytes bytes = writer.finish().flatten();
      CHECK(bytes.size() == varint::size(value));
      Reader at_end{bytes};
      CHECK(at_end.varint() == value);
      CHECK(at_end.ok());
      CHECK(at_end.remaining() == 0);
      writer = Writer{};
      writer.copy(bytes.view());
      writer.copy("0123456789");
      Reader before{writer.finish().flatten()};
      CHECK(before.varint() == value);
      CHECK(before.rest().view() == "0123456789");
    }
  }
}

TEST_CASE("zigzag keeps small magnitudes small") {
  CHECK(varint::zigzag(0) == 0);
  CHECK(varint::zigzag(-1) == 1);
  CHECK(varint::zigzag(1) == 2);
  CHECK(varint::zigzag(INT64_MIN) == UINT64_MAX);
  for (std::int64_t n : {std::int64_t{0}, std::int64_t{-5}, INT64_MAX, INT64_MIN})
    CHECK(varint::unzigzag(varint::zigzag(n)) == n);
}

TEST_CASE("large bytes are linked, small ones copied") {
  Bytes large{std::string(Writer::link_size, 'l')}, small{"small"};
  Writer writer;
  writer.bytes(small);
  writer.bytes(large);
  writer.bytes(small);
  Chain chain = writer.finish();
  REQUIRE(chain.count() == 3);
  CHECK(chain[0].view() == "small");
  CHECK(chain[0].data() != small.data());
  CHECK(chain[1].data() == large.data());
  CHECK(chain[2].view() == "small");
  writer.byte('a');
  CHECK(writer.finish().flatten().view() == "a");  // and is empty behind a finish
}

TEST_CASE("much small data goes to blocks that are not moved again") {
  Writer writer;
  std::string expected;
  for (int index = 0; index < 100000; ++index) {
    writer.copy("0123456789");
    expected += "0123456789";
  }
  Chain chain = writer.finish();
  CHECK(chain.count() > 10);
  CHECK(chain.flatten().view() == expected);
}

TEST_CASE("a chain is written slice by slice") {
  Chain chain{Bytes{"ab"}};
  chain.append(Bytes{std::string(10000, 'x')});
  Writer writer;
  writer.byte('>');
  writer.chain(chain);
  Chain all = writer.finish();
  CHECK(all.size() == 10003);
  CHECK(all[1].data() == chain[1].data());
}

TEST_CASE("large binaries are read as slices of the source, small ones are copied") {
  Bytes source{std::string(10000, 's')};
  Reader reader{source, {.share_binary = 100}};
  Bytes large = reader.bytes(100), small = reader.bytes(99);
  CHECK(large.data() == source.data());
  CHECK(small.data() != source.data() + 100);
  CHECK(small.size() == 99);
  CHECK(reader.position() == 199);
  CHECK(reader.rest().data() == source.data() + 199);
}
