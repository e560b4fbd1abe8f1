// Protoc's classes through Weft's memory: the same bytes as libprotobuf's own, read from slices and written
// into blocks, and what peers must not be able to do.
#include <google/protobuf/stubs/logging.h>

#include <doctest/doctest.h>

#include <weft/codec/adapt_protobuf.h>
#include <weft/runtime/memory.h>

#include "hex.h"
#include "wire2.pb.h"
#include "wire3.pb.h"

using namespace weft;

namespace {

oracle::Repeated some() {
  oracle::Repeated value;
  for (int number = 0; number < 300; ++number) value.add_i32(number * number);
  value.add_text(std::string(5000, 't'));
  value.add_point()->set_x(-1);
  return value;
}

/// The same bytes in slices of that many.
Chain sliced(std::string_view text, std::size_t size) {
  Chain chain;
  for (; !text.empty(); text.remove_prefix(std::min(size, text.size())))
    chain.append(Bytes(text.substr(0, size)));
  return chain;
}

oracle::Choice nested(int levels) {
  oracle::Choice choice;
  oracle::Choice* inner = &choice;
  for (; levels > 1; --levels) inner = inner->mutable_again();
  inner->set_flag(true);
  return choice;
}

/// Blocks that this thread's arenas and messages hold.
std::int64_t live_blocks() {
  std::int64_t live = 0;
  for (const auto& blocks : memory_counters().blocks) live += blocks.live;
  return live;
}

}  // namespace

TEST_CASE("protoc's messages travel as libprotobuf writes and reads them") {
  const oracle::Repeated value = some();
  const std::string bytes = value.SerializeAsString();
  CHECK(protobuf::encode(value).flatten().view() == bytes);
  for (const std::size_t size : {bytes.size(), std::size_t{1}, std::size_t{7}, std::size_t{1000}}) {
    oracle::Repeated back;
    back.add_i32(1);  // is replaced
    CHECK(protobuf::decode(sliced(bytes, size), back).ok());
    CHECK(back.SerializeAsString() == bytes);
  }
  CHECK(protobuf::encode(oracle::Nothing{}).empty());
  CHECK(protobuf::decode<oracle::Nothing>(Chain{}).ok());
}

TEST_CASE("a large message leaves in several blocks, none of them copied again") {
  oracle::Repeated value;
  for (int piece = 0; piece < 50; ++piece)
    value.add_text(std::string(10'000, static_cast<char>('a' + piece % 26)));
  const Chain chain = protobuf::encode(value);
  CHECK(chain.count() > 5);
  CHECK(chain.flatten().view() == value.SerializeAsString());
  oracle::Repeated back;
  CHECK(protobuf::decode(chain, back).ok());
  CHECK(back.text_size() == 50);
}

TEST_CASE("what is cut off or broken is refused as libprotobuf refuses it, in one slice and in many") {
  const google::protobuf::LogSilencer quiet;
  const std::string bytes = some().SerializeAsString();
  std::size_t refused = 0;
  for (std::size_t size = 0; size < bytes.size(); size += size < 700 ? 1 : 97) {
    const std::string cut = bytes.substr(0, size);
    oracle::Repeated theirs, whole, pieces;
    const bool right = theirs.ParseFromString(cut);
    CHECK(protobuf::decode(Bytes(cut), whole).ok() == right);
    CHECK(protobuf::decode(sliced(cut, 3), pieces).ok() == right);
    refused += !right;
  }
  CHECK(refused > 100);
  for (const char* hex : {"00", "07", "0c", "0a", "ffffffffffffffffffffff01", "8280808010", "420180"}) {
    const Status status = protobuf::decode<oracle::Repeated>(from_hex(hex)).status();
    CHECK_MESSAGE(status.code() == Code::invalid_argument, hex);
    CHECK(status.message() == "oracle.Repeated is malformed, or nested more than 101 levels deep");
  }
}

TEST_CASE("an outermost message and 100 in it are read, 101 are refused, and fewer where that is asked") {
  const Chain most = protobuf::encode(nested(101)), more = protobuf::encode(nested(102));
  for (const bool in_slices : {false, true}) {
    const auto bytes = [&](const Chain& chain) {
      return in_slices ? sliced(chain.flatten().view(), 5) : chain;
    };
    CHECK(protobuf::decode<oracle::Choice>(bytes(most)).ok());
    CHECK_FALSE(protobuf::decode<oracle::Choice>(bytes(more)).ok());
    oracle::Choice value;
    CHECK(protobuf::decode(bytes(protobuf::encode(nested(4))), value, {.depth = 4}).ok());
    CHECK_FALSE(protobuf::decode(bytes(protobuf::encode(nested(5))), value, {.depth = 4}).ok());
    CHECK_FALSE(protobuf::decode(bytes(protobuf::encode(nested(1))), value, {.depth = 0}).ok());
  }
}

TEST_CASE("required fields that are missing are named, by whoever reads") {
  oracle::Old old;
  old.add_item()->set_name("a");
  const Chain bytes = protobuf::encode(old);
  const Status status = protobuf::decode<oracle::Old>(bytes).status();
  CHECK(status.code() == Code::invalid_argument);
  CHECK(status.message() == "oracle.Old without its required fields: id, item[0].shade");
  oracle::Old back;
  const Status argument = protobuf::decode_arguments(bytes, back),
               result = protobuf::decode_result(bytes, back);
  CHECK(argument.code() == Code::internal);
  CHECK(argument.fault() == Fault::caller);
  CHECK(result.code() == Code::internal);
  CHECK(result.fault() == Fault::peer);
}

TEST_CASE("messages made of one another share an arena, which goes with the last of them") {
  const std::int64_t before = live_blocks();
  OnArena<oracle::Point> kept;
  {
    OnArena<oracle::Choice> request;
    CHECK(protobuf::decode(protobuf::encode(nested(3)), request).ok());
    CHECK(request->again().again().flag());
    CHECK(request->GetArena() == &request.arena());
    auto reply = request.make<oracle::Point>();
    CHECK(&reply.arena() == &request.arena());
    reply->set_x(5);
    kept = std::move(reply);
    CHECK(live_blocks() > before);
  }
  CHECK(kept->x() == 5);
  CHECK(protobuf::encode(kept).flatten().view() == kept->SerializeAsString());
  {
    const OnArena<oracle::Point> dropped = std::move(kept);
  }
  CHECK(live_blocks() == before);
}

TEST_CASE("an arena's memory comes from the thread's lists and goes back there") {
  const std::string bytes = some().SerializeAsString();
  const std::int64_t before = live_blocks();
  for (int round = 0; round < 20; ++round) {
    OnArena<oracle::Repeated> request;
    CHECK(protobuf::decode(Bytes(bytes), request).ok());
    auto reply = request.make<oracle::Repeated>();
    for (int number = 0; number < 20'000; ++number) reply->add_i32(number);
    CHECK(live_blocks() > before);
  }
  CHECK(live_blocks() == before);
}
