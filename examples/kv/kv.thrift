namespace * kv

/** There is no such key. */
exception NotFound {
  1: binary key
}

/** The key's value is another one than expected; `actual` is unset where there is no such key. */
exception Mismatch {
  1: optional binary actual
}

struct Entry {
  1: binary key
  2: binary value
}

struct Swap {
  1: binary key
  2: optional binary expected  // unset: the key must not be there yet
  3: binary value
}

/** Keys that are at least `from`, below `to` and begin with `prefix`. */
struct Range {
  1: binary from
  2: optional binary to
  3: optional binary prefix
  4: i32 limit = 100
}

// Idempotent methods may be sent again when their fate is unknown. `remove` and `compare_and_swap` are not: had the
// first attempt succeeded, the second would report a failure.
service KeyValue {
  binary get(1: binary key) throws (1: NotFound not_found) (idempotent)
  void put(1: binary key, 2: binary value) (idempotent)
  void remove(1: binary key) throws (1: NotFound not_found)
  void compare_and_swap(1: Swap swap) throws (1: Mismatch mismatch)
  /** The first `limit` entries of the range, in the order of their keys. */
  list<Entry> scan(1: Range range) (idempotent)
}
