namespace cpp plugin.test

enum Color { RED = 1, GREEN = 2, CRIMSON = 1 }

exception Broken { 1: string why }

union Pick {
  1: i32 number
  2: string text
}

struct Node {
  1: optional Node next
  2: list<Color> colors
}

struct Nothing {}

struct Order {
  1: i64 id
  2: string name = "{lamp}"
  3: optional double price
  4: map<string, list<i32>> parts
  5: binary blob
  6: Pick pick
  7: Node node
  8: set<bool> flags
  9: Nothing nothing
  10: Color color = Color.GREEN
} (weft.name = "order_record")
