// Protobuf's binary form: tables of values and their bytes, both ways, and bytes that other writers send.
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <weft/codec/protobuf.h>

#include "hex.h"
#include "messages.h"

using namespace weft;
using namespace messages;

namespace {

std::string plain(std::string_view hex) { return to_hex(from_hex(hex)); }

/// Both ways: the value is written as those bytes, and those bytes are read as the value.
template <class T>
void both_ways(const T& value, std::string_view hex) {
  CAPTURE(hex);
  CHECK(to_hex(protobuf::encode(value)) == plain(hex));
  T read{};
  Status status = protobuf::decode(from_hex(hex), read);
  CHECK_MESSAGE(status.ok(), status.to_string());
  CHECK(read == value);
}

/// One way: bytes that other writers send.
template <class T>
void read_as(std::string_view hex, const T& value) {
  CAPTURE(hex);
  T read{};
  Status status = protobuf::decode(from_hex(hex), read);
  CHECK_MESSAGE(status.ok(), status.to_string());
  CHECK(read == value);
}

template <class T>
std::string refused(std::string_view hex) {
  CAPTURE(hex);
  T read{};
  Status status = protobuf::decode(from_hex(hex), read);
  CHECK(status.code() == Code::invalid_argument);
  return std::string(status.message());
}

}  // namespace

TEST_CASE("a message without anything is nothing") {
  both_ways(Nothing{}, "");
  both_ways(Scalars{}, "");
  both_ways(Repeated{}, "");
  both_ways(Maps{}, "");
  both_ways(Choice{}, "");
}

TEST_CASE("integers are varints, negative ones ten bytes") {
  both_ways(Scalars{.i32 = 1}, "18 01");
  both_ways(Scalars{.i32 = 150}, "18 9601");
  both_ways(Scalars{.i32 = -1}, "18 ffffffffffffffffff01");
  both_ways(Scalars{.i32 = INT32_MIN}, "18 80808080f8ffffffff01");
  both_ways(Scalars{.i32 = INT32_MAX}, "18 ffffffff07");
  both_ways(Scalars{.i64 = INT64_MIN}, "20 80808080808080808001");
  both_ways(Scalars{.i64 = INT64_MAX}, "20 ffffffffffffffff7f");
  both_ways(Scalars{.i64 = (std::int64_t{1} << 56) - 1}, "20 ffffffffffffff7f");
  both_ways(Scalars{.i64 = std::int64_t{1} << 56}, "20 808080808080808001");
  both_ways(Scalars{.u32 = UINT32_MAX}, "28 ffffffff0f");
  both_ways(Scalars{.u64 = UINT64_MAX}, "30 ffffffffffffffffff01");
  both_ways(Scalars{.yes = true}, "68 01");
  both_ways(Scalars{.color = Color::blue}, "8001 05");
}

TEST_CASE("sint is zigzag, fixed and floating numbers are little endian") {
  both_ways(Scalars{.s32 = -1}, "38 01");
  both_ways(Scalars{.s32 = 1}, "38 02");
  both_ways(Scalars{.s32 = INT32_MIN}, "38 ffffffff0f");
  both_ways(Scalars{.s64 = -64}, "40 7f");
  both_ways(Scalars{.s64 = INT64_MIN}, "40 ffffffffffffffffff01");
  both_ways(Scalars{.f32 = 1}, "4d 01000000");
  both_ways(Scalars{.f64 = 0x0102030405060708}, "51 0807060504030201");
  both_ways(Scalars{.sf32 = -2}, "5d feffffff");
  both_ways(Scalars{.sf64 = -2}, "61 feffffffffffffff");
  both_ways(Scalars{.real = 1}, "09 000000000000f03f");
  both_ways(Scalars{.single = 1}, "15 0000803f");
  both_ways(Scalars{.real = -0.0}, "09 0000000000000080");
  both_ways(Scalars{.single = -0.0F}, "15 00000080");
  both_ways(Scalars{.real = std::numeric_limits<double>::infinity()}, "09 000000000000f07f");
  const Scalars nan{.single = std::numeric_limits<float>::quiet_NaN()};
  CHECK(to_hex(protobuf::encode(nan)) == plain("15 0000c07f"));
}

