// Orders with protoc's messages, which the server has on arenas.
#include "orders_client_of_protoc.h"

namespace {

using namespace orders_client;
using weft::OnArena;

struct Served : Orders {
  weft::Task<OnArena<Money>> place(OnArena<Order> order) override {
    if (order->id() == 0) co_return weft::not_found("no such order");
    auto money = order.make<Money>();
    money->set_currency("EUR" + order->card());
    std::int64_t cents = 0;
    for (const Order_Line& line : order->lines())
      cents += line.count() * (*order->mutable_prices())[line.article()];
    money->set_cents(cents - order->replaces().id());
    co_return money;
  }
  weft::Task<OnArena<Order_Line>> drop(OnArena<delete_> request) override {
    auto line = request.make<Order_Line>();
    line->set_article(request->reason());
    line->set_count(1);
    co_return line;
  }
  weft::Task<OnArena<parts::Part>> check(OnArena<parts::Part> part) override {
    part->set_size(part->size() + 1);
    co_return part;
  }
  weft::Stream<OnArena<Order_Line>> watch(OnArena<Order> order) override {
    for (const Order_Line& bought : order->lines()) {
      OnArena<Order_Line> line;  // of its own, so that none of them waits for the end of the order
      *line = bought;
      co_yield std::move(line);
    }
    if (order->id() == 0) co_await weft::aborted("no such order");
  }
  weft::Task<OnArena<Money>> sum(weft::Stream<OnArena<Money>> requests) override {
    OnArena<Money> sum;
    sum->set_currency("EUR");
    while (auto money = co_await requests.next()) sum->set_cents(sum->cents() + (*money)->cents());
    co_return sum;
  }
  weft::Stream<OnArena<Order_Line>> haggle(weft::Stream<OnArena<Money>> requests) override {
    while (auto money = co_await requests.next()) {
      auto line = money->make<Order_Line>();
      line->set_count(static_cast<std::uint32_t>((*money)->cents() / 2));
      co_yield std::move(line);
    }
  }
};

}  // namespace

constinit const side::Side side::by_others = side::side_of<Served>(orders_client::ask, orders_client::stream);
