#include <initializer_list>
#include <string>

#include <doctest/doctest.h>

#include "../../examples/kv/shard.h"

using kv::Shard;

namespace {

std::string keys(const Shard& shard, const kv::Range& range) {
  std::string keys;
  for (const kv::Entry& entry : shard.scan(range)) keys += entry.key.str() + " ";
  return keys;
}

Shard with_keys(std::initializer_list<const char*> keys) {
  Shard shard;
  for (const char* key : keys) shard.put(key, "value");
  return shard;
}

}  // namespace

TEST_CASE("a key has the value that was put last") {
  Shard shard;
  shard.put("a", "1");
  shard.put("a", "2");
  auto value = shard.get("a");
  REQUIRE(value);
  CHECK(value->view() == "2");
}

TEST_CASE("a value that was read stays what it was") {
  Shard shard;
  shard.put("a", "1");
  auto before = shard.get("a");
  shard.put("a", "2");
  CHECK(shard.remove("a").ok());
  REQUIRE(before);
  CHECK(before->view() == "1");
}

TEST_CASE("a key that is not there is named by the declared exception") {
  Shard shard;
  auto value = shard.get("nobody");
  REQUIRE(!value);
  REQUIRE(value.status().get_if<kv::NotFound>());
  CHECK(value.status().get_if<kv::NotFound>()->key.view() == "nobody");

  auto removed = shard.remove("nobody");
  CHECK(removed.get_if<kv::NotFound>());
}

TEST_CASE("keys and values are bytes: nothing in them is special") {
  Shard shard;
  std::string key("\0\xff\n", 3), other("\0", 1);
  shard.put(key, other);
  shard.put(other, "");
  CHECK(shard.get(key)->view() == other);
  CHECK(shard.get(other)->view() == "");
}

TEST_CASE("a swap happens where the value is the expected one") {
  Shard shard;
  CHECK(shard.compare_and_swap(kv::Swap{.key = "a", .expected = {}, .value = "1"}).ok());
  CHECK(shard.compare_and_swap(kv::Swap{.key = "a", .expected = "1", .value = "2"}).ok());
  CHECK(shard.get("a")->view() == "2");
}

TEST_CASE("a swap elsewhere changes nothing and tells the actual value") {
  Shard shard = with_keys({"a"});
  for (bool expects_another : {false, true}) {
    kv::Swap swap{.key = "a", .value = "2"};
    if (expects_another) swap.expected = "other";
    auto swapped = shard.compare_and_swap(swap);
    REQUIRE(swapped.get_if<kv::Mismatch>());
    CHECK(swapped.get_if<kv::Mismatch>()->actual == weft::Bytes("value"));
  }
  CHECK(shard.get("a")->view() == "value");

  auto absent = shard.compare_and_swap(kv::Swap{.key = "b", .expected = "value", .value = "2"});
  REQUIRE(absent.get_if<kv::Mismatch>());
  CHECK(!absent.get_if<kv::Mismatch>()->actual);
  CHECK(!shard.get("b"));
}

TEST_CASE("a scan gives keys in order, from the first one that is not below its start") {
  Shard shard = with_keys({"c", "a", "b", "ba"});
  CHECK(keys(shard, {}) == "a b ba c ");
  CHECK(keys(shard, {.from = "b"}) == "b ba c ");
  CHECK(keys(shard, {.from = "aa"}) == "b ba c ");
  CHECK(keys(shard, {.from = "d"}) == "");
}

TEST_CASE("a scan ends before `to`, after its limit, and where the prefix ends") {
  Shard shard = with_keys({"a", "b", "b1", "b2", "c"});
  CHECK(keys(shard, {.to = "b1"}) == "a b ");
  CHECK(keys(shard, {.limit = 2}) == "a b ");
  CHECK(keys(shard, {.limit = 0}) == "");
  CHECK(keys(shard, {.limit = -1}) == "");
  CHECK(keys(shard, {.prefix = "b"}) == "b b1 b2 ");
  CHECK(keys(shard, {.from = "b1", .prefix = "b"}) == "b1 b2 ");
  CHECK(keys(shard, {.to = "b2", .prefix = "b"}) == "b b1 ");
  CHECK(keys(shard, {.from = "c", .prefix = "b"}) == "");
  CHECK(keys(shard, {.from = "z", .to = "a"}) == "");
}

TEST_CASE("a shard knows the size of its keys and values") {
  Shard shard = with_keys({"a", "bb"});
  CHECK(shard.bytes() == 13);
  shard.put("a", "longer value");
  CHECK(shard.bytes() == 20);
  shard.put("a", "");
  CHECK(shard.bytes() == 8);
  CHECK(shard.remove("bb").ok());
  CHECK(shard.remove("bb").get_if<kv::NotFound>());
  CHECK(shard.bytes() == 1);
}
