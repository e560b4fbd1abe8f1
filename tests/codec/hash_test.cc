#include <algorithm>
#include <set>
#include <unordered_set>

#include <doctest/doctest.h>

#include <weft/codec/hash.h>

#include "kinds.h"

using namespace weft;
using namespace kinds;

namespace {

/// How many different hashes the values have.
template <class T>
std::size_t hashes(const std::vector<T>& values) {
  std::set<std::size_t> set;
  for (const T& value : values) set.insert(hash<T>(value));
  return set.size();
}

}  // namespace

TEST_CASE("values that differ in one place have different hashes") {
  CHECK(hashes<Point>({{0, 0}, {0, 1}, {1, 0}, {1, 1}, {-1, 0}}) == 5);
  CHECK(hashes<Optionals>({{}, {.i32 = 0}, {.i32 = 1}, {.yes = false}, {.yes = true}}) == 5);
  CHECK(hashes<Pick>({Pick{}, Pick{Pick::Number{0}}, Pick{Pick::Number{1}}, Pick{Pick::Text{"1"}},
                      Pick{Pick::Flag{false}}, Pick{Pick::Again{}}, Pick{Pick::Again{Pick{}}}}) == 7);
  CHECK(hashes<Node>(
            {{}, {.children = {{}}}, {.next = Node{}}, {.next = Node{.next = Node{}}}, {.value = 1}}) == 5);
  CHECK(hashes<std::vector<bool>>({{}, {false}, {false, false}, {true, false}, {false, true}}) == 5);
  CHECK(hashes<Bytes>({"", "a", "b", "aa"}) == 4);
  CHECK(hashes<Uuid>({Uuid{}, Uuid{{1}}, Uuid{{0, 1}}}) == 3);
}

TEST_CASE("equal values have one hash, however they came about") {
  CHECK(hash(Bytes::of_static("abc")) == hash(Bytes{"abc"}));
  std::vector<std::int32_t> roomy{1, 2, 3};
  roomy.reserve(100);
  CHECK(hash(roomy) == hash(std::vector<std::int32_t>{1, 2, 3}));
  CHECK(hash(Node{.next = Node{}}) == hash(Node{.next = Node{}}));
}

TEST_CASE("hashes of a grid of points spread over the buckets of a table") {
  std::vector<std::size_t> buckets(1024);
  for (std::int32_t x = 0; x < 64; ++x)
    for (std::int32_t y = 0; y < 64; ++y) ++buckets[hash(Point{x * 1024, y * 1024}) % buckets.size()];
  CHECK(*std::max_element(buckets.begin(), buckets.end()) < 20);  // 4 on average
}

TEST_CASE("generated types are keys of unordered containers") {
  std::unordered_set<Pick, Hash> set{Pick{Pick::Number{1}}, Pick{Pick::Number{1}}, Pick{Pick::Text{"x"}}};
  CHECK(set.size() == 2);
  CHECK(set.contains(Pick{Pick::Text{"x"}}));
}

TEST_CASE("compare orders as less does") {
  CHECK(compare(Point{1, 2}, Point{1, 3}) == std::strong_ordering::less);
  CHECK(compare(Point{1, 2}, Point{1, 2}) == std::strong_ordering::equal);
  CHECK(compare(Pick{Pick::Text{"b"}}, Pick{Pick::Text{"a"}}) == std::strong_ordering::greater);
}
