#include <doctest/doctest.h>

#include <weft/runtime/bytes.h>

using namespace weft;

TEST_CASE("a buffer has the room that was asked for, and a large one at most a quarter more") {
  for (std::size_t border = 64; border <= 2 << 20; border += border / 4)
    for (std::size_t size = border - 20; size < border + 20; ++size) {
      Buffer buffer{size}, other{size};
      CHECK(buffer.capacity() >= size);
      if (size > 64 << 10) CHECK(buffer.capacity() <= size + size / 4 + 64);
      // Each byte of both is its own.
      std::memset(buffer.data(), 1, buffer.capacity());
      other.data()[0] = other.data()[other.capacity() - 1] = 2;
      CHECK(buffer.data()[0] == 1);
      CHECK(buffer.data()[buffer.capacity() - 1] == 1);
    }
}

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
