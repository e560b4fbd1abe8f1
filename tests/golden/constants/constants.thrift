include "limits.thrift"

enum Level { LOW = -1, HIGH = 10, ALSO_HIGH = 10, MINI = -2147483648 }

struct Point {
  1: i32 x,
  2: optional i32 y = 4,
  3: string label = "none",
}

union Either {
  1: i32 number,
  2: string text,
}

typedef map<string, list<i32>> Table

const bool YES = 1
const i8 TINY = -128
const i32 HEX = 0x7fffffff
const i64 LEAST = -9223372036854775808
const double WHOLE = 3
const double MINUS_ZERO = -0.0
const double BIG = 1e308
const double SUBNORMAL = 5e-324
const double THIRD = 0.3333333333333333
const double TENTH = .1
const double ENDLESS = 1e999

const string QUOTES = "tab\there \"quoted\" back\\slash \'s ??/ what??"
const string WORLD = 'héllo 世界 🚀'
const binary RAW = "raw"
const uuid ID = "00112233-4455-6677-8899-aabbccddeeff"
const string SAME = limits.WORD
const string LONG = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"

const Level BY_NAME = Level.HIGH
const Level BY_NUMBER = 10
const Level UNNAMED = 11
const Level LEVEL_MINI = Level.MINI
const i32 AS_NUMBER = Level.LOW
const i32 LIMIT = limits.LIMIT
const double LIMIT_REAL = limits.LIMIT
const i32 LATER = LAST
const i32 LAST = 99

const list<i32> PRIMES = [2, 3; 5 7, 11]
const list<double> REALS = PRIMES
const set<string> TAGS = ["a", "b", "a"]
const list<list<string>> PAIRS = [["a", "b"], ["c", "d"], [], ["e"]]
const map<string, map<i32, list<string>>> NESTED = {"x": {1: ["p", "q"], 2: []}, "y": {}}
const map<double, Level> BY_REAL = {1: Level.LOW, 2.5: Level.HIGH}
const map<Point, string> BY_POINT = {{"x": 1}: "one"}
const Table TABLE = {"primes": PRIMES, "none": []}
const Point ORIGIN = {"y": 0, "x": 0}
const list<Point> PATH = [{"x": 1, "y": 2}, {"label": "end"}, ORIGIN]
const Either EITHER = {"text": "words"}
const Either NEITHER = {}
const list<bool> BOOLS = [true, false, 1]
const list<binary> BLOBS = ["a", RAW]
const map<i32, i32> EMPTY_MAP = []

struct Defaults {
  1: i32 n = LIMIT,
  2: optional string word = limits.WORD,
  3: Point point = {"x": 4},
  4: optional Point maybe = ORIGIN,
  5: optional list<i32> primes = PRIMES,
  6: list<string> words = ["p", limits.WORD],
  7: Either either = {"number": 5},
  8: double real = 1,
  9: i64 least = LEAST,
  10: Level level = Level.ALSO_HIGH,
  11: optional Level other = 7,
  12: binary blob = "bytes",
  13: uuid id = ID,
  14: set<Level> levels = [Level.LOW, 10],
  15: map<string, string> pairs = {"a": "b", "c": "d"},
  16: optional map<string, list<string>> lists = {"a": ["b", "c"]},
  17: optional bool flag = true,
  18: i8 tiny = TINY,
}

service Calculator {
  i32 add(1: i32 a = 1, 2: list<i32> more = [1, 2], 3: Point at = {"x": 7}),
}
