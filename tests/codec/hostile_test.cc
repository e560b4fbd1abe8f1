// What peers must not be able to do: take memory, stack or time that their bytes do not pay for.
#include <doctest/doctest.h>

#include <weft/codec/compact.h>

#include "hex.h"
#include "kinds.h"

using namespace weft;
using namespace kinds;

namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  while (count-- > 0) result += text;
  return result;
}

/// A chain of `levels` nodes.
Bytes nodes(std::size_t levels) { return from_hex(repeated("2c", levels - 1) + repeated("00", levels)); }

template <class T>
Code code_of(const Bytes& bytes, const DecodeLimits& limits = {}) {
  T value{};
  return compact::decode(bytes, value, limits).code();
}

}  // namespace

TEST_CASE("64 nested structs are read, 65 are refused (L3)") {
  CHECK(code_of<Node>(nodes(64)) == Code::ok);
  CHECK(code_of<Node>(nodes(65)) == Code::resource_exhausted);
  CHECK(code_of<Node>(nodes(100000)) == Code::resource_exhausted);
  CHECK(code_of<Node>(nodes(4), {.depth = 4}) == Code::ok);
  CHECK(code_of<Node>(nodes(5), {.depth = 4}) == Code::resource_exhausted);
}

TEST_CASE("unknown structs, lists, sets and maps count as levels when they are skipped (L3, CVE-2015-3254)") {
  auto nested = [](std::string_view open, std::string_view innermost, std::string_view close,
                   std::size_t levels) {
    return from_hex(std::string("f") + std::string(open.substr(1)) + repeated(open, levels - 2) +
                    std::string(innermost) + repeated(close, levels) + "00");
  };
  // 15: an unknown field. The first level is the struct itself.
  CHECK(code_of<Point>(nested("1c", "", "00", 64)) == Code::ok);
  CHECK(code_of<Point>(nested("1c", "", "00", 65)) == Code::resource_exhausted);
  CHECK(code_of<Point>(nested("1c", "", "00", 100000)) == Code::resource_exhausted);
  CHECK(code_of<Point>(from_hex("f9" + repeated("19", 62) + "13 01 00")) == Code::ok);
  CHECK(code_of<Point>(from_hex("f9" + repeated("19", 63) + "13 01 00")) == Code::resource_exhausted);
  CHECK(code_of<Point>(from_hex("fa" + repeated("1a", 100000))) == Code::resource_exhausted);
  CHECK(code_of<Point>(from_hex("fb" + repeated("01 b3", 100000))) != Code::ok);
  CHECK(code_of<Point>(from_hex("fb" + repeated("01 3b 00", 100000))) == Code::resource_exhausted);
}

TEST_CASE("containers count as levels when they are read, and unions do (L3)") {
  // children of children: a list and a struct a level
  CHECK(code_of<Node>(from_hex(repeated("39 1c", 31) + repeated("00", 32))) == Code::ok);
  CHECK(code_of<Node>(from_hex(repeated("39 1c", 32) + repeated("00", 33))) == Code::resource_exhausted);
  CHECK(code_of<Pick>(from_hex(repeated("0c 28", 63) + repeated("00", 64))) == Code::ok);
  CHECK(code_of<Pick>(from_hex(repeated("0c 28", 64) + repeated("00", 65))) == Code::resource_exhausted);
}

TEST_CASE("a container that claims more than the message can hold takes no memory (L1, CVE-2020-13949)") {
  for (const char* hex : {
           "39 fc ffffffff07",        // 2^31 - 1 structs
           "39 fc ffffffff0f",        // a negative size
           "39 fc 8080808010",        // 2^32
           "29 f6 05 02020202",       // one more than there are
           "b9 27 0000000000000000",  // two doubles in the room of one
           "6b 03 85 0161 02 0162",   // three pairs of at least two bytes in five
           "6b ffffffff07 85", "5a f8 ffffffff07", "fa 07 01",
           "f9 f3 ffffffff07 01",  // unknown
           "fb 01 f9 ffffffff0f",  // unknown
       }) {
    CAPTURE(hex);
    Containers value;
    CHECK(compact::decode(from_hex(hex), value).code() == Code::invalid_argument);
    CHECK(value.points.capacity() == 0);
    CHECK(value.longs.capacity() == 0);
    CHECK(value.doubles.capacity() == 0);
    CHECK(code_of<Node>(from_hex(hex)) == Code::invalid_argument);
  }
}

