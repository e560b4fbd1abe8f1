namespace cpp tree.far

struct Thing {
  1: i32 miles = 7
}
