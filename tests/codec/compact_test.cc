#include <bit>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <weft/codec/compact.h>

#include "hex.h"
#include "kinds.h"

using namespace weft;
using namespace kinds;

namespace {

std::string plain(std::string_view hex) { return to_hex(from_hex(hex)); }

/// Both ways: the value is written as those bytes, and those bytes are read as the value.
template <class T>
void both_ways(const T& value, std::string_view hex) {
  CAPTURE(hex);
  CHECK(to_hex(compact::encode(value)) == plain(hex));
  T read{};
  Status status = compact::decode(from_hex(hex), read);
  CHECK_MESSAGE(status.ok(), status.to_string());
  CHECK(read == value);
}

/// One way: bytes that other writers send.
template <class T>
void read_as(std::string_view hex, const T& value) {
  CAPTURE(hex);
  T read{};
  Status status = compact::decode(from_hex(hex), read);
  CHECK_MESSAGE(status.ok(), status.to_string());
  CHECK(read == value);
}

template <class T>
std::string refused(std::string_view hex) {
  T read{};
  Status status = compact::decode(from_hex(hex), read);
  CAPTURE(hex);
  CHECK(!status.ok());
  return std::string(status.message());
}

template <class T>
void as_argument(const T& value, std::string_view hex) {
  CAPTURE(hex);
  CHECK(to_hex(compact::encode_arguments(argument<1>(value))) == plain(hex));
  T read{};
  CHECK(compact::decode_arguments(from_hex(hex), argument<1>(read)).ok());
  CHECK(weft::equal(read, value));
}

}  // namespace

TEST_CASE("integers are zigzag varints, and a byte is itself (C1, C2, C4)") {
  as_argument(std::int32_t{0}, "15 00 00");
  as_argument(std::int32_t{-1}, "15 01 00");
  as_argument(std::int32_t{1}, "15 02 00");
  as_argument(std::int32_t{63}, "15 7e 00");
  as_argument(std::int32_t{64}, "15 8001 00");
  as_argument(std::int32_t{-64}, "15 7f 00");
  as_argument(INT32_MAX, "15 feffffff0f 00");
  as_argument(INT32_MIN, "15 ffffffff0f 00");
  as_argument(std::int16_t{INT16_MIN}, "14 ffff03 00");
  as_argument(std::int16_t{INT16_MAX}, "14 feff03 00");
  as_argument(INT64_MAX, "16 feffffffffffffffff01 00");
  as_argument(INT64_MIN, "16 ffffffffffffffffff01 00");
  as_argument(std::int64_t{1} << 55, "16 80808080808080 8001 00");
  as_argument(std::int64_t{1} << 54, "16 8080808080808040 00");
  as_argument((std::int64_t{1} << 55) - 1, "16 feffffffffffff7f 00");
  as_argument(std::int8_t{-128}, "13 80 00");
  as_argument(std::int8_t{127}, "13 7f 00");
}

TEST_CASE("varints that are longer than needed are read, those that do not fit are refused (C1)") {
  read_as("15 868000 00", Point{3, 0});
  read_as("15 86808080808080808000 00", Point{3, 0});
  refused<Point>("15 8680808080808080808000 00");  // eleven bytes
  refused<Scalars>("56 ffffffffffffffffff02 00");  // 65 bits
  refused<Point>("15 8080808010 00");              // 2^32
  refused<Scalars>("34 808004 00");                // 32768 as i16
  refused<Scalars>("78 8080808080 01 61 00");      // a length of 2^35 is not 0
}

TEST_CASE("a double is eight bytes, little endian, whatever its bits (C5)") {
  as_argument(1.0, "17 000000000000f03f 00");
  as_argument(-0.0, "17 0000000000000080 00");
  as_argument(5e-324, "17 0100000000000000 00");
  as_argument(std::numeric_limits<double>::infinity(), "17 000000000000f07f 00");
  double odd = std::bit_cast<double>(0x7ff8123456789abc);
  double read = 0;
  Chain bytes = compact::encode_arguments(argument<1>(odd));
  CHECK(to_hex(bytes) == plain("17 bc9a78563412f87f 00"));
  CHECK(compact::decode_arguments(bytes, argument<1>(read)).ok());
  CHECK(std::bit_cast<std::uint64_t>(read) == 0x7ff8123456789abc);
}

TEST_CASE("strings and binaries are a length and bytes, NUL and invalid UTF-8 included (C6)") {
  as_argument(std::string{}, "18 00 00");
  as_argument(std::string{"abc"}, "18 03 616263 00");
  as_argument(std::string{"a\0b\xff", 4}, "18 04 610062ff 00");
  as_argument(Bytes{"\xff"}, "18 01 ff 00");
  for (std::size_t size : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 127, 128, 500, 5000, 70000}) {
    std::string text(size, 'x');
    for (std::size_t index = 0; index < size; ++index) text[index] = static_cast<char>(index * 7);
    std::string read;
    CHECK(compact::decode_arguments(compact::encode_arguments(argument<1>(text)), argument<1>(read)).ok());
    CHECK(read == text);
  }
}

