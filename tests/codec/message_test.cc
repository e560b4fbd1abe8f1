#include <doctest/doctest.h>

#include <weft/codec/message.h>

#include "hex.h"

using namespace weft;
using compact::MessageHeader;
using compact::MessageType;

namespace {

void both_ways(const MessageHeader& header, std::string_view hex) {
  CAPTURE(hex);
  Writer writer;
  compact::write_header(writer, header);
  CHECK(to_hex(writer.finish()) == to_hex(from_hex(hex)));
  Reader reader{from_hex(std::string(hex) + "00")};
  CHECK(compact::read_header(reader) == header);
  CHECK(reader.ok());
  CHECK(to_hex(reader.rest()) == "00");
}

Code refused(std::string_view hex) {
  Reader reader{from_hex(hex)};
  compact::read_header(reader);
  return reader.status().code();
}

}  // namespace

TEST_CASE("a header is 82, type and version, sequence id and name (M1, M2)") {
  both_ways({MessageType::call, 1, "echo"}, "82 21 01 04 6563686f");
  both_ways({MessageType::reply, 1, "echo"}, "82 41 01 04 6563686f");
  both_ways({MessageType::exception, 1, "echo"}, "82 61 01 04 6563686f");
  both_ways({MessageType::oneway, 1, "echo"}, "82 81 01 04 6563686f");
}

TEST_CASE("sequence ids are not zigzagged, negative ones take five bytes (M3)") {
  both_ways({MessageType::call, -1, "m"}, "82 21 ffffffff0f 01 6d");
  both_ways({MessageType::call, INT32_MIN, "m"}, "82 21 8080808008 01 6d");
  both_ways({MessageType::call, 300, "m"}, "82 21 ac02 01 6d");
  CHECK(refused("82 21 ffffffff1f 01 6d") == Code::invalid_argument);
}

TEST_CASE("another protocol or version is refused (M4)") {
  CHECK(refused("80 01 00 01") == Code::invalid_argument);
  CHECK(refused("82 22 01 01 6d") == Code::invalid_argument);
  CHECK(refused("82 20 01 01 6d") == Code::invalid_argument);
  CHECK(refused("") == Code::invalid_argument);
  CHECK(refused("82 21 01 05 6d") == Code::invalid_argument);
}

TEST_CASE("names may be empty or long, up to a limit (M5)") {
  both_ways({MessageType::call, 0, ""}, "82 21 00 00");
  std::string name(1024, 'n');
  Writer writer;
  compact::write_header(writer, {MessageType::call, 0, name});
  Bytes bytes = writer.finish().flatten();
  Reader reader{bytes};
  CHECK(compact::read_header(reader).name == name);
  Reader strict{bytes, {.method_name = 1023}};
  compact::read_header(strict);
  CHECK(strict.status().code() == Code::resource_exhausted);
}

TEST_CASE("types that do not exist are left to the caller (M6)") {
  Reader reader{from_hex("82 e1 00 00")};
  CHECK(static_cast<int>(compact::read_header(reader).type) == 7);
  CHECK(reader.ok());
}
