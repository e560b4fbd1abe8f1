// Depot with messages of Weft's own. This file and the code generated for it are compiled with their
// namespaces renamed, since Apache's types are called the same.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "depot.weft.h"
#include "side.h"

namespace {

using namespace adapted::depot;
using adapted::base::Color;

struct Served : Depot {
  weft::Task<std::string> ping(std::string text, Color color) override {
    co_return fmt::format("{} {}", text, static_cast<int>(color));
  }
  weft::Task<Item> get(Key key) override {
    if (auto* name = std::get_if<Key::Name>(&key.value)) {
      NotFound missing{.text = name->value, .key = key};
      co_return missing;
    }
    if (auto* number = std::get_if<Key::Number>(&key.value); number && number->value > 9)
      co_return Full{.left = number->value};
    if (std::holds_alternative<std::monostate>(key.value)) co_return weft::not_found("no key");
    co_return lent;
  }
  weft::Task<void> put(Item item, std::map<std::string, std::vector<Item>> others,
                       std::set<Color> colors) override {
    lent = std::move(item);
    lent.count = static_cast<std::int32_t>(others.size());
    for (auto& [name, items] : others)
      for (Item& each : items) lent.parts.push_back(std::move(each));
    if (colors.contains(Color::RED)) co_await weft::Status(Full{.left = 0});
  }
  weft::Task<Prices> prices(std::vector<bool> flags, std::int8_t small, std::int16_t short_,
                            std::int64_t long_, double real, weft::Bytes blob) override {
    Prices prices{small, short_, long_, static_cast<std::int64_t>(real * 2),
                  static_cast<std::int64_t>(blob.size())};
    for (const bool flag : flags) prices.push_back(flag);
    co_return prices;
  }
  weft::Task<void> note(std::int32_t number) override {
    noted += number;
    co_return;
  }
  weft::Task<std::int32_t> notes() override { co_return noted; }

  Item lent;
  std::int32_t noted = 0;
};

std::string told(const Item& item) {
  std::string parts;
  for (const Item& part : item.parts) parts += told(part);
  std::vector<std::string> colors;
  for (const auto& [name, color] : item.colors)
    colors.push_back(fmt::format("{}={}", name, static_cast<int>(color)));
  return fmt::format("({} {} [{}] {} {} {} {} {} {})", item.name, item.count.value_or(-1), parts,
                     fmt::join(colors, ","), fmt::join(item.sizes, ","), item.blob.size(), item.fragile,
                     item.weight, fmt::join(item.prices, ","));
}

weft::Task<std::string> ask(weft::ServicePtr service) {
  const Depot::Client client{std::move(service)};
  std::string said = co_await client.ping("hello", Color::RED) + "\n";
  Item item{
      .name = "crate", .colors = {{"lid", Color::BLUE}}, .sizes = {3, -1}, .fragile = true, .weight = 2.5};
  item.blob = weft::Bytes(std::string(200'000, 'b'));
  item.prices = {1, INT64_MIN};
  Item bolt{.name = "bolt"};
  const std::map<std::string, std::vector<Item>> others{{"a", {bolt, bolt}}, {"b", {}}};
  const std::set<Color> blue{Color::BLUE}, both{Color::RED, Color::BLUE};
  co_await client.put(item, others, blue);
  const Key number{.value = Key::Number{1}};
  const Item back = co_await client.get(number);
  said += told(back) + "\n";
  auto full = co_await weft::attempt(client.put(item, others, both));
  if (auto* declared = full.status().get_if<Full>()) said += fmt::format("full {}\n", declared->left);
  const Key name{.value = Key::Name{"x"}};
  auto missing = co_await weft::attempt(client.get(name));
  if (auto* declared = missing.status().get_if<NotFound>())
    said += fmt::format("missing {} {}\n", declared->text, std::get<Key::Name>(declared->key.value).value);
  const Key large{.value = Key::Number{10}};
  auto left = co_await weft::attempt(client.get(large));
  if (auto* declared = left.status().get_if<Full>()) said += fmt::format("full {}\n", declared->left);
  const Key none{};
  auto undeclared = co_await weft::attempt(client.get(none));
  said += undeclared.status().to_string() + "\n";
  const std::vector<bool> flags{true, false, true};
  const Prices prices = co_await client.prices(flags, -1, -300, INT64_MAX, 1.5, weft::Bytes("abc"));
  said += fmt::format("{}\n", fmt::join(prices, " "));
  co_await client.note(4);
  const std::int32_t notes = co_await client.notes();
  said += fmt::format("{}\n", notes);
  co_return said;
}

}  // namespace

constinit const side::Side side::by_weft = side::side_of<Served>(ask, nullptr);
const std::string_view side::asked =
    "hello 1\n"
    "(crate 2 [(bolt -1 []   0 false 0 )(bolt -1 []   0 false 0 )] lid=2 -1,3 200000 true 2.5 "
    "1,-9223372036854775808)\n"
    "full 0\n"
    "missing x x\n"
    "full 10\n"
    "not_found: no key\n"
    "-1 -300 9223372036854775807 3 3 1 0 1\n"
    "4\n";
const std::string_view side::streamed = "";
