// Values that look into the bytes that they came in, against the same that own what they hold.
#include <optional>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include <weft/codec/compact.h>
#include <weft/codec/protobuf.h>

#include "borrowing.h"
#include "hex.h"

using namespace weft;
using namespace borrowing;

namespace {

std::string text(std::mt19937& random) {
  return std::string(random() % 40, static_cast<char>('a' + random() % 26));
}

template <class T>
void fill_common(T& value, std::mt19937& random, int depth) {
  value.name = text(random);
  while (random() % 4) value.words.push_back(text(random));
  for (auto count = random() % 100; count > 0; --count)
    value.numbers.push_back(static_cast<std::int64_t>(random()) << random() % 32);
  while (random() % 4) value.reals.push_back(random());
  while (depth > 0 && random() % 3) fill_common(value.children.emplace_back(), random, depth - 1);
  if (depth > 0 && random() % 2) fill_common(value.next.emplace(), random, depth - 1);
  if constexpr (std::is_same_v<T, Tree>) {
    if (random() % 2) value.note = text(random);
    while (random() % 4) value.flags.push_back(random() % 2);
    while (random() % 4) value.counts[text(random)] = -static_cast<std::int64_t>(random());
    while (depth > 0 && random() % 3)
      fill_common(value.forest[static_cast<std::int32_t>(random())].emplace_back(), random, depth - 1);
    value.color = Color::green;
    while (random() % 4) value.labels.insert(text(random));
  } else {
    while (random() % 4) value.counts[text(random)] = text(random);
  }
}

/// In as many slices as there are steps of `step` bytes.
Chain pieces(const Bytes& bytes, std::size_t step) {
  Chain chain;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    chain.append(bytes.slice(at, std::min(step, bytes.size() - at)).copy());
  return chain;
}

bool lies_in(std::string_view text, const Bytes& bytes) {
  return text.data() >= bytes.view().data() &&
         text.data() + text.size() <= bytes.view().data() + bytes.size();
}

}  // namespace

TEST_CASE("what is borrowed is what would have been copied, in Thrift's form") {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    Tree tree;
    fill_common(tree, random, 3);
    const Bytes bytes = compact::encode(tree).flatten();
    Result<Borrowed<TreeView>> view = compact::borrow<TreeView>(bytes);
    REQUIRE(view.ok());
    CHECK((*view)->name == tree.name);
    CHECK((*view)->children.size() == tree.children.size());
    CHECK(compact::encode(**view).flatten() == bytes);
  }
}

TEST_CASE("what is borrowed is what would have been copied, in Protobuf's form") {
  std::mt19937 random{8};
  for (int round = 0; round < 200; ++round) {
    Note note;
    fill_common(note, random, 3);
    const Bytes bytes = protobuf::encode(note).flatten();
    Result<Borrowed<NoteView>> view = protobuf::borrow<NoteView>(bytes);
    REQUIRE(view.ok());
    CHECK((*view)->numbers.size() == note.numbers.size());
    CHECK(protobuf::encode(**view).flatten() == bytes);
  }
}

TEST_CASE("texts lie in the bytes that came, which live as long as the value, wherever it is moved") {
  Tree tree{.name = "a name that is too long for a small string", .words = {"one", "two"}};
  Bytes bytes = compact::encode(tree).flatten();
  Borrowed<TreeView> view = *compact::borrow<TreeView>(bytes);
  CHECK(lies_in(view->name, bytes));
  bytes = {};
  Borrowed<TreeView> moved = std::move(view);
  Borrowed<TreeView> assigned;
  assigned = std::move(moved);
  CHECK(assigned->name == tree.name);
  CHECK(assigned->words.size() == 2);
  CHECK(assigned->words[1] == "two");
  // A part may outlive the rest.
  const Bytes kept = assigned.share(assigned->words[0]);
  assigned = Borrowed<TreeView>{};
  CHECK(kept.view() == "one");
}

TEST_CASE("a message in several slices is put together first") {
  std::mt19937 random{9};
  Tree tree;
  fill_common(tree, random, 3);
  const Bytes bytes = compact::encode(tree).flatten();
  for (std::size_t step : {1, 7, 64}) {
    Borrowed<TreeView> view = *compact::borrow<TreeView>(pieces(bytes, step));
    CHECK(compact::encode(*view).flatten() == bytes);
    CHECK(lies_in(view->name, view.source()));
  }
}

TEST_CASE("arguments and results can be borrowed, one by one") {
  const Tree first{.name = "first"}, second{.name = "second", .numbers = {1, 2, 3}};
  std::int32_t count = 5;
  const Chain payload =
      compact::encode_arguments(argument<1>(first), argument<2>(count), argument<3>(second));
  Borrowed<TreeView> one, two;
  std::int32_t number = 0;
  REQUIRE(compact::decode_arguments(payload, argument<1>(one), argument<2>(number), argument<3>(two)).ok());
  CHECK(one->name == "first");
  CHECK(number == 5);
  CHECK(two->numbers[2] == 3);
  std::optional<Borrowed<TreeView>> result;
  REQUIRE(compact::decode_result(compact::encode_result(argument<0>(second)), argument<0>(result)).ok());
  CHECK((**result).name == "second");
  Borrowed<NoteView> request;
  REQUIRE(protobuf::decode_arguments(protobuf::encode(Note{.name = "request"}), request).ok());
  CHECK(request->name == "request");
  CHECK(protobuf::decode_arguments(from_hex("0a 05 61"), request).code() == Code::internal);
}

