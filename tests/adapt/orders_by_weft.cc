// Orders with messages of Weft's own. This file and the code generated for it are compiled with their
// namespaces renamed, since protoc's messages are called the same.
#include <fmt/format.h>

#include "orders.weft.h"
#include "side.h"

namespace {

using namespace adapted::v1;

struct Served : Orders {
  weft::Task<Money> place(Order order) override {
    if (order.id == 0) co_return weft::not_found("no such order");
    Money money{.currency = "EUR"};
    for (const Order_Line& line : order.lines) money.cents += line.count * order.prices[line.article];
    if (auto* card = std::get_if<Order::Payment::Card>(&order.payment.value)) money.currency += card->value;
    if (order.replaces) money.cents -= order.replaces->id;
    co_return money;
  }
  weft::Task<Order_Line> drop(delete_ request) override {
    co_return Order_Line{.article = request.reason, .count = 1};
  }
  weft::Task<parts::Part> check(parts::Part part) override {
    part.size = part.size.value_or(parts::Part::size_default) + 1;
    co_return part;
  }
  weft::Stream<Order_Line> watch(Order order) override {
    for (Order_Line& line : order.lines) co_yield std::move(line);
    if (order.id == 0) co_await weft::aborted("no such order");
  }
  weft::Task<Money> sum(weft::Stream<Money> requests) override {
    Money sum{.currency = "EUR"};
    while (auto money = co_await requests.next()) sum.cents += money->cents;
    co_return sum;
  }
  weft::Stream<Order_Line> haggle(weft::Stream<Money> requests) override {
    while (auto money = co_await requests.next()) {
      Order_Line line{.count = static_cast<std::uint32_t>(money->cents / 2)};
      co_yield std::move(line);
    }
  }
};

weft::Task<std::string> ask(weft::ServicePtr service) {
  const Orders::Client client{std::move(service)};
  Order order{.id = 7, .lines = {{.article = "tea", .count = 2}, {.article = "milk", .count = 3}}};
  order.prices = {{"tea", 100}, {"milk", 1}};
  order.payment.value = Order::Payment::Card{"card"};
  order.replaces = Order{.id = 4};
  const Money money = co_await client.place(order);
  std::string said = fmt::format("{} {}\n", money.currency, money.cents);
  order.id = 0;
  auto refused = co_await weft::attempt(client.place(order));
  said += fmt::format("{}\n", refused.status().to_string());
  const delete_ reason{.reason = "late"};
  const Order_Line line = co_await client.drop(reason);
  said += fmt::format("{} {}\n", line.article, line.count);
  const parts::Part part{.name = "bolt"};
  const parts::Part checked = co_await client.check(part);
  said += fmt::format("{} {}\n", checked.name, checked.size.value_or(0));
  const Order large{.id = 1, .lines = {{.article = std::string(300'000, 'x'), .count = 1}}};
  const Money none = co_await client.place(large);
  said += fmt::format("{} {}\n", none.currency, none.cents);
  co_return said;
}

weft::Stream<Money> coins(int count) {
  for (int cents = 1; cents <= count; ++cents) {
    Money money{.cents = cents};
    co_yield std::move(money);
  }
}

weft::Task<std::string> stream(weft::ServicePtr service) {
  const Orders::Client client{std::move(service)};
  std::string said;
  const Order order{.lines = {{.article = "tea"}, {.article = "milk"}}};
  auto lines = client.watch(order);
  while (true) {
    auto line = co_await weft::attempt(lines.next());
    said += line ? (*line)->article + "\n" : line.status().to_string() + "\n";
    if (!line) break;
  }
  const Money sum = co_await client.sum(coins(4));
  said += fmt::format("{} {}\n", sum.currency, sum.cents);
  auto halves = client.haggle(coins(5));
  while (auto half = co_await halves.next()) said += fmt::format("{} ", half->count);
  co_return said;
}

}  // namespace

constinit const side::Side side::by_weft = side::side_of<Served>(ask, stream);
const std::string_view side::asked =
    "EURcard 199\n"
    "not_found: no such order\n"
    "late 1\n"
    "bolt 6\n"
    "EUR 0\n";
const std::string_view side::streamed =
    "tea\n"
    "milk\n"
    "aborted: no such order\n"
    "EUR 10\n"
    "0 1 1 2 2 ";
