// What peers must not be able to do with Protobuf's binary form: take memory, stack or time that their bytes
// do not pay for.
#include <doctest/doctest.h>

#include <weft/codec/protobuf.h>

#include "hex.h"
#include "messages.h"

using namespace weft;
using namespace messages;

namespace {

template <class T>
Status decoded(const Bytes& bytes, const DecodeLimits& limits = protobuf::usual_limits) {
  T value{};
  return protobuf::decode(bytes, value, limits);
}

template <class T>
std::string message_of(std::string_view hex) {
  const Status status = decoded<T>(from_hex(hex));
  CHECK(status.code() == Code::invalid_argument);
  return std::string(status.message());
}

/// A chain of `levels` nodes.
Bytes nodes(std::size_t levels) {
  Node node{.value = 1, .next = {}, .children = {}};
  while (--levels > 0) {
    Node outer{.value = 0, .next = {}, .children = {}};
    outer.next = std::move(node);
    node = std::move(outer);
  }
  return protobuf::encode(node).flatten();
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  while (count-- > 0) result += text;
  return result;
}

}  // namespace

TEST_CASE("an outermost message and 100 in it are read, 101 are refused") {
  CHECK(decoded<Node>(nodes(101)).ok());
  CHECK(decoded<Node>(nodes(102)).code() == Code::resource_exhausted);
  CHECK(decoded<Node>(nodes(4), {.depth = 4}).ok());
  CHECK(decoded<Node>(nodes(5), {.depth = 4}).code() == Code::resource_exhausted);
}

TEST_CASE("groups that are skipped count as levels") {
  const auto groups = [](std::size_t levels) {
    return from_hex(repeated("db3e", levels) + repeated("dc3e", levels));
  };
  CHECK(decoded<Nothing>(groups(100)).ok());
  CHECK(decoded<Nothing>(groups(101)).code() == Code::resource_exhausted);
  CHECK(decoded<Nothing>(groups(1000000)).code() == Code::resource_exhausted);
}

TEST_CASE("elements that take no bytes are paid for in memory") {
  const Bytes bytes = from_hex(repeated("5200", 100000));  // each of these points is eight bytes
  CHECK(decoded<Repeated>(bytes).ok());
  CHECK(decoded<Repeated>(bytes, {.depth = 101, .element_memory = 400000}).code() ==
        Code::resource_exhausted);
  const Bytes entries = from_hex(repeated("0a030801", 1000));
  CHECK(decoded<Maps>(entries, {.depth = 101, .element_memory = 100}).code() != Code::ok);
  const Bytes packed = Bytes{from_hex("12904e").str() + std::string(10000, '\1')};
  CHECK(decoded<Repeated>(packed).ok());
  CHECK(decoded<Repeated>(packed, {.depth = 101, .element_memory = 79999}).code() ==
        Code::resource_exhausted);
  CHECK(decoded<Repeated>(packed, {.depth = 101, .element_memory = 80000}).ok());
}

TEST_CASE("sizes beyond the end are refused before memory is taken") {
  for (std::string_view hex : {"72 01", "72 ffffffff07", "72 ffffffff0f", "72 ffffffffffffffffff01",
                               "72 8080808080808080 8001", "7a 7f 00"})
    CHECK(message_of<Scalars>(hex).starts_with("message ends too early"));
  for (std::string_view hex : {"0a ffffffff07 01", "1a ffffffff07 01000000", "1a fcffffff07 01000000",
                               "42 02 61", "52 7f", "52 03 0801", "0a 02 80", "22 f8ffffffffffffffff01"})
    CHECK(decoded<Repeated>(from_hex(hex)).code() == Code::invalid_argument);
  CHECK(decoded<Maps>(from_hex("0a 05 0a 04 61 62")).code() == Code::invalid_argument);
  // What a message in a message says of its size cannot reach behind that.
  CHECK(decoded<Node>(from_hex("12 04 12 05 08 01 08 01 08 01")).code() == Code::invalid_argument);
  CHECK(decoded<Node>(from_hex("12 02 08 80 01 08 01 08 01 08 01 08 01 08 01")).code() ==
        Code::invalid_argument);
}

TEST_CASE("malformed tags and numbers are refused, and it is said what and where") {
  CHECK(message_of<Nothing>("00 01") == "field number 0 at byte 1");
  CHECK(message_of<Nothing>("07") == "field number 0 at byte 1");
  CHECK(message_of<Nothing>("0e") == "wire type that does not exist at byte 1");
  CHECK(message_of<Scalars>("18 01 1f") == "wire type that does not exist at byte 3");
  CHECK(message_of<Nothing>("8080808010 01") == "varint of more than 32 bits at byte 5");
  CHECK(message_of<Scalars>("18 ffffffffffffffffffff01 00") == "varint of more than 64 bits at byte 1");
  CHECK(message_of<Scalars>("18 80").starts_with("message ends too early"));
  CHECK(message_of<Scalars>("4d 010000").starts_with("message ends too early"));
  CHECK(message_of<Scalars>("51 01000000000000").starts_with("message ends too early"));
  CHECK(message_of<Repeated>("1a 05 0100000002") == "packed field that ends inside of a number at byte 2");
  CHECK(message_of<Repeated>("0a 02 0180").starts_with("message ends too early"));
  CHECK(message_of<Repeated>("0a 0b ffffffffffffffffffff01") == "varint of more than 64 bits at byte 2");
}

TEST_CASE("groups that do not end, end twice or end another are refused") {
  CHECK(message_of<Nothing>("0b").starts_with("message ends too early"));
  CHECK(message_of<Nothing>("0c") == "end of a group that is not open at byte 1");
  CHECK(message_of<Nothing>("0b 14") == "end of a group that is not open at byte 2");
  CHECK(message_of<Old>("08 01 3b 10 03").starts_with("message ends too early"));
  CHECK(message_of<Old>("08 01 3b 10 03 44") == "end of a group that is not open at byte 6");
  CHECK(message_of<Old>("08 01 3b 10 03 3c 3c") == "end of a group that is not open at byte 7");
  CHECK(message_of<Scalars>("dd3e 000000").starts_with("message ends too early"));
  // A group cannot end outside of the message that it began in.
  CHECK(message_of<Node>("12 01 0b 0c").starts_with("message ends too early"));
}

TEST_CASE("a proper prefix of a message is refused, or is a message that ends there") {
  Choice choice{.before = 300, .pick = {Choice::Pick::Text{"text"}}, .between = "between", .other = {}};
  choice.other.value = Choice_Other::Data{Bytes{"data"}};
  const Bytes whole = protobuf::encode(choice).flatten();
  std::size_t read = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // In memory of its own, so that a sanitizer sees a read behind it.
    const Bytes part = whole.slice(0, size).copy();
    Choice value;
    if (!protobuf::decode(part, value).ok()) continue;
    ++read;
    CHECK(protobuf::encode(value).flatten() == part);
  }
  CHECK(read == 4);  // nothing, and behind each of the first three fields
  const Bytes deep = nodes(5);
  for (std::size_t size = 1; size < deep.size(); ++size)
    CHECK(!decoded<Node>(deep.slice(0, size).copy()).ok());
}

TEST_CASE("after an error in a part nothing of what follows it is read") {
  Node node{.value = 0, .next = {}, .children = {}};
  CHECK_FALSE(protobuf::decode(from_hex("12 02 08 80 1a 02 08 01 08 07"), node).ok());
  CHECK(node.value == 0);
  CHECK(node.children.empty());
}
