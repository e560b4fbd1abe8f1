namespace cpp stock

enum Unit { piece, kilogram }

const string nowhere = "nowhere"

/** A line of an order. */
struct Line {
  1: string article
  2: i32 count = 1
  3: optional binary label
  4: Unit unit = Unit.piece
  5: string shelf = nowhere
}

typedef list<Line> Lines

union Place {
  1: string name
  2: list<double> position
}

struct Order {
  1: required string id
  2: Lines lines
  3: map<string, i64> counts
  4: set<string> tags
  5: Place place
  6: optional Order replaces
}

exception Refused {
  1: string why
}

service Stock {
  i64 book(1: Order order, 2: string note) throws (1: Refused refused)
}
