// Depot with the messages of Apache's compiler, made with or without `templates`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <weft/codec/adapt_thrift.h>

#include "depot.weft.h"
#include "side.h"

namespace {

using namespace adapted::depot;
using adapted::base::Color;

struct Served : Depot {
  weft::Task<std::string> ping(std::string text, Color::type color) override {
    co_return fmt::format("{} {}", text, static_cast<int>(color));
  }
  weft::Task<Item> get(Key key) override {
    if (key.__isset.name) {
      NotFound missing;
      missing.text = key.name;
      missing.__set_key(key);
      co_return weft::libthrift::as_status(missing);
    }
    if (key.__isset.number && key.number > 9) co_return weft::libthrift::as_status(full_with(key.number));
    if (!key.__isset.number) co_return weft::not_found("no key");
    co_return lent;
  }
  weft::Task<void> put(Item item, std::map<std::string, std::vector<Item>> others,
                       std::set<Color::type> colors) override {
    lent = std::move(item);
    lent.__set_count(static_cast<std::int32_t>(others.size()));
    for (auto& [name, items] : others)
      for (Item& each : items) lent.parts.push_back(std::move(each));
    if (colors.contains(Color::RED)) co_await weft::libthrift::as_status(full_with(0));
  }
  weft::Task<Prices> prices(std::vector<bool> flags, std::int8_t small, std::int16_t short_,
                            std::int64_t long_, double real, std::string blob) override {
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

  static Full full_with(std::int32_t left) {
    Full full;
    full.left = left;
    return full;
  }

  Item lent;
  std::int32_t noted = 0;
};

std::string told(const Item& item) {
  std::string parts;
  for (const Item& part : item.parts) parts += told(part);
  std::vector<std::string> colors;
  for (const auto& [name, color] : item.colors)
    colors.push_back(fmt::format("{}={}", name, static_cast<int>(color)));
  return fmt::format("({} {} [{}] {} {} {} {} {} {})", item.name, item.__isset.count ? item.count : -1, parts,
                     fmt::join(colors, ","), fmt::join(item.sizes, ","), item.blob.size(), item.fragile,
                     item.weight, fmt::join(item.prices, ","));
}

Key key_of(std::int32_t number) {
  Key key;
  key.__set_number(number);
  return key;
}

weft::Task<std::string> ask(weft::ServicePtr service) {
  const Depot::Client client{std::move(service)};
  std::string said = co_await client.ping("hello", Color::RED) + "\n";
  Item item, bolt;
  item.name = "crate";
  item.colors = {{"lid", Color::BLUE}};
  item.sizes = {3, -1};
  item.fragile = true;
  item.weight = 2.5;
  item.blob = std::string(200'000, 'b');
  item.prices = {1, INT64_MIN};
  bolt.name = "bolt";
  const std::map<std::string, std::vector<Item>> others{{"a", {bolt, bolt}}, {"b", {}}};
  const std::set<Color::type> blue{Color::BLUE}, both{Color::RED, Color::BLUE};
  co_await client.put(item, others, blue);
  const Item back = co_await client.get(key_of(1));
  said += told(back) + "\n";
  auto full = co_await weft::attempt(client.put(item, others, both));
  if (auto* declared = full.status().get_if<Full>()) said += fmt::format("full {}\n", declared->left);
  Key name;
  name.__set_name("x");
  auto missing = co_await weft::attempt(client.get(name));
  if (auto* declared = missing.status().get_if<NotFound>())
    said += fmt::format("missing {} {}\n", declared->text, declared->key.name);
  auto left = co_await weft::attempt(client.get(key_of(10)));
  if (auto* declared = left.status().get_if<Full>()) said += fmt::format("full {}\n", declared->left);
  auto undeclared = co_await weft::attempt(client.get(Key{}));
  said += undeclared.status().to_string() + "\n";
  const std::vector<bool> flags{true, false, true};
  const Prices prices = co_await client.prices(flags, -1, -300, INT64_MAX, 1.5, "abc");
  said += fmt::format("{}\n", fmt::join(prices, " "));
  co_await client.note(4);
  const std::int32_t notes = co_await client.notes();
  said += fmt::format("{}\n", notes);
  co_return said;
}

}  // namespace

constinit const side::Side side::by_others = side::side_of<Served>(ask, nullptr);