TEST_CASE("memory is taken as elements arrive, not as they are announced (L2)") {
  Containers value;
  // A million points that could be there, of which the first is broken.
  Bytes bytes = from_hex("39 fc c0843d" + repeated("ff", 1000000));
  CHECK(compact::decode(bytes, value).code() == Code::invalid_argument);
  CHECK(value.points.capacity() > 0);
  CHECK(value.points.capacity() * sizeof(Point) <= 64 * 1024);
}

TEST_CASE("a list longer than the steps in which memory is taken arrives whole") {
  for (std::size_t size : {4095, 4096, 4097, 20000}) {
    Containers value, read;
    for (std::size_t index = 0; index < size; ++index) {
      value.longs.push_back(static_cast<std::int64_t>(index * index * index));
      value.points.push_back({static_cast<std::int32_t>(index), -1});
      value.bools.push_back(index % 3 == 0);
    }
    CHECK(compact::decode(compact::encode(value), read).ok());
    CHECK(read == value);
  }
}

TEST_CASE("the elements of all containers together have a budget of memory (L, S)") {
  Bytes empty_nodes = from_hex("39 fc e807" + repeated("00", 1000) + "00");
  CHECK(code_of<Node>(empty_nodes) == Code::ok);
  CHECK(code_of<Node>(empty_nodes, {.element_memory = 1000 * sizeof(Node)}) == Code::ok);
  CHECK(code_of<Node>(empty_nodes, {.element_memory = 1000 * sizeof(Node) - 1}) == Code::resource_exhausted);
  // In many small lists as in one, and in boxes.
  Bytes nested = from_hex("39 fc 64" + repeated("39 2c 0000 00", 100) + "00");
  CHECK(code_of<Node>(nested, {.element_memory = 300 * sizeof(Node)}) == Code::ok);
  CHECK(code_of<Node>(nested, {.element_memory = 299 * sizeof(Node)}) == Code::resource_exhausted);
  Bytes boxes = from_hex("2c 2c 00 00 00");
  CHECK(code_of<Node>(boxes, {.element_memory = 2 * sizeof(Node)}) == Code::ok);
  CHECK(code_of<Node>(boxes, {.element_memory = sizeof(Node)}) == Code::resource_exhausted);
}

TEST_CASE("unknown types end the message, known ones that lie about their size too (CVE-2019-0205)") {
  for (const char* hex : {"1e",
                          "1f",
                          "0e 02",
                          "f9 1e",
                          "f9 10 00",
                          "f9 1f 00",
                          "fb 01 0e 00",
                          "fb 01 e0 00",
                          "f8 ffffffff07",
                          "f8 ffffffff0f",
                          "f8 05 61",
                          "f7 00",
                          "fd 00",
                          "f5 80",
                          "f6 8080808080",
                          "f3",
                          "10",
                          "0c",
                          "05",
                          "15",
                          "",
                          "05 80",
                          "f6 8080808080808080808001 00"}) {
    CAPTURE(hex);
    CHECK(code_of<Point>(from_hex(hex)) == Code::invalid_argument);
  }
}

TEST_CASE("every proper prefix of a message is refused") {
  Containers value;
  value.bools = {true};
  value.longs = {1, INT64_MIN};
  value.points = {{1, 2}};
  value.texts = {{"abc"}};
  value.names = {"x"};
  value.counts = {{"n", 900}};
  value.reals = {{1.5, "neg"}};
  value.colors = {{{1, 2}, Color::blue}};
  value.lists = {{1}, {}};
  value.doubles = {0.5};
  Bytes whole = compact::encode(value).flatten();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // In memory of its own, so that a sanitizer sees a read behind it.
    CHECK(code_of<Containers>(whole.slice(0, size).copy()) == Code::invalid_argument);
    CHECK(code_of<Nothing>(whole.slice(0, size).copy()) == Code::invalid_argument);
  }
}

TEST_CASE("an error says what and where, and the first one is kept") {
  Point point;
  CHECK(compact::decode(from_hex("15 02 15"), point).message() == "message ends too early at byte 3");
  Reader reader{from_hex("ff ff ff ff ff ff ff ff ff ff ff 05")};
  CHECK(reader.varint() == 0);
  CHECK(reader.byte() == 0);
  CHECK(reader.view(1).empty());
  CHECK(reader.remaining() == 0);
  CHECK(reader.status().message() == "varint of more than 64 bits at byte 0");
}
