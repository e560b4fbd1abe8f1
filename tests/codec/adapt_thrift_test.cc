// Classes of the thrift compiler through Weft's memory: the same bytes as Apache's own, and what peers must
// not be able to do to code that does not look.
#include <doctest/doctest.h>
#include <thrift/transport/TBufferTransports.h>

#include <weft/codec/adapt_thrift.h>

#include "depot_types.h"
#include "hex.h"

using namespace weft;
using namespace adapted::depot;
using adapted::base::Color;

namespace {

Item item(std::string name) {
  Item item;
  item.name = std::move(name);
  item.__set_count(-5);
  item.colors = {{"a", Color::RED}, {"b", Color::BLUE}};
  item.sizes = {1, -300, 30000};
  item.blob = std::string(5000, '\0');
  item.fragile = true;
  item.weight = -0.5;
  item.prices = {INT64_MAX, INT64_MIN, 0};
  return item;
}

Item nested(int levels) {
  Item outer = item("leaf");
  for (; levels > 1; --levels) {
    Item next;
    next.name = "node";
    next.parts.push_back(std::move(outer));
    outer = std::move(next);
  }
  return outer;
}

std::string by_apache(const Item& value) {
  using namespace ::apache::thrift;
  auto memory = std::make_shared<transport::TMemoryBuffer>();
  protocol::TCompactProtocolT<transport::TMemoryBuffer> out{memory};
  value.write(&out);
  return memory->getBufferAsString();
}

Chain sliced(std::string_view text, std::size_t size) {
  Chain chain;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
    chain.append(Bytes(text.substr(0, size)));
  return chain;
}

Status decoded(std::string_view hex, const DecodeLimits& limits = {}) {
  Item value;
  return libthrift::decode(from_hex(hex), value, limits);
}

}  // namespace

