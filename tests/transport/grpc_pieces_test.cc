// What gRPC writes into header fields and before messages, as tables.
#include <doctest/doctest.h>

#include <weft/runtime/random.h>

#include "grpc/codes.h"
#include "grpc/compression.h"
#include "grpc/fields.h"
#include "grpc/messages.h"
#include "grpc/response.h"
#include "grpc/text.h"
#include "grpc/timeout.h"
#include "http2/flood.h"

using namespace weft;
using namespace weft::detail::grpc;

TEST_CASE("a grpc-timeout has up to eight digits and a unit, and saturates") {
  struct {
    const char* text;
    std::optional<Duration> value;
  } table[] = {{"1n", 1ns},
               {"1u", 1us},
               {"1m", 1ms},
               {"1S", 1s},
               {"1M", 60s},
               {"1H", 3600s},
               {"0S", 0s},
               {"00000010S", 10s},
               {"99999999n", 99'999'999ns},
               {"99999999H", Duration::max()},
               {"2562047H", std::chrono::hours(2562047)},
               {"2562048H", Duration::max()},
               {"", {}},
               {"S", {}},
               {"1", {}},
               {"1s", {}},
               {"1h", {}},
               {"-1S", {}},
               {"+1S", {}},
               {" 1S", {}},
               {"1 S", {}},
               {"1.5S", {}},
               {"0x1S", {}},
               {"100000000S", {}},
               {"1SS", {}}};
  for (const auto& row : table) {
    CAPTURE(row.text);
    CHECK(parse_timeout(row.text) == row.value);
  }
}

TEST_CASE("what is left of a deadline is rounded up, and never becomes zero") {
  struct {
    Duration left;
    const char* text;
  } table[] = {{1ns, "1n"},
               {-5s, "1n"},
               {99'999'999ns, "99999999n"},
               {100'000'000ns, "100000u"},
               {100'000'001ns, "100001u"},
               {99'999'999us, "99999999u"},
               {100s, "100000m"},
               {std::chrono::hours(24 * 365), "31536000S"},
               {std::chrono::hours(24 * 365 * 10), "5256000M"},
               {Duration::max(), "153722868M"}};
  for (const auto& row : table) {
    std::string text = format_timeout(row.left);
    CHECK(text.size() <= 9);
    CHECK(parse_timeout(text).value() >= row.left);
    if (row.left < Duration::max()) CHECK(text == row.text);
  }
}

