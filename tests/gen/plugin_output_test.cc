// What the sample plugin makes of plugin.thrift, compiled and at work.
#include <doctest/doctest.h>

#include "plugin.weft.h"

using namespace plugin::test;

TEST_CASE("the sample plugin makes every type printable") {
  order_record order;
  order.id = 7;
  order.parts = {{"a\"b", {1, 2}}, {"c", {}}};
  order.blob = weft::Bytes::of_static("12345");
  order.pick.value = Pick::Text{"t"};
  order.node.next = Node{};
  order.node.next->colors = {Color::RED, static_cast<Color>(9)};
  order.flags = {false, true};
  CHECK(
      fmt::format("{}", order) ==
      "Order{id: 7, name: \"{lamp}\", price: none, parts: {\"a\\\"b\": [1, 2], \"c\": []}, blob: <5 bytes>, "
      "pick: Pick{text: \"t\"}, node: Node{next: Node{next: none, colors: [RED, Color(9)]}, colors: []}, "
      "flags: [false, true], nothing: Nothing{}, color: GREEN}");
  CHECK(fmt::format("{}", Pick{}) == "Pick{}");
  CHECK(fmt::format("{}", Broken{.why = "so"}) == "Broken{why: \"so\"}");
}
