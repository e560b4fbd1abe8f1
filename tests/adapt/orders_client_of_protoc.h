// The client of Orders whose messages are protoc's. It is the same whether the server's are on an arena.
#pragma once

#include <fmt/format.h>

#include "orders.weft.h"
#include "side.h"

namespace orders_client {

using namespace adapted::v1;

inline Order_Line line_of(std::string article, std::uint32_t count) {
  Order_Line line;
  line.set_article(std::move(article));
  line.set_count(count);
  return line;
}

inline weft::Task<std::string> ask(weft::ServicePtr service) {
  const Orders::Client client{std::move(service)};
  Order order;
  order.set_id(7);
  *order.add_lines() = line_of("tea", 2);
  *order.add_lines() = line_of("milk", 3);
  (*order.mutable_prices())["tea"] = 100;
  (*order.mutable_prices())["milk"] = 1;
  order.set_card("card");
  order.mutable_replaces()->set_id(4);
  const Money money = co_await client.place(order);
  std::string said = fmt::format("{} {}\n", money.currency(), money.cents());
  order.set_id(0);
  auto refused = co_await weft::attempt(client.place(order));
  said += fmt::format("{}\n", refused.status().to_string());
  delete_ reason;
  reason.set_reason("late");
  const Order_Line line = co_await client.drop(reason);
  said += fmt::format("{} {}\n", line.article(), line.count());
  parts::Part part;
  part.set_name("bolt");
  const parts::Part checked = co_await client.check(part);
  said += fmt::format("{} {}\n", checked.name(), checked.size());
  Order large;
  large.set_id(1);
  *large.add_lines() = line_of(std::string(300'000, 'x'), 1);
  const Money none = co_await client.place(large);
  said += fmt::format("{} {}\n", none.currency(), none.cents());
  co_return said;
}

inline weft::Stream<Money> coins(int count) {
  for (int cents = 1; cents <= count; ++cents) {
    Money money;
    money.set_cents(cents);
    co_yield std::move(money);
  }
}

inline weft::Task<std::string> stream(weft::ServicePtr service) {
  const Orders::Client client{std::move(service)};
  std::string said;
  Order order;
  *order.add_lines() = line_of("tea", 0);
  *order.add_lines() = line_of("milk", 0);
  auto lines = client.watch(order);
  while (true) {
    auto line = co_await weft::attempt(lines.next());
    said += line ? (*line)->article() + "\n" : line.status().to_string() + "\n";
    if (!line) break;
  }
  const Money sum = co_await client.sum(coins(4));
  said += fmt::format("{} {}\n", sum.currency(), sum.cents());
  auto halves = client.haggle(coins(5));
  while (auto half = co_await halves.next()) said += fmt::format("{} ", half->count());
  co_return said;
}

}  // namespace orders_client
