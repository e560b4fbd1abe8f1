#include <doctest/doctest.h>

#include <weft/runtime/bytes.h>

using namespace weft;

TEST_CASE("a slice shares the memory of its whole and keeps it alive") {
  Bytes part;
  {
    Bytes whole{"hello world"};
    part = whole.slice(6, 5);
    CHECK(part.data() == whole.data() + 6);
  }
  CHECK(part.view() == "world");
}

TEST_CASE("a buffer that grows keeps what was written") {
  Buffer buffer{4};
  std::memcpy(buffer.data(), "abcd", 4);
  buffer.grow(100000, 4);
  CHECK(buffer.capacity() >= 100000);
  CHECK(buffer.freeze(4).view() == "abcd");
}

TEST_CASE("a chain of one slice is flattened without a copy, of several with one") {
  Bytes a{"ab"};
  Chain chain{a};
  CHECK(chain.flatten().data() == a.data());
  chain.append(Bytes{});
  chain.append(Bytes{"cd"});
  CHECK(chain.count() == 2);
  CHECK(chain.size() == 4);
  CHECK(chain.flatten().view() == "abcd");
}
