// Generated files of one name in two folders.
#include <doctest/doctest.h>

#include "tree/near/thing.weft.h"

TEST_CASE("files of one name in two folders find each other") { CHECK(tree::near::Thing{}.far.miles == 7); }
