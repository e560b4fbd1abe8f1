// What the golden files of Protobuf do when they run.
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include <weft/codec/protobuf.h>
#include <weft/runtime/run.h>

#include "../codec/hex.h"
#include "legacy.weft.h"
#include "shop.weft.h"

namespace {

/// Through Protobuf's binary form and back.
template <class T>
T travel(const T& value) {
  T result;
  const weft::Status status = weft::protobuf::decode(weft::protobuf::encode(value), result);
  CHECK_MESSAGE(status.ok(), status.to_string());
  return result;
}

template <class T>
void check_travels(const T& value) {
  CHECK(travel(value) == value);
  CHECK_FALSE(T{} == value);
}

/// The service itself, as its client's peer.
struct Local : weft::Service {
  explicit Local(weft::ServiceInterface& service) : service_(service) {}
  weft::Task<weft::Reply> call(weft::Call call) override {
    for (const weft::ServedMethod& served : service_.weft_service().methods)
      if (&served.method == &call.method()) return served.serve(service_, std::move(call));
    return unknown();
  }
  static weft::Task<weft::Reply> unknown() { co_return weft::unimplemented("no such method"); }

 private:
  weft::ServiceInterface& service_;
};

struct OneShop : shop::v1::Shop {
  weft::Task<shop::v1::Money> get_url_of(shop::v1::Order_Line line) override {
    co_return shop::v1::Money{.currency = line.article, .cents = line.count};
  }
  weft::Stream<shop::v1::Order_Line> watch(shop::v1::Order order) override {
    for (shop::v1::Order_Line& line : order.lines) co_yield std::move(line);
    if (order.gift) co_await weft::aborted("it was a gift");
  }
  weft::Task<shop::v1::Money> sum(weft::Stream<shop::v1::Money> requests) override {
    shop::v1::Money sum;
    while (auto money = co_await requests.next()) sum.cents += money->cents;
    co_return sum;
  }
  weft::Stream<shop::v1::Order_Line> haggle(weft::Stream<shop::v1::Money> requests) override {
    while (auto money = co_await requests.next()) {
      shop::v1::Order_Line line{.count = static_cast<std::uint32_t>(money->cents / 2)};
      co_yield std::move(line);
    }
  }
};

weft::Stream<shop::v1::Money> coins(int count) {
  for (int cents = 1; cents <= count; ++cents) {
    shop::v1::Money money{.cents = cents};
    co_yield std::move(money);
  }
}

weft::Task<void> stream_each_way() {
  OneShop shop;
  shop::v1::Shop::Client client{std::make_shared<Local>(shop)};

  shop::v1::Order order;
  order.lines = {{.article = "tea"}, {.article = "milk"}};
  order.gift = true;
  auto lines = client.watch(order);
  auto first = co_await lines.next();
  CHECK(first->article == "tea");
  auto second = co_await lines.next();
  CHECK(second->article == "milk");
  auto third = co_await weft::attempt(lines.next());
  CHECK(third.status() == weft::aborted("it was a gift"));

  auto sum = co_await client.sum(coins(4));
  CHECK(sum.cents == 10);
  auto nothing = co_await client.sum({});
  CHECK(nothing.cents == 0);

  auto halves = client.haggle(coins(5));
  std::vector<std::uint32_t> counts;
  while (auto half = co_await halves.next()) counts.push_back(half->count);
  CHECK(counts == std::vector<std::uint32_t>{0, 1, 1, 2, 2});

  shop::v1::Shop unwritten;
  shop::v1::Shop::Client other{std::make_shared<Local>(unwritten)};
  auto stream = other.watch(order);
  auto refused = co_await weft::attempt(stream.next());
  CHECK(refused.status().code() == weft::Code::unimplemented);
}

weft::Task<void> ask() {
  OneShop shop;
  const shop::v1::Shop::Client client{std::make_shared<Local>(shop)};
  const shop::v1::Order::Line line{.article = "tea", .count = 3};
  const shop::v1::Money money = co_await client.get_url_of(line);
  CHECK(money == shop::v1::Money{.currency = "tea", .cents = 3});
  const shop::v1::Order order{};
  const auto placed = co_await weft::attempt(client.place_order(order));
  CHECK(placed.status().code() == weft::Code::unimplemented);
}

}  // namespace

TEST_CASE("an order of everything travels") {
  using namespace shop::v1;
  Order order{.id = 7, .note = "", .state = State::STATE_LOST};
  order.lines = {{.article = "tea", .count = 2, .price = Money{.currency = "EUR", .cents = -5}},
                 {.discount = Order::Line::Discount::HALF}};
  order.prices = {{"a", {.cents = 1}}, {"b", {}}};
  order.states = {{-1, State::STATE_SENT}, {5, State{}}};
  order.payment.value = Order::Payment::Credit{Order{.gift = true}};
  order.deltas = {-1, 1, INT64_MIN};
  order.weights = {0.5, -0.0};
  order.replaces = Order{.stamp = 1};
  check_travels(order);
  order.payment.value = Order::Payment::Voucher{0};
  check_travels(order);
  CHECK(std::get<Order::Payment::Voucher>(travel(order).payment.value).value == 0);
  CHECK(to_hex(weft::protobuf::encode(Order{.payment = {Order::Payment::Card{"c"}}})) == "3a0163");
}

TEST_CASE("messages hold themselves, and names that C++ has taken travel as any other") {
  using namespace shop::v1;
  check_travels(Node{.value = 1,
                     .next = Node{.value = 2, .next = {}, .children = {}, .named = {}},
                     .children = {Node{.value = 3, .next = {}, .children = {}, .named = {}}},
                     .named = {{"a", Node{}}}});
  class_ words{.int_ = 1, .class__ = "word", .operator_ = class_::new_{.delete_ = true}};
  words.union_.value = class_::Union::Void{0};
  check_travels(words);
}

TEST_CASE("an optional field that is not set stands for its default, and is not sent") {
  using legacy::Old;
  static_assert(Old::name_default == "nobody" && Old::shade_default == legacy::Shade::LIGHT &&
                Old::on_default);
  static_assert(Old::many_default == UINT64_MAX && Old::blob_default == "\001\377");
  CHECK(Old::ratio_default == -std::numeric_limits<double>::infinity());
  CHECK(Old{}.name.value_or(std::string(Old::name_default)) == "nobody");
  CHECK(to_hex(weft::protobuf::encode(Old{})) == "08004003");
  Old old{
      .id = 1, .name = "somebody", .numbers = {1}, .shades = {legacy::Shade::DARK}, .item = {{.name = "a"}}};
  old.item[0].old = Old{};
  old.pick.value = Old::Pick::Inner{{.x = 1}};
  check_travels(old);
}

TEST_CASE("extensions are kept as they came") {
  legacy::Old old;
  CHECK(weft::protobuf::decode(from_hex("0801 4001 a00605 a20602 0102"), old).ok());
  CHECK(to_hex(weft::protobuf::encode(old)) == "08014001a00605a206020102");
}

TEST_CASE("requests and replies stream, from the one who has them to the one who asks for them") {
  CHECK(weft::run(stream_each_way()) == 0);
}

TEST_CASE("a service's client reaches its methods, and those not written are unimplemented") {
  CHECK(weft::run(ask()) == 0);
  CHECK(shop::v1::Shop::info().name == "shop.v1.Shop");
  CHECK(shop::v1::Shop::info().methods[1].method.name == "GetURLOf");
  CHECK(shop::v1::Shop::info().methods[1].method.idempotent);
  CHECK_FALSE(shop::v1::Shop::info().methods[0].method.idempotent);
}