TEST_CASE("a map's entries are as they came, and the last one of a key is found") {
  // counts: {"b": 1, "a": 2, "b": 3}
  Borrowed<TreeView> view = *compact::borrow<TreeView>(from_hex("7b 03 86 0162 02 0161 04 0162 06 00"));
  CHECK(view->counts.size() == 3);
  CHECK(view->counts[0].first == "b");
  REQUIRE(view->counts.find("b"));
  CHECK(*view->counts.find("b") == 3);
  CHECK(*view->counts.find("a") == 2);
  CHECK(!view->counts.find("c"));
  // Protobuf, where entries may come apart: counts {"a": "x"}, name "n", counts {"a": "y"}
  Borrowed<NoteView> note =
      *protobuf::borrow<NoteView>(from_hex("2a 06 0a 01 61 12 01 78 0a 01 6e 2a 06 0a 01 61 12 01 79"));
  CHECK(note->counts.size() == 2);
  CHECK(*note->counts.find("a") == "y");
  CHECK(note->name == "n");
}

TEST_CASE("Protobuf's repeated fields that come apart are appended, and messages are merged") {
  // words "a", numbers [1], words "b", numbers [2], next {name "n"}, next {words "w"}
  Borrowed<NoteView> note = *protobuf::borrow<NoteView>(
      from_hex("12 01 61 1a 01 01 12 01 62 1a 01 02 3a 03 0a 01 6e 3a 03 12 01 77"));
  CHECK(note->words.size() == 2);
  CHECK(note->words.back() == "b");
  CHECK(note->numbers.size() == 2);
  CHECK(note->numbers[1] == 2);
  CHECK(note->next->name == "n");
  CHECK(note->next->words.front() == "w");
}

TEST_CASE("a union holds a view") {
  Borrowed<PickView> pick = *compact::borrow<PickView>(from_hex("18 02 6869 00"));
  CHECK(std::get<PickView::Text>(pick->value).value == "hi");
  pick = *compact::borrow<PickView>(from_hex("29 26 02 04 00"));
  CHECK(std::get<PickView::Numbers>(pick->value).value[1] == 2);
}

TEST_CASE("views of what a program has itself can be sent") {
  const std::vector<std::int64_t> numbers{1, 2, 3};
  const std::vector<std::string_view> words{"one", "two"};
  const TreeView inner{.name = "inner"};
  const TreeView view{.name = "outer", .words = words, .numbers = numbers, .next = BoxView<TreeView>{&inner}};
  Tree tree;
  REQUIRE(compact::decode(compact::encode(view), tree).ok());
  CHECK(tree.name == "outer");
  CHECK(tree.words == std::vector<std::string>{"one", "two"});
  CHECK(tree.numbers == numbers);
  CHECK(tree.next->name == "inner");
}

TEST_CASE("views are compared by what they look at") {
  const Bytes bytes = compact::encode(Tree{.name = "x", .numbers = {1, 2}, .counts = {{"a", 1}}}).flatten();
  Borrowed<TreeView> one = *compact::borrow<TreeView>(bytes),
                     other = *compact::borrow<TreeView>(bytes.copy());
  CHECK(equal(*one, *other));
  CHECK(!less(*one, *other));
  other->name = "y";
  CHECK(!equal(*one, *other));
  CHECK(less(*one, *other));
}

TEST_CASE("broken messages are refused as they are by values that own what they hold") {
  std::mt19937 random{10};
  for (int round = 0; round < 20; ++round) {
    Tree tree;
    fill_common(tree, random, 2);
    const Bytes whole = compact::encode(tree).flatten();
    for (std::size_t size = 0; size < whole.size(); ++size)
      CHECK(compact::borrow<TreeView>(whole.slice(0, size).copy()).status().code() == Code::invalid_argument);
    Note note;
    fill_common(note, random, 2);
    const Bytes message = protobuf::encode(note).flatten();
    for (std::size_t size = 0; size < message.size(); ++size) {
      Note copied;
      const Bytes part = message.slice(0, size).copy();
      CHECK(protobuf::borrow<NoteView>(part).status().code() == protobuf::decode(part, copied).code());
    }
  }
}

TEST_CASE("what is borrowed has the same limits") {
  auto code = [](std::string_view hex, const DecodeLimits& limits = {}) {
    return compact::borrow<TreeView>(from_hex(hex), limits).status().code();
  };
  CHECK(code("39 f8 ffffffff07") == Code::invalid_argument);                // 2^31 - 1 words
  CHECK(code("7b ffffffff07 86") == Code::invalid_argument);                // and entries
  CHECK(code("49 46 02 02 02 02 00", {.element_memory = 32}) == Code::ok);  // four numbers
  CHECK(code("49 46 02 02 02 02 00", {.element_memory = 31}) == Code::resource_exhausted);
  CHECK(code("ac ac ac 00 00 00 00", {.depth = 4}) == Code::ok);
  CHECK(code("ac ac ac 00 00 00 00", {.depth = 3}) == Code::resource_exhausted);
  CHECK(code("ac 00 00", {.element_memory = sizeof(TreeView) - 1}) == Code::resource_exhausted);
}
