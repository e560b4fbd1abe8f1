include "../far/thing.thrift"

namespace cpp tree.near

struct Thing {
  1: thing.Thing far
}
