include "base.thrift"

namespace cpp adapted.depot

typedef list<i64> Prices

struct Item {
  1: required string name
  2: optional i32 count
  3: list<Item> parts
  4: map<string, base.Color> colors
  5: set<i16> sizes
  6: binary blob
  7: bool fragile
  8: double weight
  9: Prices prices
}

union Key {
  1: i32 number
  2: string name
}

exception NotFound {
  1: string text
  2: Key key
}

exception Full {
  1: i32 left
}

service Depot extends base.Base {
  /** What lies there. */
  Item get(1: Key key) throws (1: NotFound missing, 2: Full full)
  void put(1: Item item, 2: map<string, list<Item>> others, 3: set<base.Color> colors) throws (1: Full full)
  Prices prices(1: list<bool> flags, 2: byte small, 3: i16 short, 4: i64 long, 5: double real, 6: binary blob)
  oneway void note(1: i32 number)
  i32 notes()
}
