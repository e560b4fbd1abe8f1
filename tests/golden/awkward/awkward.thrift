/** Names that C++, GCC and the system's headers have taken. The wire keeps them as they are. */
namespace cpp awkward.new.linux

include "vector.thrift"

typedef i32 size_t
typedef list<string> string_

enum class {
  new = 1, delete, and, xor_eq, co_await, requires, char8_t
  EOF, NULL, DOMAIN, OVERFLOW, TRUE, DEBUG, I, INT_MAX, errno, class, module, import, final
}

/** Fields that are macros, keywords, escaped already, or called as what they are made of. */
struct Words {
  1: i32 int,
  2: string class,
  3: i32 class_,
  4: i32 errno,
  5: i32 major,
  6: i32 minor,
  7: i32 unix,
  8: i32 linux,
  9: i32 stdin,
  10: i32 assert,
  11: i32 signals,
  12: i32 std,
  13: i32 weft,
  14: i32 __LINE__,
  15: i32 _Reserved,
  16: i32 not_eq,
  17: i32 list,
  18: i32 map,
  19: i32 Words,
  20: i32 T,
  21: i32 fields,
  22: i32 name,
  23: i32 shape,
}

struct Point {
  1: i32 x,
}

/** A member that is called as its type changes what the type's name means. */
struct Captured {
  1: Point Point,
  2: list<Point> points,
  3: class class_,
  4: map<Point, vector.optional> vector,
  5: size_t size_t,
  6: vector.optional awkward,
}

union Pick {
  1: Point point,
  2: i32 pick,
  3: i32 value,
  4: i32 a_b,
  5: i32 aB,
  6: i32 i,
  7: i32 _1,
  8: vector.optional string,
}

struct string {}
struct a { 1: i32 a }
struct vector_ { 1: string string }
struct value { 1: optional value value }

exception what {
  1: string_ what,
  2: i32 operator,
}
exception Client {
  1: string message
}

const i32 Point = 5
const value EMPTY = {}
const list<value> value_list = [{}, {"value": {}}]

service First {
  Point Point(1: Point Point, 2: Point other),
  Point again(1: list<Point> first),
  void Client() throws (1: Client Client),
  void info(1: i32 service, 2: i32 call, 3: string result, 4: i32 reply, 5: i32 answer),
  void weft_service(1: i32 service_, 2: i32 this),
  class new(1: class class, 2: class delete) throws (1: what what, 2: Client success),
  i32 errno(),
  void First(),
  vector.optional vector(1: vector.optional optional),
  oneway void send(),
  i32 receive(1: value value),
}

service Second extends First {
  void Second(1: First_ First),
  void new_(),
}

struct First_ {}

/** Helpers of a source are called after these. */
struct answer {}
struct receive {}
struct Greeter_methods {}
service A { void B_c() }
service A_B { void c() (weft.idempotent), i32 d() (idempotent = "true") }

/** A line that is too long, with nothing in it to break it at. */
service Wide {
  map<string, list<map<string, list<string>>>> a_function_of_a_name_that_fills_most_of_the_line(),
}
