// Weft's compact protocol against Apache's: random values of every type of kitchen.thrift go from one to the
// other and back, and both write the same bytes.
#include <doctest/doctest.h>

#include <weft/codec/compact.h>

#include "apache_oracle.h"
#include "kitchen.weft.h"
#include "random_value.h"

namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

template <class T>
void agree(std::string_view type, int rounds) {
  interop::RandomValue random{20260731};
  for (int round = 0; round < rounds; ++round) {
    const T value = random.make<T>();
    const std::string bytes = weft::compact::encode(value).flatten().str();
    const std::string back = interop::through_apache(type, bytes);
    T read{};
    const weft::Status status = weft::compact::decode(weft::Bytes{back}, read);
    REQUIRE_MESSAGE(status.ok(), status.to_string() << " in round " << round << ": " << hex(back));
    REQUIRE_MESSAGE(weft::equal(read, value), "round " << round << ": " << hex(bytes));
    REQUIRE_MESSAGE(bytes == back, "round " << round << ":\n  " << hex(bytes) << "\n  " << hex(back));
  }
}

}  // namespace

#define AGREE(type) agree<weft_kitchen::type>(#type, 400)

TEST_CASE("small structs, whatever the order and size of their ids") {
  AGREE(Empty);
  AGREE(Later);
  AGREE(Point);
  AGREE(Gaps);
  AGREE(NoIds);
  AGREE(MixedIds);
  AGREE(Scrambled);
  AGREE(Req);
  AGREE(Awkward);
  AGREE(shared::Item);
}
TEST_CASE("every kind of field, plain and optional") {
  AGREE(Every);
  AGREE(Optionals);
}
TEST_CASE("unions") { AGREE(Pick); }
TEST_CASE("recursive types") {
  AGREE(Tree);
  AGREE(Chain);
  AGREE(Ping);
  AGREE(Pong);
}
TEST_CASE("nested containers, and structs as keys") { AGREE(Nest); }
TEST_CASE("types of two files with the same name") { AGREE(Item); }
TEST_CASE("exceptions") {
  AGREE(NotFound);
  AGREE(Denied);
  AGREE(shared::Trouble);
}
TEST_CASE("fields with defaults, set and as they are") {
  AGREE(Defaults);
  const std::string bytes = weft::compact::encode(weft_kitchen::Defaults{}).flatten().str();
  CHECK(hex(interop::through_apache("Defaults", bytes)) == hex(bytes));
  // Both fill in the same defaults for what is not on the wire.
  CHECK(hex(interop::through_apache("Defaults", std::string(1, '\0'))) == hex(bytes));
}