TEST_CASE("text and bytes have their size in front") {
  both_ways(Scalars{.text = "testing"}, "72 07 74657374696e67");
  both_ways(Scalars{.data = Bytes{"\xff"}}, "7a 01 ff");
  for (std::size_t size : {1, 2, 3, 4, 7, 8, 15, 16, 17, 127, 128, 500, 4095, 4096, 5000, 70000, 200000}) {
    const Scalars value{.text = std::string(size, 't'), .data = Bytes{std::string(size, '\xfe')}};
    const Chain bytes = protobuf::encode(value);
    Scalars read;
    CHECK(protobuf::decode(bytes, read).ok());
    CHECK(read == value);
    CHECK((bytes.count() > 1) == (size >= 4096));  // large bytes are linked
  }
}

TEST_CASE("fields come in order of numbers, oneofs among them") {
  both_ways(Scalars{.real = 2, .i32 = 3, .text = "a", .color = Color::green},
            "09 0000000000000040 18 03 72 01 61 8001 01");
  Choice choice{.before = 1, .pick = {Choice::Pick::Text{"x"}}, .between = "b", .other = {}};
  both_ways(choice, "08 01 1a 01 62 22 01 78");
  choice.pick.value = Choice::Pick::Number{0};  // set, though zero
  choice.other.value = Choice_Other::Hue{Color::red};
  both_ways(choice, "08 01 10 00 1a 01 62 48 00");
  both_ways(Choice{.before = 0, .pick = {Choice::Pick::Flag{true}}, .between = {}, .other = {}}, "c03e 01");
  both_ways(Choice{.before = 0, .pick = {Choice::Pick::Zigzag{-1}}, .between = {}, .other = {}}, "40 01");
}

TEST_CASE("an optional field is written when it is set, zero included") {
  both_ways(Optionals{.i32 = 0, .yes = false, .text = ""}, "08 00 10 00 1a 00");
  both_ways(Optionals{.f64 = 0}, "21 0000000000000000");
  both_ways(Optionals{.color = Color::red, .data = Bytes{}}, "f87f 00 828001 00");
  both_ways(Optionals{.point = Point{}}, "faffffff0f 00");
  both_ways(Optionals{.point = Point{1, -1}}, "faffffff0f 04 0801 1001");
}

TEST_CASE("repeated numbers are packed") {
  both_ways(Repeated{.i32 = {3, 270, 86942}}, "0a 06 03 8e02 9ea705");
  both_ways(Repeated{.s64 = {-1, 1}}, "12 02 01 02");
  both_ways(Repeated{.f32 = {1, 2}}, "1a 08 01000000 02000000");
  both_ways(Repeated{.real = {1}}, "22 08 000000000000f03f");
  both_ways(Repeated{.yes = {true, false}}, "2a 02 01 00");
  both_ways(Repeated{.color = {Color::blue, static_cast<Color>(-1)}}, "32 0b 05 ffffffffffffffffff01");
  both_ways(Repeated{.apart = {1, 2}}, "38 01 38 02");
  both_ways(Repeated{.text = {"", "a"}}, "42 00 42 01 61");
  both_ways(Repeated{.point = {{}, {1, 0}}}, "52 00 52 02 0801");
  both_ways(Repeated{.nothing = {{}, {}}}, "62 00 62 00");
}

TEST_CASE("packed and apart are both read, and mixed") {
  read_as("08 03 08 8e02", Repeated{.i32 = {3, 270}});
  read_as("08 03 0a 02 04 05 08 06", Repeated{.i32 = {3, 4, 5, 6}});
  read_as("3a 02 01 02 38 03", Repeated{.apart = {1, 2, 3}});
  read_as("1d 01000000 1a 04 02000000", Repeated{.f32 = {1, 2}});
  read_as("0a 00", Repeated{});
  read_as("28 05", Repeated{.yes = {true}});
}

