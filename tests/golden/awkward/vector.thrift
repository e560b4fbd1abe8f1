namespace cpp awkward.vector

struct optional {
  1: optional optional optional,
}