TEST_CASE("a uuid is 16 bytes of type 13 (C7)") {
  Uuid uuid{{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};
  as_argument(uuid, "1d 000102030405060708090a0b0c0d0e0f 00");
  as_argument(std::vector<Uuid>{uuid}, "19 1d 000102030405060708090a0b0c0d0e0f 00");
}

TEST_CASE("an enum travels as i32 and keeps numbers that it does not know (C8)") {
  as_argument(Color::blue, "15 0a 00");
  as_argument(static_cast<Color>(-77), "15 9901 00");
}

TEST_CASE("every scalar in one struct, in short headers (C9, C10, C15)") {
  Scalars value{true,         -1,
                -2,           3,
                -4,           1.0,
                "t",          Bytes{"d"},
                Color::green, Uuid{{0xaa, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xbb}}};
  both_ways(
      value,
      "11 13ff 1403 1506 1607 17000000000000f03f 180174 180164 1502 1daa0102030405060708090a0b0c0d0ebb 00");
  both_ways(Scalars{},
            "12 1300 1400 1500 1600 170000000000000000 1800 1800 1500 1d00000000000000000000000000000000 00");
}

TEST_CASE("field headers are long for id 0, after a jump, and short after a negative id (C11, C13)") {
  std::int32_t value = 7;
  CHECK(to_hex(compact::encode_result(argument<0>(value))) == plain("05 00 0e 00"));
  both_ways(MixedIds{.first = 1, .second = 2, .third = 3, .fourth = 4, .fifth = true, .last = 5},
            "05 03 02  15 04  25 06  45 08  01 c801  05 feff03 0a  00");
}

TEST_CASE("delta 15 is short and delta 16 is long (C10)") {
  std::int8_t a = 1, b = 2;
  CHECK(to_hex(compact::encode_arguments(argument<15>(a), argument<30>(b))) == plain("f301 f302 00"));
  CHECK(to_hex(compact::encode_arguments(argument<16>(a), argument<32>(b))) == plain("032001 034002 00"));
}

TEST_CASE("each nested struct counts its ids from 0 (C12)") {
  both_ways(Node{.value = 1, .next = Node{.value = 2}, .children = {Node{.value = 3}}},
            "1502 1c 1504 290c 00 19 1c 1506 290c 00 00");
}

TEST_CASE("long headers are read where short ones would do, and fields in any order (C14)") {
  read_as("05 02 02 05 04 04 00", Point{1, 2});
  read_as("25 04 05 02 02 00", Point{1, 2});
  read_as("05 03 02  05 0a 08  05 01 04  00", MixedIds{.first = 1, .second = 4 / 2, .fourth = 4});
  read_as("01 c801 05 03 02 00", MixedIds{.first = 1, .fifth = true});
}

TEST_CASE("bools in containers are a byte of 1 or 2, and 0 is read as false (C16, C17)") {
  Containers value;
  value.bools = {true, false, true};
  Containers read;
  CHECK(compact::decode(from_hex("19 31 010201 00"), read).ok());
  CHECK(read == value);
  read_as("19 32 010001 00", value);  // type 2, and a false of 0
  refused<Containers>("19 31 010301 00");
  as_argument(std::vector<bool>{true, false}, "19 21 0102 00");
  as_argument(std::map<bool, bool>{{false, true}}, "1b 01 11 0201 00");
  std::map<bool, bool> truth;
  CHECK(compact::decode_arguments(from_hex("1b 01 22 0100 00"), argument<1>(truth)).ok());
  CHECK(truth == std::map<bool, bool>{{true, false}});
}

TEST_CASE("lists and sets have a short header up to 14 elements and a long one from 15 on (C18)") {
  as_argument(std::vector<std::int8_t>(14, 1), "19 e3 0101010101010101010101010101 00");
  as_argument(std::vector<std::int8_t>(15, 1), "19 f30f 010101010101010101010101010101 00");
  as_argument(std::set<std::int32_t>{-1, 1}, "1a 25 0102 00");
  std::vector<std::int8_t> read;
  CHECK(compact::decode_arguments(from_hex("19 f302 0102 00"), argument<1>(read)).ok());
  CHECK(read == std::vector<std::int8_t>{1, 2});
}

TEST_CASE("an empty list may name any element type (C19)") {
  as_argument(std::vector<std::string>{}, "19 08 00");
  for (const char* hex : {"19 00 00", "19 05 00", "19 0f 00", "19 f300 00"}) {
    std::vector<std::string> read{"old"};
    CHECK(compact::decode_arguments(from_hex(hex), argument<1>(read)).ok());
    CHECK(read.empty());
  }
}

TEST_CASE("an empty map is one byte, any other has a size and a byte of types (C20)") {
  as_argument(std::map<std::string, std::int32_t>{}, "1b 00 00");
  as_argument(std::map<std::string, std::int32_t>{{"a", 1}, {"b", 2}}, "1b 02 85 016102 016204 00");
}

TEST_CASE("of duplicates in sets, maps and fields the last one wins (C21)") {
  std::set<std::int32_t> set;
  CHECK(compact::decode_arguments(from_hex("1a 35 020402 00"), argument<1>(set)).ok());
  CHECK(set == std::set<std::int32_t>{1, 2});
  std::map<std::string, Point> map;
  CHECK(compact::decode_arguments(from_hex("1b 02 8c 0161 1502 1504 00 0161 1506 00 00"), argument<1>(map))
            .ok());
  CHECK(map == std::map<std::string, Point>{{"a", Point{3, 0}}});
  read_as("1502 0502 06 00", Point{3, 0});
}

TEST_CASE("a stop byte with a delta is refused (C22)") { refused<Point>("15 02 10"); }

TEST_CASE("a union is a struct of one field (C23)") {
  both_ways(Pick{Pick::Number{7}}, "16 0e 00");
  both_ways(Pick{Pick::Text{"abc"}}, "28 03616263 00");
  both_ways(Pick{Pick::Flag{true}}, "31 00");
  both_ways(Pick{Pick::Flag{false}}, "32 00");
  both_ways(Pick{Pick::Spot{{1, 2}}}, "4c 1502 1504 00 00");
  both_ways(Pick{Pick::Again{Pick{Pick::Flag{true}}}}, "0c28 31 00 00");
  both_ways(Pick{}, "00");
}

TEST_CASE("a union with an unknown alternative only is unset, and of two the last one wins (C23)") {
  read_as("55 02 00", Pick{});
  read_as("16 0e 18 0161 00", Pick{Pick::Text{"a"}});
  read_as("28 0161 06 02 0e 00", Pick{Pick::Number{7}});
  Pick read{Pick::Number{1}};
  CHECK(compact::decode(from_hex("00"), read).ok());
  CHECK(read == Pick{});
  CHECK(to_hex(compact::encode(Pick{Pick::Again{}})) == plain("0c28 00 00"));  // a null box is an empty value
}

TEST_CASE("a known field of another type is skipped (C24)") {
  read_as("16 02 15 04 00", Point{0, 2});
  read_as("18 03616263 15 04 00", Point{0, 2});
  read_as("1a 25 0102 00", Containers{});        // a set where a list should be
  read_as("5b 01 85 0161 02 00", Containers{});  // a map
  read_as("12 13 01 00", Scalars{.i8 = 1});
  read_as("15 02 13 01 00", Scalars{.i8 = 1});  // an integer where a bool should be
}

TEST_CASE("a container with elements of another type is refused, never misread (C24)") {
  refused<Containers>("19 25 0202 00");
  refused<Containers>("29 15 02 00");
  refused<Containers>("6b 01 88 0161 0161 00");
  refused<Containers>("49 19 15 02 00");  // further down
}

TEST_CASE("unknown fields of every type are skipped (C25)") {
  for (const char* unknown : {"f1",
                              "f2",
                              "f3 80",
                              "f4 8001",
                              "f5 8001",
                              "f6 ffffffffffffffffff01",
                              "f7 0102030405060708",
                              "f8 03616263",
                              "f9 31 010200",
                              "f9 32 010200",
                              "fa 28 0161 00",
                              "fb 00",
                              "fb 01 15 01 02",
                              "fb 02 88 0161 0162 0163 0164",
                              "fc 00",
                              "fc 11 15 02 1c 31 00 00",
                              "fd 000102030405060708090a0b0c0d0e0f",
                              "f9 00",
                              "f9 0e",
                              "f9 f30f 000102030405060708090a0b0c0d0e",
                              "f9 29 08 19 15 02",
                              "03 d00f 01",
                              "01 d00f"}) {
    read_as(std::string("15 02 ") + unknown + " 05 04 04 00", Point{1, 2});
  }
}

TEST_CASE("ids past 16 bits are refused (C26)") {
  refused<Point>("05 808008 02 00");        // 65536
  refused<Point>("05 feff03 02 15 02 00");  // 32767 and one more
}

TEST_CASE("arguments are written in the order of their ids, and read from any (C27)") {
  std::int32_t a = 1, b = 2, c = 3;
  CHECK(to_hex(compact::encode_arguments(argument<3>(c), argument<-1>(a), argument<2>(b))) ==
        plain("05 01 02 35 04 15 06 00"));
  a = b = c = 0;
  CHECK(compact::decode_arguments(from_hex("05 06 06 05 04 04 00"), argument<3>(c), argument<-1>(a),
                                  argument<2>(b))
            .ok());
  CHECK(a == 0);
  CHECK(b == 2);
  CHECK(c == 3);
}

TEST_CASE("bytes behind the value are ignored (C28)") { read_as("15 02 00 ff ff", Point{1, 0}); }

TEST_CASE("a call without arguments is a lone stop byte, and unknown arguments are skipped (R1)") {
  CHECK(to_hex(compact::encode_arguments()) == "00");
  CHECK(compact::decode_arguments(from_hex("15 02 00")).ok());
  std::int32_t kept = 42;
  CHECK(compact::decode_arguments(from_hex("28 0161 00"), argument<1>(kept)).ok());
  CHECK(kept == 42);
}

TEST_CASE("a result holds success at 0, or an exception at its id, or nothing (R2)") {
  CHECK(to_hex(compact::encode_result()) == "00");
  Point point{1, 2};
  NotFound missing{"k"};
  CHECK(to_hex(compact::encode_result(argument<0>(point))) == plain("0c00 1502 1504 00 00"));
  CHECK(to_hex(compact::encode_result(argument<1>(missing))) == plain("1c 18016b 00 00"));
  std::optional<Point> success;
  std::optional<NotFound> failure;
  auto decode = [&](const Chain& payload) {
    success.reset();
    failure.reset();
    return compact::decode_result(payload, argument<0>(success), argument<1>(failure));
  };
  CHECK(decode(compact::encode_result(argument<0>(point))).ok());
  CHECK(success == point);
  CHECK(!failure);
  CHECK(decode(compact::encode_result(argument<1>(missing))).ok());
  CHECK(!success);
  CHECK(failure == missing);
  CHECK(decode(compact::encode_result()).ok());
  CHECK(!success);
  CHECK(!failure);
  bool yes = true;
  std::optional<bool> flag;
  CHECK(to_hex(compact::encode_result(argument<0>(yes))) == plain("01 00 00"));
  CHECK(compact::decode_result(compact::encode_result(argument<0>(yes)), argument<0>(flag)).ok());
  CHECK(flag == true);
  Status broken = decode(from_hex("0c00 15"));
  CHECK(broken.code() == Code::internal);
  CHECK(broken.fault() == Fault::peer);
  CHECK(broken.reach() == Reach::answered);
}

TEST_CASE("required fields are written always, and a message without one is refused by its name (R15)") {
  both_ways(Strict{}, "15 00 18 00 18 00 00");
  read_as("15 02 18 0161 00", Strict{1, "a", ""});
  CHECK(refused<Strict>("15 02 28 00 00").find("Strict without its required field name") == 0);
  CHECK(refused<Strict>("28 0161 00").find("Strict without its required field id") == 0);
  CHECK(refused<Strict>("16 02 18 0161 00").find("required field id") !=
        std::string::npos);  // of another type
  read_as("28 0161 05 02 02 00", Strict{1, "a", ""});
}

TEST_CASE("optional fields are written when set") {
  both_ways(Optionals{}, "00");
  both_ways(
      Optionals{.yes = false, .i32 = 0, .text = "", .point = Point{}, .list = std::vector<std::int32_t>{}},
      "12 1500 1800 1c 1500 1500 00 19 05 00");
  both_ways(Optionals{.text = "abc"}, "38 03616263 00");
  both_ways(Optionals{.yes = true, .list = std::vector<std::int32_t>{1}}, "11 49 15 02 00");
  both_ways(Nothing{}, "00");
}

TEST_CASE("containers nest, and anything can be a key") {
  Containers value;
  value.longs = {1, -1, INT64_MIN};
  value.points = {{1, 2}, {3, 4}};
  value.texts = {{"a"}, {}};
  value.names = {"x"};
  value.counts = {{"n", 9}};
  value.truth = {{true, false}};
  value.reals = {{-0.0, "neg"}, {0.0, "pos"}, {NAN, "nan"}};
  value.colors = {{{1, 2}, Color::blue}};
  value.lists = {{1}, {}};
  value.doubles = {0.5};
  Containers read;
  CHECK(compact::decode(compact::encode(value), read).ok());
  CHECK(to_hex(compact::encode(read)) == to_hex(compact::encode(value)));
  CHECK(read.reals.size() == 3);
  CHECK(read.colors.at({1, 2}) == Color::blue);
}
