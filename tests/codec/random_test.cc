// Values at random: they survive the round trip, and their bytes, broken at random, never do harm.
#include <random>

#include <doctest/doctest.h>

#include <weft/codec/compact.h>

#include "hex.h"
#include "kinds.h"

using namespace weft;
using namespace kinds;

namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::uint64_t bits() { return engine_() >> below(64); }

  void fill(bool& value) { value = below(2) == 1; }
  void fill(double& value) { value = static_cast<double>(static_cast<std::int64_t>(bits())) / 8; }
  void fill(std::string& value) {
    for (std::uint64_t left = below(8) == 0 ? below(300) : below(20); left > 0; --left)
      value += static_cast<char>(engine_());
  }
  void fill(Bytes& value) {
    std::string text;
    fill(text);
    if (below(20) == 0) text.resize(5000, 'x');
    value = Bytes{text};
  }
  void fill(Uuid& value) {
    for (std::uint8_t& byte : value.bytes) byte = static_cast<std::uint8_t>(engine_());
  }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void fill(T& value) {
    value = static_cast<T>(below(2) == 1 ? bits() : ~bits());
  }
  template <class T>
  void fill(std::vector<T>& value) {
    for (std::uint64_t left = size(); left > 0; --left) value.push_back(make<T>());
  }
  template <class T, class L>
  void fill(std::set<T, L>& value) {
    for (std::uint64_t left = size(); left > 0; --left) value.insert(make<T>());
  }
  template <class K, class V, class L>
  void fill(std::map<K, V, L>& value) {
    for (std::uint64_t left = size(); left > 0; --left) {
      K key = make<K>();
      value.insert_or_assign(std::move(key), make<V>());
    }
  }
  template <class T>
  void fill(std::optional<T>& value) {
    if (below(2) == 1) value = make<T>();
  }
  template <class T>
  void fill(Box<T>& value) {
    if (depth_ < 10 && below(2) == 1) value = make<T>();
  }
  template <Described T>
  void fill(T& value) {
    constexpr std::size_t count = detail::ids_of(&Schema<T>::fields).size();
    ++depth_;
    if constexpr (Schema<T>::shape == Shape::union_) {
      std::uint64_t pick = below(count + 1);
      detail::any_entry<0, count>(Schema<T>::fields,
                                  [&]<std::int32_t Id, class Type>(const Alternative<Id, Type>&) {
                                    if (pick-- != 0) return false;
                                    fill(value.value.template emplace<Type>().value);
                                    return true;
                                  });
    } else {
      detail::any_entry<0, count>(Schema<T>::fields, [&](const auto& field) {
        fill(value.*field.member);
        return false;
      });
    }
    --depth_;
  }

  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

 private:
  std::uint64_t size() { return depth_ > 4 ? 0 : below(10) == 0 ? below(30) : below(4); }

  std::mt19937_64 engine_;
  int depth_ = 0;
};

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
    std::string broken = bytes;
    for (std::uint64_t hits = 1 + random.below(4); hits > 0 && !broken.empty(); --hits) {
      const std::size_t place = random.below(broken.size());
      switch (random.below(3)) {
        case 0:
          broken[place] = static_cast<char>(random.bits());
          break;
        case 1:
          broken.insert(place, 1, static_cast<char>(random.bits()));
          break;
        default:
          broken.resize(place);
      }
    }
    T other{};
    if (compact::decode(Bytes{broken}, other).ok()) {
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