TEST_CASE("messages are percent-encoded, and decoded whatever they are") {
  std::string all = "\t\r\n plain ~ %41 \xc3\xbc \xf0\x9f\x98\x80";
  CHECK(percent_encode("a%\n\xc3\xbc") == "a%25%0A%C3%BC");
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(is_plain("text"));
  CHECK(!is_plain("50%"));
  struct {
    const char *text, *message;
  } lenient[] = {{"%zz", "%zz"},
                 {"%4", "%4"},
                 {"%", "%"},
                 {"a%c3%BCb",
                  "a\xc3\xbc"
                  "b"},
                 {"", ""},
                 {"%%41", "%A"},
                 {"%FF", "\xef\xbf\xbd"},
                 {"%C3", "\xef\xbf\xbd"},
                 {"%ED%A0%80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}};
  for (const auto& row : lenient) {
    CAPTURE(row.text);
    CHECK(percent_decode(row.text) == row.message);
  }
}

TEST_CASE("base64 is sent without padding and taken with or without") {
  struct {
    std::string bytes;
    const char *text, *padded;
  } table[] = {{"", "", ""},
               {std::string("\0", 1), "AA", "AA=="},
               {std::string("\0\1", 2), "AAE", "AAE="},
               {"\xff", "/w", "/w=="},
               {"abc", "YWJj", "YWJj"},
               {"\xfb\xff", "+/8", "+/8="}};
  for (const auto& row : table) {
    CHECK(base64_encode(row.bytes) == row.text);
    CHECK(base64_decode(row.text) == row.bytes);
    CHECK(base64_decode(row.padded) == row.bytes);
  }
  for (const char* broken : {"A", "A===", "_-8", "YW Jj", "YWJj=", "=", "===="}) {
    CAPTURE(broken);
    CHECK(!base64_decode(broken));
  }
}

TEST_CASE("binary metadata is split at commas before it is decoded, and reserved names are nobody's") {
  Metadata metadata;
  add_field(metadata, "x-bin", "AAE,/w");
  add_field(metadata, "y-bin", "!!, AA== ,");
  add_field(metadata, "plain", " a,b ");
  for (const char* name : {"grpc-foo", "grpc-timeout", "te", "content-type", ":path", "host", "user-agent"})
    add_field(metadata, name, "x");
  std::vector<Metadata::Entry> entries{metadata.begin(), metadata.end()};
  CHECK(entries == std::vector<Metadata::Entry>{{"x-bin", std::string("\0\1", 2)},
                                                {"x-bin", "\xff"},
                                                {"y-bin", std::string("\0", 1)},
                                                {"y-bin", ""},
                                                {"plain", "a,b"}});
}

TEST_CASE("only what gRPC allows is sent as metadata") {
  FieldList fields;
  CHECK(fields.add(Metadata::Entry{"good.name_1-x", "value ~"}));
  CHECK(fields.add(Metadata::Entry{"any-bin", std::string("\0\n", 2)}));
  CHECK(fields.add(Metadata::Entry{"grpc-status-details-bin", "x"}));
  for (const auto& [name, value] :
       {Metadata::Entry{"Upper", "x"}, Metadata::Entry{"sp ace", "x"}, Metadata::Entry{"", "x"},
        Metadata::Entry{"grpc-x", "x"}, Metadata::Entry{":path", "x"}, Metadata::Entry{"new", "a\nb"},
        Metadata::Entry{"umlaut", "\xc3\xbc"}})
    CHECK(!fields.add(Metadata::Entry{name, value}));
  std::span<const detail::http2::Field> all = fields;
  CHECK(all.size() == 3);
  CHECK(all[1].value == "AAo");
}

TEST_CASE("messages are found however the data is cut") {
  std::string wire;
  std::vector<std::string> sent{"", "a", std::string(300, 'b'), "", std::string(70'000, 'c')};
  for (const std::string& payload : sent) {
    std::string prefix(prefix_size, '\0');
    put_prefix(reinterpret_cast<std::uint8_t*>(prefix.data()), payload == "a", payload.size());
    wire += prefix + payload;
  }
  Random random{7};
  for (std::size_t piece_max : {1u, 2u, 5u, 100u, 16'384u, 1'000'000u}) {
    MessageReader reader{100'000};
    std::vector<std::string> got;
    detail::grpc::Message message;
    for (std::size_t at = 0; at < wire.size();) {
      std::size_t size =
          std::min<std::size_t>(wire.size() - at, 1 + random.below(static_cast<std::uint32_t>(piece_max)));
      reader.feed(Bytes(std::string_view(wire).substr(at, size)));
      at += size;
      while (reader.next(message) == MessageReader::Found::message) {
        CHECK(message.compressed == (message.payload.view() == "a"));
        got.push_back(message.payload.str());
      }
    }
    CHECK(got == sent);
    CHECK(!reader.in_message());
  }
}

TEST_CASE("a message is judged by its prefix") {
  auto status_of = [](std::string_view prefix, std::size_t max) {
    MessageReader reader{max};
    reader.feed(Bytes(prefix));
    detail::grpc::Message message;
    return reader.next(message) == MessageReader::Found::error ? reader.status().code() : Code::ok;
  };
  using namespace std::string_view_literals;
  CHECK(status_of("\0\0\0\0\5"sv, 5) == Code::ok);
  CHECK(status_of("\0\0\0\0\6"sv, 5) == Code::resource_exhausted);
  CHECK(status_of("\0\xff\xff\xff\xff"sv, 5) == Code::resource_exhausted);
  CHECK(status_of("\2\0\0\0\0"sv, 5) == Code::internal);
  CHECK(status_of("\xff\0\0\0\0"sv, 5) == Code::internal);
  CHECK(status_of("\0\0\0\0"sv, 5) == Code::ok);
}

TEST_CASE("what is compressed comes back, and not more of it than allowed") {
  std::string text(100'000, 'z');
  Chain chain{Bytes("head")};
  chain.append(Bytes(text));
  for (Compression compression : {Compression::gzip, Compression::deflate}) {
    Bytes small = compress(compression, chain);
    CHECK(small.size() < 1000);
    auto back = decompress(compression, small, 100'004);
    REQUIRE(back);
    CHECK(back->view() == "head" + text);
    CHECK(decompress(compression, small, 100'003).status().code() == Code::resource_exhausted);
    CHECK(decompress(compression, small.slice(0, small.size() - 1), 200'000).status().code() ==
          Code::internal);
    CHECK(decompress(compression, Bytes(small.str() + "x"), 200'000).status().code() == Code::internal);
    CHECK(decompress(compression, Bytes("no such thing"), 200'000).status().code() == Code::internal);
    CHECK(decompress(compression, Bytes(), 200'000).status().code() == Code::internal);
    Bytes nothing = compress(compression, Chain{});
    CHECK(decompress(compression, nothing, 0)->empty());
  }
}

TEST_CASE("encodings are known by their names") {
  CHECK(compression_of("gzip") == Compression::gzip);
  CHECK(compression_of("identity") == Compression::none);
  CHECK(!compression_of("snappy"));
  CHECK(accepts_of("identity, gzip").gzip);
  CHECK(accepts_of("deflate,snappy").deflate);
  CHECK(!accepts_of("gzip2,xgzip").gzip);
  CHECK(!accepts_of("").deflate);
}

namespace {

/// How a response of these blocks ends; `over` false: more is expected.
struct Ends {
  bool over;
  Code code;
  std::string message;
};
Ends ends(const std::vector<std::vector<std::pair<std::string, std::string>>>& blocks,
          bool last_ends = true) {
  Response response{8192};
  for (std::size_t index = 0; index < blocks.size(); ++index) {
    for (const auto& [name, value] : blocks[index]) response.field(name, value);
    bool end = last_ends && index + 1 == blocks.size();
    if (response.block(end) == Response::Block::over) {
      Status status = response.status();
      return {true, status.code(), std::string(status.message())};
    }
  }
  return {false, Code::ok, ""};
}

}  // namespace

TEST_CASE("a response's blocks say how the call ended") {
  using Block = std::vector<std::pair<std::string, std::string>>;
  const Block headers{{":status", "200"}, {"content-type", "application/grpc+proto"}};
  auto only = [](const char* http, const char* type, Block more) {
    Block block{{":status", http}};
    if (*type) block.emplace_back("content-type", type);
    block.insert(block.end(), more.begin(), more.end());
    return std::vector<Block>{block};
  };
  struct {
    std::vector<Block> blocks;
    Code code;
  } table[] = {
      {{headers, {{"grpc-status", "0"}}}, Code::ok},
      {{headers, {{"grpc-status", "5"}}}, Code::not_found},
      {{headers, {{"grpc-status", "99"}}}, Code::unknown},
      {{headers, {{"grpc-status", "x"}}}, Code::unknown},
      {{headers, {{"grpc-status", "-1"}}}, Code::unknown},
      {{headers, {{"grpc-status", ""}}}, Code::unknown},
      {{headers, {{"foo", "bar"}}}, Code::unknown},
      {{{{":status", "100"}}, headers, {{"grpc-status", "0"}}}, Code::ok},
      {only("200", "application/grpc", {{"grpc-status", "0"}}), Code::ok},
      {only("200", "application/grpc", {{"grpc-status", "7"}}), Code::permission_denied},
      {only("200", "application/grpc", {}), Code::unknown},
      {only("200", "text/html", {}), Code::unknown},
      {only("200", "text/html", {{"grpc-status", "0"}}), Code::unknown},
      {only("503", "text/html", {{"grpc-status", "5"}}), Code::not_found},
      {only("400", "", {}), Code::internal},
      {only("401", "", {}), Code::unauthenticated},
      {only("403", "", {}), Code::permission_denied},
      {only("404", "", {}), Code::unimplemented},
      {only("429", "", {}), Code::unavailable},
      {only("502", "", {}), Code::unavailable},
      {only("503", "", {}), Code::unavailable},
      {only("504", "", {}), Code::unavailable},
      {only("500", "", {}), Code::unknown},
      {only("302", "", {}), Code::unknown},
  };
  for (std::size_t row = 0; row < std::size(table); ++row) {
    CAPTURE(row);
    Ends end = ends(table[row].blocks);
    CHECK(end.over);
    CHECK(end.code == table[row].code);
  }
  CHECK(ends({{{":status", "200"}, {"content-type", "text/html"}}}, false).code == Code::unknown);
  CHECK(ends({{{":status", "502"}}}, false).code == Code::unavailable);
  CHECK(!ends({headers}, false).over);
  CHECK(ends({headers, {{"grpc-status", "5"}, {"grpc-message", "a%20b%zz"}}}).message == "a b%zz");
  CHECK(ends({headers, {{"grpc-status", "0"}, {"big", std::string(9000, 'x')}}}).code ==
        Code::resource_exhausted);
}

TEST_CASE("an allowance comes back with time") {
  Instant before = now();
  detail::http2::Allowance slow{1, 1, before};
  CHECK(slow.spend());
  CHECK(!slow.spend());  // a second has not passed
  detail::http2::Allowance fast{2, 1'000'000'000, before};
  for (int count = 0; count < 100; ++count) CHECK(fast.spend());
  detail::http2::Allowance late{3, 1, Instant{before.since_start - std::chrono::seconds(100)}};
  int spent = 0;
  while (late.spend()) ++spent;
  CHECK(spent == 6);  // and no more than a burst of what was saved up
}

TEST_CASE("an allowance is used up, and earned") {
  detail::http2::Allowance allowance{2, 0, Instant{}};
  CHECK(allowance.spend());
  CHECK(allowance.spend());
  CHECK(!allowance.spend());
  allowance.earn();
  CHECK(allowance.spend());
  CHECK(!allowance.spend());
  allowance.earn(100);
  CHECK(allowance.spend());
  CHECK(allowance.spend());
  CHECK(!allowance.spend());
}
