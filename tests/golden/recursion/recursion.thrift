/* Types that hold themselves, by every way there is. */

struct Tree {
  1: i32 value,
  2: list<Tree> kids,
}

struct Chain {
  1: i64 value,
  2: optional Chain & tail,
}

struct Linked {
  1: optional Linked next,
}

/** A map of what is not complete yet: every standard library allows it. */
struct Trie {
  1: map<string, Trie> next,
  2: optional map<string, Trie> spare,
  3: set<Trie> group,
}

/** Mutual, cut by the vector. */
struct Ping {
  1: i32 n,
  2: optional list<Pong> pongs,
}

struct Pong {
  1: string s,
  2: map<string, Ping> pings,
}

/** Three in a ring; one box is enough, and Hub's is the one that does it. */
struct Hub {
  1: optional Spoke spoke,
  2: string name,
}

struct Spoke {
  1: optional Rim rim,
  2: optional Tyre tyre,
}

struct Rim {
  1: optional Hub hub,
}

struct Tyre {
  1: Rim rim,
}

union Expression {
  1: i64 number,
  2: Expression negated,
  3: Sum sum,
  4: list<Expression> product,
}

struct Sum {
  1: Expression left,
  2: Expression right,
}

typedef list<Node> Nodes
typedef Node Alias

struct Node {
  1: Nodes nodes,
  2: optional Alias parent,
  3: Leaf & leaf,
  4: required Leaf & must,
}

struct Leaf {
  1: i32 n,
}

exception Failure {
  1: optional Failure cause,
}

/** Used before it is declared, by value. */
struct Early {
  1: Late late,
  2: list<Late> more,
  3: Tint tint = Tint.DARK,
  4: list<i32> numbers = NUMBERS,
}

struct Late {
  1: i32 n = 3,
}

enum Tint {
  LIGHT,
  DARK,
}

const list<i32> NUMBERS = [1, 2, 3]

/** Its default needs Second whole, and Second holds it again. */
struct First {
  1: list<Second> seconds = [{"n": 1}],
  2: optional Second second = {"n": 2},
}

struct Second {
  1: i32 n,
  2: list<First> firsts,
  3: optional First first,
}

/** References are boxes, whatever they hold and whatever they start with. */
struct References {
  1: string & text = "start",
  2: list<i32> & numbers = [1, 2],
  3: i64 & wide = 5,
  4: optional map<string, References> & more,
  5: required Leaf & leaf = {"n": 7},
}
