// Messages at random: they survive the round trip, and their bytes, broken at random, never do harm.
#include <doctest/doctest.h>

#include <weft/codec/protobuf.h>

#include "broken.h"
#include "hex.h"
#include "messages.h"
#include "random.h"

using namespace weft;
using namespace messages;

namespace {

template <class T>
void survive(Random& random) {
  const T value = random.make<T>();
  const Chain chain = protobuf::encode(value);
  T read{};
  const Status status = protobuf::decode(chain, read);
  CHECK_MESSAGE(status.ok(), status.to_string());
  CHECK(to_hex(protobuf::encode(read)) == to_hex(chain));
  const std::string bytes = chain.flatten().str();
  for (int round = 0; round < 20; ++round) {
    T other{};
    if (!protobuf::decode(Bytes{broken(bytes, random)}, other).ok()) continue;
    const Chain once = protobuf::encode(other);
    T again{};
    CHECK(protobuf::decode(once, again).ok());
    CHECK(to_hex(protobuf::encode(again)) == to_hex(once));
  }
}

}  // namespace

TEST_CASE("random messages survive the round trip, and broken bytes do no harm") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    Random random{seed, true};
    survive<Scalars>(random);
    survive<Optionals>(random);
    survive<Repeated>(random);
    survive<Maps>(random);
    survive<Choice>(random);
    survive<Node>(random);
    Old old = random.make<Old>();
    CHECK(protobuf::decode<Old>(protobuf::encode(old)).ok());
    survive<Old>(random);
  }
}