TEST_CASE("Apache's structs travel as Apache writes and reads them") {
  Item value = nested(3);
  value.parts.push_back(item("second"));
  const std::string bytes = by_apache(value);
  CHECK(libthrift::encode(value).flatten().view() == bytes);
  for (const std::size_t size : {bytes.size(), std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    const auto back = libthrift::decode<Item>(sliced(bytes, size));
    REQUIRE_MESSAGE(back.ok(), back.status().to_string());
    CHECK(*back == value);
  }
}

TEST_CASE("a large struct leaves in several blocks") {
  Item value = item("large");
  value.blob = std::string(300'000, 'x');
  const Chain chain = libthrift::encode(value);
  CHECK(chain.count() > 4);
  CHECK(chain.flatten().view() == by_apache(value));
  const auto back = libthrift::decode<Item>(chain);
  CHECK(back.ok());
}

TEST_CASE("what is cut off is refused with the place, and nothing is thrown") {
  const std::string bytes = by_apache(nested(2));
  for (std::size_t size = 0; size < bytes.size(); size += size < 300 ? 1 : 97) {
    Item whole, pieces;
    const Status status = libthrift::decode(Bytes(bytes.substr(0, size)), whole);
    CHECK(status.code() == Code::invalid_argument);
    CHECK(status.message().find(" at byte ") != std::string_view::npos);
    CHECK_FALSE(libthrift::decode(sliced(bytes.substr(0, size), 3), pieces).ok());
  }
}

TEST_CASE("structs nest 64 levels deep, or as deep as the limit says, and no deeper") {
  CHECK(libthrift::decode<Item>(libthrift::encode(nested(64))).ok());
  CHECK(libthrift::decode<Item>(libthrift::encode(nested(65))).status().code() == Code::resource_exhausted);
  Item value;
  CHECK(libthrift::decode(libthrift::encode(nested(4)), value, {.depth = 4}).ok());
  CHECK_FALSE(libthrift::decode(libthrift::encode(nested(5)), value, {.depth = 4}).ok());
  // In a field that nobody knows: lists of lists.
  std::string lists = "1801 61 e9";
  for (int level = 0; level < 100'000; ++level) lists += "19";
  CHECK(decoded(lists).code() == Code::resource_exhausted);
}

TEST_CASE("a container cannot say that it has more than the message holds, or may take") {
  // A million structs of nothing; bytes by bytes; elements without a type, which take no byte to skip.
  CHECK(decoded("1801 61 29 fc c0843d").message().find("container larger than the message") == 0);
  CHECK(decoded("1801 61 3b c0843d 85").message().find("container larger than the message") == 0);
  CHECK(decoded("1801 61 e9 f0 c0843d").message().find("container of elements without a type") == 0);
  // 2^31 - 1 of them, and -1.
  CHECK(decoded("1801 61 29 fcffffffff07").code() == Code::resource_exhausted);
  CHECK(decoded("1801 61 3b ffffffff07 85").code() == Code::resource_exhausted);
  CHECK(decoded("1801 61 29 fcffffffff0f").code() == Code::invalid_argument);
  // Structs of nothing that are there, and take 128 bytes each.
  std::string many = "1801 61 29 fc 8008";
  for (int count = 0; count < 1024; ++count) many += "00";
  CHECK(decoded(many + "00", {.element_memory = 1024 * 127}).code() == Code::resource_exhausted);
  // Skipped, they take nothing.
  many.replace(8, 2, "e9");
  CHECK(decoded(many + "00", {.element_memory = 1024}).ok());
  // Bytes where structs are expected: Apache makes room for structs.
  CHECK(decoded("1801 61 29 f3 21" + std::string(66, '0'), {.element_memory = 1024}).code() ==
        Code::resource_exhausted);
  CHECK(decoded("1801 61 48 ffffffff07 61").message().find("text larger than the message") == 0);
}

TEST_CASE("what is wrong is an error of its own") {
  CHECK(decoded("00").code() == Code::invalid_argument);                        // no name, which is required
  CHECK(decoded("1801 61 2d 00").message().find("don't know what type") == 0);  // type 13
  CHECK(decoded("1801 61 05 80808080808080808080 01 00").code() == Code::invalid_argument);
  CHECK(decoded("1801 61 00").ok());
}

TEST_CASE("arguments and results are checked as Weft checks its own") {
  std::map<std::string, std::vector<Item>> others{{"a", {item("b")}}};
  std::vector<bool> flags{true, false};
  std::set<Color::type> colors{Color::BLUE};
  double real = 1.5;
  const Chain bytes = libthrift::encode_arguments(argument<1>(others), argument<2>(flags),
                                                  argument<3>(colors), argument<20>(real));
  std::map<std::string, std::vector<Item>> others_back;
  std::vector<bool> flags_back;
  std::set<Color::type> colors_back;
  double real_back = 0;
  const Status status = libthrift::decode_arguments(bytes, argument<1>(others_back), argument<2>(flags_back),
                                                    argument<3>(colors_back), argument<20>(real_back));
  CHECK_MESSAGE(status.ok(), status.to_string());
  CHECK(others_back == others);
  CHECK(flags_back == flags);
  CHECK(colors_back == colors);
  CHECK(real_back == 1.5);
  // Of another type they are skipped; elements of another type are refused, which Apache misreads.
  std::int32_t number = 7;
  CHECK(libthrift::decode_arguments(bytes, argument<20>(number)).ok());
  CHECK(number == 7);
  std::vector<std::int32_t> numbers;
  const Status wrong = libthrift::decode_arguments(bytes, argument<2>(numbers));
  CHECK(wrong.message().find("elements of another type") != std::string_view::npos);
  CHECK(from_status(wrong).type == ApplicationException::protocol_error);

  std::optional<Item> success;
  std::optional<NotFound> missing;
  CHECK(libthrift::decode_result(from_hex("00"), argument<0>(success), argument<1>(missing)).ok());
  CHECK_FALSE(success);
  NotFound thrown;
  thrown.text = "x";
  CHECK(libthrift::decode_result(libthrift::encode_result(argument<1>(thrown)), argument<0>(success),
                                 argument<1>(missing))
            .ok());
  CHECK_FALSE(success);
  CHECK(missing->text == "x");
  const Status broken = libthrift::decode_result(from_hex("0c00"), argument<0>(success));
  CHECK(broken.code() == Code::internal);
  CHECK(broken.fault() == Fault::peer);
}

TEST_CASE("a declared exception is a Status that has it, and a failure is what Apache would have thrown") {
  Full full;
  full.left = 3;
  const Status status = libthrift::as_status(full);
  REQUIRE(status.get_if<Full>());
  CHECK(status.get_if<Full>()->left == 3);
  using ::apache::thrift::TApplicationException;
  CHECK(libthrift::as_exception(unimplemented("no")).getType() == TApplicationException::UNKNOWN_METHOD);
  const Status answered =
      to_status({.message = "bad", .type = ApplicationException::protocol_error, .code = {}});
  CHECK(libthrift::as_exception(answered).getType() == TApplicationException::PROTOCOL_ERROR);
  CHECK(libthrift::as_exception(answered).what() == std::string_view("bad"));
}

TEST_CASE("a value that nests deeper than readers allow is written, and refused by them") {
  const Chain bytes = libthrift::encode(nested(500));
  Item value;
  CHECK(libthrift::decode(bytes, value, {.depth = 500}).ok());
  CHECK(libthrift::decode(bytes, value).code() == Code::resource_exhausted);
}
