// Orders with protoc's messages.
#include "orders_client_of_protoc.h"

namespace {

using namespace orders_client;

struct Served : Orders {
  weft::Task<Money> place(Order order) override {
    if (order.id() == 0) co_return weft::not_found("no such order");
    Money money;
    money.set_currency("EUR" + order.card());
    std::int64_t cents = 0;
    for (const Order_Line& line : order.lines())
      cents += line.count() * (*order.mutable_prices())[line.article()];
    money.set_cents(cents - order.replaces().id());
    co_return money;
  }
  weft::Task<Order_Line> drop(delete_ request) override { co_return line_of(request.reason(), 1); }
  weft::Task<parts::Part> check(parts::Part part) override {
    part.set_size(part.size() + 1);
    co_return part;
  }
  weft::Stream<Order_Line> watch(Order order) override {
    for (Order_Line& line : *order.mutable_lines()) co_yield std::move(line);
    if (order.id() == 0) co_await weft::aborted("no such order");
  }
  weft::Task<Money> sum(weft::Stream<Money> requests) override {
    Money sum;
    sum.set_currency("EUR");
    while (auto money = co_await requests.next()) sum.set_cents(sum.cents() + money->cents());
    co_return sum;
  }
  weft::Stream<Order_Line> haggle(weft::Stream<Money> requests) override {
    while (auto money = co_await requests.next())
      co_yield line_of("", static_cast<std::uint32_t>(money->cents() / 2));
  }
};

}  // namespace

constinit const side::Side side::by_others = side::side_of<Served>(orders_client::ask, orders_client::stream);
