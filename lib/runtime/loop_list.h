// LoopList: every loop of the process, for debuggers. gdb/weft.py reads it from a process or a core file; it
// needs the program's symbols and no debug information.
#pragma once

#include <weft/runtime/loop.h>

namespace weft::detail {

struct LoopList {
  /// Where things lie in the objects that the list leads to: compilers make the offset of a pointer to a
  /// member.
  struct Layout;

  const Layout* layout;
  Loop* first;

  static void add(Loop& loop);
  static void remove(Loop& loop) noexcept;
};

}  // namespace weft::detail
