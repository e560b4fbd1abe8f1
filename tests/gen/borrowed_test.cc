// Handlers that borrow what they are given: the golden files of --borrow at work.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <weft/codec/compact.h>
#include <weft/runtime/run.h>

#include "depot.weft.h"
#include "stock.weft.h"

namespace {

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

bool lies_in(std::string_view text, const weft::Bytes& bytes) {
  return text.data() >= bytes.view().data() &&
         text.data() + text.size() <= bytes.view().data() + bytes.size();
}

struct OneStock : stock::Stock {
  weft::Task<std::int64_t> book(weft::Borrowed<stock::OrderView> order, std::string note) override {
    if (note.empty()) co_return stock::Refused{.why = std::string(order->id)};
    std::int64_t sum = 0;
    for (const stock::LineView& line : order->lines) {
      CHECK(lies_in(line.article, order.source()));
      sum += line.count;
      last_article = line.article;
      last_shelf = line.shelf;
      if (line.label) label = order.share(*line.label);
    }
    if (const std::int64_t* more = order->counts.find("more")) sum += *more;
    if (order->tags.contains("double")) sum *= 2;
    if (order->replaces) sum -= static_cast<std::int64_t>(order->replaces->lines.size());
    if (auto* place = std::get_if<stock::PlaceView::Position>(&order->place.value))
      sum += place->value.size();
    co_return sum;
  }

  std::string last_article, last_shelf;
  weft::Bytes label;
};

weft::Task<void> book() {
  OneStock stock;
  const stock::Stock::Client client{std::make_shared<Local>(stock)};
  stock::Order order{.id = "o1",
                     .lines = {{.article = "tea", .count = 2, .label = weft::Bytes{"a label"}},
                               {.article = "bread", .shelf = "left"}},
                     .counts = {{"less", 1}, {"more", 10}},
                     .tags = {"double"}};
  order.place.value = stock::Place::Position{{1.5, 2.5}};
  order.replaces = stock::Order{.id = "o0", .lines = {{.article = "milk"}}};
  CHECK(co_await client.book(order, "please") == 2 * (2 + 1 + 10) - 1 + 2);
  CHECK(stock.last_article == "bread");
  CHECK(stock.last_shelf == "left");
  CHECK(stock.label.view() == "a label");
  const auto refused = co_await weft::attempt(client.book(order, ""));
  const auto* why = refused.status().get_if<stock::Refused>();
  REQUIRE(why);
  CHECK(why->why == "o1");
}

struct OneDepot : depot::Depot {
  weft::Task<depot::Receipt> store(weft::Borrowed<depot::ParcelView> parcel) override {
    depot::Receipt receipt{.id = std::string(parcel->id)};
    for (const depot::ParcelView::Item& item : parcel->items) receipt.items += item.count;
    if (parcel->view == depot::ReceiptView::FULL && parcel->sent)
      for (const google::protobuf::AnyView& note : parcel->notes)
        receipt.id += fmt::format("@{}{}", parcel->sent->seconds, note.type_url);
    co_return receipt;
  }
  weft::Task<depot::Receipt> store_all(weft::Stream<weft::Borrowed<depot::ParcelView>> parcels) override {
    depot::Receipt receipt;
    while (auto parcel = co_await parcels.next()) {
      receipt.id += (*parcel)->id;
      if (auto* name = std::get_if<depot::ParcelView::Place::Name>(&(*parcel)->place.value))
        receipt.id += name->value;
      ++receipt.items;
    }
    co_return receipt;
  }
};

weft::Stream<depot::Parcel> parcels() {
  depot::Parcel plain{.id = "a"};
  co_yield std::move(plain);
  depot::Parcel named{.id = "b"};
  named.place.value = depot::Parcel::Place::Name{"c"};
  co_yield std::move(named);
}

weft::Task<void> store() {
  OneDepot depot;
  const depot::Depot::Client client{std::make_shared<Local>(depot)};
  const depot::Parcel parcel{.id = "p", .items = {{.count = 3}, {.article = "x", .count = 4}}};
  const depot::Receipt receipt = co_await client.store(parcel);
  CHECK(receipt == depot::Receipt{.id = "p", .items = 7});
  const depot::Parcel noted{.id = "p",
                            .sent = google::protobuf::Timestamp{.seconds = 5},
                            .notes = {{.type_url = "/a"}},
                            .view = depot::ReceiptView::FULL};
  const depot::Receipt full = co_await client.store(noted);
  CHECK(full == depot::Receipt{.id = "p@5/a"});
  const depot::Receipt all = co_await client.store_all(parcels());
  CHECK(all == depot::Receipt{.id = "abc", .items = 2});
}

}  // namespace

TEST_CASE("a handler borrows what it is given, a client sends what it has") { CHECK(weft::run(book()) == 0); }

TEST_CASE("a field that was not sent has its default in a view, too") {
  static_assert(stock::LineView{}.shelf == "nowhere");
  static_assert(stock::LineView{}.count == 1);
}

TEST_CASE("messages of Protobuf are borrowed, streamed ones as well") { CHECK(weft::run(store()) == 0); }
