#include <doctest/doctest.h>

#include <weft/codec/box.h>

#include "kinds.h"

using kinds::Node;
using weft::Box;

TEST_CASE("a box copies deeply and compares by value") {
  Node list{.value = 1, .next = Node{.value = 2, .next = Node{.value = 3}}};
  Node copy = list;
  CHECK(copy == list);
  CHECK(&*copy.next != &*list.next);
  copy.next->next->value = 4;
  CHECK(list.next->next->value == 3);
  CHECK(!(copy == list));
}

TEST_CASE("a box is empty until something is put in") {
  Box<int> box;
  CHECK(!box);
  CHECK(box == nullptr);
  CHECK(box == Box<int>{});
  CHECK(!(box == Box<int>{1}));
  box.emplace(5);
  CHECK(*box == 5);
  box = 6;
  CHECK(box == Box<int>{6});
  box = nullptr;
  CHECK(!box.has_value());
}

TEST_CASE("a box may be assigned from inside itself") {
  Node list{.value = 1, .next = Node{.value = 2, .next = Node{.value = 3}}};
  list.next = list.next->next;
  CHECK(list.next->value == 3);
  list.next = Node{.value = 2, .next = Node{.value = 3}};
  list.next = std::move(list.next->next);
  CHECK(list.next->value == 3);
  Box<Node>& same = list.next;
  list.next = same;
  CHECK(list.next->value == 3);
}