TEST_CASE("maps are entries in order of keys; the last of a key wins") {
  both_ways(Maps{.counts = {{"a", 1}, {"b", 0}}}, "0a 05 0a0161 1001 0a 05 0a0162 1000");
  both_ways(Maps{.blobs = {{-1, Bytes{"x"}}}}, "12 05 0801 120178");
  both_ways(Maps{.colors = {{false, Color::red}, {true, Color::blue}}}, "1a 04 0800 1000 1a 04 0801 1005");
  both_ways(Maps{.points = {{7, {1, 0}}}}, "22 09 0d07000000 1202 0801");
  both_ways(Maps{.fixed = {{-1, 1}}}, "32 14 08ffffffffffffffffff01 110100000000000000");
  both_ways(Maps{.maps = {{"a", {.counts = {{"b", 2}}}}}}, "3a 0c 0a0161 1207 0a050a01621002");
  read_as("0a 05 1001 0a0161 0a 05 0a0161 1002", Maps{.counts = {{"a", 2}}});
  read_as("0a 00", Maps{.counts = {{"", 0}}});
  read_as("0a 03 0a0161", Maps{.counts = {{"a", 0}}});
  read_as("0a 0a 0a0161 1001 0a0162 1a00", Maps{.counts = {{"b", 1}}});
  read_as("22 05 0d01000000 22 04 1202 0801", Maps{.points = {{0, {1, 0}}, {1, {}}}});
}

TEST_CASE("the last value of a field wins, messages are merged, and a oneof holds its last field") {
  read_as("18 01 18 02", Scalars{.i32 = 2});
  read_as("faffffff0f 02 0801 faffffff0f 02 1004", Optionals{.point = Point{1, 2}});
  read_as("12 02 0801 12 02 0802", Node{.value = 0, .next = Node{.value = 2}, .children = {}});
  Choice point{.before = 0, .pick = {Choice::Pick::Spot{{1, 1}}}, .between = {}, .other = {}};
  read_as("2a 02 0801 2a 02 1002", point);
  read_as("10 01 2a 02 0801 2a 02 1002", point);
  read_as("2a 02 0805 10 01 2a 02 0801 2a 02 1002", point);
  Scalars value{.i32 = 1, .text = "kept"};
  CHECK(protobuf::decode(from_hex("18 05"), value).ok());
  CHECK(value == Scalars{.i32 = 5, .text = "kept"});
}

TEST_CASE("numbers of another width lose the bits that they have too many of") {
  read_as("18 8080808010", Scalars{.i32 = 0});
  read_as("18 ffffffffffffffff7f", Scalars{.i32 = -1});
  read_as("28 ffffffffffffffffff01", Scalars{.u32 = UINT32_MAX});
  read_as("38 feffffff1f", Scalars{.s32 = INT32_MAX});
  read_as("68 8001", Scalars{.yes = true});
  read_as("68 808080808080808001", Scalars{.yes = true});
  read_as("8001 ffffffff0f", Scalars{.color = static_cast<Color>(-1)});
  read_as("18 818000", Scalars{.i32 = 1});   // longer than needed
  read_as("98 8000 01", Scalars{.i32 = 1});  // a tag, too
}

TEST_CASE("unknown fields are skipped, whatever they are") {
  read_as("18 01 d83e 01", Scalars{.i32 = 1});
  read_as("d93e 0000000000000000 da3e 02 ffff dd3e 00000000 18 01", Scalars{.i32 = 1});
  read_as("db3e 08 01 13 1a 01 ff 14 dc3e 18 01", Scalars{.i32 = 1});
  read_as("1a 02 0102", Scalars{});  // known, with another type
  read_as("11 0000000000000000", Repeated{});
}

TEST_CASE("groups are messages between two tags") {
  Old old{.id = 1, .item = {Item{.name = "a", .shade = Shade::light, .part = Part{{1, -1}}}, Item{}}};
  both_ways(old, "08 01 3b 0a0161 1001 1b 0a02 0201 1c 3c 3b 1003 3c");
  old = {.id = 1, .pick = {Old_Pick::Group{{.x = 5}}}};
  both_ways(old, "08 01 53 08 05 54");
  read_as("53 08 05 54 53 54 08 01", old);
}

