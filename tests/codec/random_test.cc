// Values at random: they survive the round trip, and their bytes, broken at random, never do harm.
#include "random.h"

#include <doctest/doctest.h>

#include <weft/codec/compact.h>

#include "broken.h"
#include "hex.h"
#include "kinds.h"

using namespace weft;
using namespace kinds;

namespace {

template <class T>
void survive(Random& random) {
  const T value = random.make<T>();
  const Chain chain = compact::encode(value);
  T read{};
  Status status = compact::decode(chain, read);
  CHECK_MESSAGE(status.ok(), status.to_string());
  // A Box that is null in a union comes back empty: equal bytes are asked for there.
  CHECK((equal(read, value) || to_hex(compact::encode(read)) == to_hex(chain)));
  CHECK(to_hex(compact::encode(read)) == to_hex(chain));

  // Broken: bytes changed, inserted, cut off.
  std::string bytes = chain.flatten().str();
  for (int round = 0; round < 20; ++round) {
    T other{};
    if (compact::decode(Bytes{broken(bytes, random)}, other).ok()) {
      T again{};
      CHECK(compact::decode(compact::encode(other), again).ok());
    }
  }
}

}  // namespace

TEST_CASE("random values survive the round trip, and broken bytes do no harm") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    Random random{seed};
    survive<Scalars>(random);
    survive<Optionals>(random);
    survive<Containers>(random);
    survive<Node>(random);
    survive<Pick>(random);
    survive<Strict>(random);
    survive<MixedIds>(random);
  }
}
