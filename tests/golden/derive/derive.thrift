enum Side { LEFT, RIGHT }

struct Version {
  1: i32 major_number,
  2: i32 minor_number,
  3: optional Side side,
} (weft.derive = "order, hash, trivial")

union Key {
  1: string name,
  2: Version version,
} (weft.derive = "order,hash")

/** Holds itself, by way of Leaf. */
struct Node {
  1: optional Leaf leaf,
  2: list<Key> keys,
  3: map<string, binary> blobs,
} (weft.derive = "order,hash")

struct Leaf {
  1: optional Node node,
  2: uuid id,
}