TEST_CASE("a closed enum's unknown value is an unknown field") {
  both_ways(Old{.id = 1, .shade = Shade::negative}, "08 01 20 ffffffffffffffffff01");
  both_ways(Old{.id = 1, .unknown_fields = from_hex("20 02").str()}, "08 01 20 02");
  read_as("08 01 20 01 20 02",
          Old{.id = 1, .shade = Shade::light, .unknown_fields = from_hex("20 02").str()});
  read_as("08 01 28 01 28 02 28 03",
          Old{.id = 1, .shades = {Shade::light, Shade::dark}, .unknown_fields = from_hex("28 02").str()});
  read_as("08 01 2a 03 01 02 03",
          Old{.id = 1, .shades = {Shade::light, Shade::dark}, .unknown_fields = from_hex("28 02").str()});
  read_as(
      "08 01 32 03 01 07 03 30 08",
      Old{.id = 1, .packed = {Shade::light, Shade::dark}, .unknown_fields = from_hex("30 07 30 08").str()});
  read_as("08 01 42 04 0801 1002 42 04 0802 1001",
          Old{.id = 1, .by_number = {{1, Tone::loud}}, .unknown_fields = from_hex("42 04 0802 1001").str()});
  read_as("08 01 42 02 0805", Old{.id = 1, .by_number = {{5, Tone::mute}}});
  read_as("08 01 48 02 48 03",
          Old{.id = 1, .pick = {Old_Pick::Held{Shade::dark}}, .unknown_fields = from_hex("48 02").str()});
}

TEST_CASE("unknown fields are kept where the type asks for it, and come behind the others") {
  const Old old{.id = 1, .name = "n", .unknown_fields = from_hex("d83e 01 f83f 02 a03f 03").str()};
  both_ways(old, "08 01 12 01 6e d83e 01 f83f 02 a03f 03");
  read_as("d83e 01 08 01 f83f 02 12 01 6e a03f 03", old);
  CHECK_FALSE(old == Old{.id = 1, .name = "n"});
}

TEST_CASE("a required field is always written, and has to be there") {
  both_ways(Old{.id = 0}, "08 00");
  CHECK(refused<Old>("") == "Old without its required field id at byte 0");
  CHECK(refused<Old>("08 01 3b 10 07 3c").starts_with("Item without its required field shade"));
  CHECK(refused<Old>("08 01 3b 3c") == "Item without its required field shade at byte 4");
}

TEST_CASE("text is checked to be UTF-8, proto2's is not") {
  for (std::string_view good : {"", "7f", "c3a9", "e282ac", "efbfbf", "ed9fbf", "ee8080", "f0908080",
                                "f48fbfbf", "6161616161616161 c3a9 6161616161616161"}) {
    CAPTURE(good);
    CHECK(protobuf::is_utf8(from_hex(good).view()));
  }
  for (std::string_view bad :
       {"80", "bf", "c0af", "c1bf", "c3", "c328", "e08080", "e09fbf", "e282", "e28228", "eda080", "edbfbf",
        "f08080af", "f08fbfbf", "f4908080", "f5808080", "f8888080", "ff", "6161616161616161 c3"}) {
    CAPTURE(bad);
    CHECK_FALSE(protobuf::is_utf8(from_hex(bad).view()));
  }
  CHECK(refused<Scalars>("72 01 ff") == "text that is not UTF-8 at byte 3");
  refused<Repeated>("42 01 61 42 02 c328");
  refused<Maps>("0a 03 0a01ff");
  refused<Choice>("22 01 80");
  read_as("08 01 12 01 ff", Old{.id = 1, .name = "\xff"});
}

TEST_CASE("fields of any order are read") {
  read_as("8001 01 72 01 61 18 03", Scalars{.i32 = 3, .text = "a", .color = Color::green});
  read_as("52 02 0801 0a 01 01 52 00 08 02", Repeated{.i32 = {1, 2}, .point = {{1, 0}, {}}});
  read_as("0a 05 0a0161 1001 12 05 0801 120178 0a 05 0a0162 1002",
          Maps{.counts = {{"a", 1}, {"b", 2}}, .blobs = {{-1, Bytes{"x"}}}});
}

TEST_CASE("a message of many blocks is one message") {
  Node node{.value = 1, .next = {}, .children = {}};
  for (int child = 0; child < 30000; ++child)
    node.children.push_back(
        {.value = child, .next = Node{.value = -child, .next = {}, .children = {}}, .children = {}});
  const Chain bytes = protobuf::encode(node);
  CHECK(bytes.count() > 5);
  Node read;
  CHECK(protobuf::decode(bytes, read).ok());
  CHECK(read == node);
  Repeated repeated{.i32 = std::vector<std::int32_t>(100000, -1), .real = std::vector<double>(100000, 0.5)};
  Result<Repeated> back = protobuf::decode<Repeated>(protobuf::encode(repeated));
  REQUIRE(back.ok());
  CHECK(*back == repeated);
}
