// record.h for Apache's compiler.
namespace cpp bench_apache

struct Sub {
  1: i32 id
  2: string name
  3: i64 value
  4: bool ok
}

struct Record {
  1: i32 a
  2: i64 b
  3: i32 c
  4: i64 d
  5: bool e
  6: bool f
  7: string s1
  8: string s2
  9: string s3
  10: i32 g
  11: i64 h
  12: i64 k
  13: string s4
  14: string s5
  15: bool m
  16: i32 n
  17: list<i64> ids
  18: list<Sub> subs
  19: map<string, string> tags
  20: i64 z
}
