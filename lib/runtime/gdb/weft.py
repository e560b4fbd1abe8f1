"""weft tasks: for gdb, where every waiting task of a program stands, live or in a core file.

    gdb -x weft.py -ex 'weft tasks' PROGRAM CORE
    gdb -x weft.py -ex 'weft tasks' -p PID

Each task is listed with the co_await where it stands and those that await it, what it waits for and since when. The
program needs its symbols, but no debug information: it carries the layout of what is read here (loop_list.cc).
"""

import re
import sys
import time

import gdb

LIST = "weft::detail::loop_list"
# As in LoopList::Layout.
LAYOUT = (
    "version loop_next loop_thread loop_core loop_simulated loop_turn_began loop_ready loop_contexts "
    "context_next context_child context_waiting context_since suspension_frame frame_awaiter frame_next_ready frame_place"
).split()
VERSION = 1
SEEN_MAX = 1_000_000  # what is broken may go round in circles


def number(address, size=8, signed=False):
    memory = gdb.selected_inferior().read_memory(address, size)
    return int.from_bytes(bytes(memory), sys.byteorder, signed=signed)


def text(address):
    return gdb.Value(address).cast(gdb.lookup_type("char").pointer()).string("utf-8", "replace")


def demangled_type(name):
    """Of what type_info::name() gives, as describe_tasks() prints it."""
    try:
        name = gdb.execute("demangle -l c++ -- _ZTI" + name.lstrip("*"), to_string=True).strip()
    except gdb.error:
        return name
    name = name.removeprefix("typeinfo for ")
    shorter = None
    while shorter != name:  # the innermost first
        shorter, name = name, re.sub(r"<[^<>]*>", "", name)
    for prefix in ("weft::", "detail::", "(anonymous namespace)::"):
        name = name.removeprefix(prefix)
    return name


class Program:
    def __init__(self):
        try:
            here = int(gdb.parse_and_eval(f"(unsigned long) &'{LIST}'"))
        except gdb.error as error:
            raise gdb.GdbError(f"no symbol {LIST}: this is no Weft program, or it was stripped") from error
        layout = number(here)
        self.at = {name: number(layout + 8 * index) for index, name in enumerate(LAYOUT)}
        if self.at["version"] != VERSION:
            raise gdb.GdbError("this script is for another version of Weft than the program's")
        self.first = number(here + 8)
        self.seen = 0

    def get(self, address, member, size=8):
        return number(address + self.at[member], size, signed=True)

    def pointer(self, address, member):
        return number(address + self.at[member])

    def chain(self, first, member):
        """The objects of a list linked by `member`."""
        while first:
            self.seen += 1
            if self.seen > SEEN_MAX:
                raise gdb.GdbError(f"more than {SEEN_MAX} objects: memory is broken")
            yield first
            first = self.pointer(first, member)

    def place(self, frame):
        where = self.pointer(frame, "frame_place")
        if not where:
            return "before its first co_await"
        try:  # std::source_location, in libstdc++ and libc++ alike
            return f"{text(number(where))}:{number(where + 16, 4)} ({text(number(where + 8))})"
        except gdb.MemoryError:
            return f"a place at {where:#x}, which is not in this core file"

    def path(self, frame):
        return [self.place(each) for each in self.chain(frame, "frame_awaiter")]

    def awaited(self, suspension):
        """The dynamic type, by its vtable."""
        type_info = number(number(suspension) - 8)
        return demangled_type(text(number(type_info + 8)))

    def waiting(self, first, depth=0):
        """(depth, since, what, path) of each waiting task, as tasks() lists them."""
        for context in self.chain(first, "context_next"):
            suspension = self.pointer(context, "context_waiting")
            if suspension:
                frame = self.pointer(suspension, "suspension_frame")
                since = self.get(context, "context_since")
                yield depth, since, self.awaited(suspension), self.path(frame)
            yield from self.waiting(self.pointer(context, "context_child"), depth + bool(suspension))


def is_live():
    connection = getattr(gdb.selected_inferior(), "connection", None)
    return connection is not None and connection.type == "native"


def print_task(depth, title, path):
    print(f"{'  ' * depth}{title}")
    for place in path:
        print(f"{'  ' * depth}  at {place}")


class Weft(gdb.Command):
    """Shows what a Weft program does: weft tasks."""

    def __init__(self):
        super().__init__("weft", gdb.COMMAND_STATUS, prefix=True)


class Tasks(gdb.Command):
    """Lists the waiting and the ready tasks of every loop, with their await paths: weft tasks."""

    def __init__(self):
        super().__init__("weft tasks", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        program = Program()
        if not program.first:
            print("no loops")
        for loop in program.chain(program.first, "loop_next"):
            self.print_loop(program, loop)

    @staticmethod
    def print_loop(program, loop):
        simulated = program.get(loop, "loop_simulated", 1)
        if is_live() and not simulated:
            now, when = time.clock_gettime_ns(time.CLOCK_MONOTONIC), ""
        else:
            now, when = program.get(loop, "loop_turn_began"), ", times as of its last turn"
        core, thread = program.get(loop, "loop_core", 4), program.get(loop, "loop_thread", 4)
        tasks = list(program.waiting(program.pointer(loop, "loop_contexts")))
        ready = list(program.chain(program.pointer(loop, "loop_ready"), "frame_next_ready"))
        kind = "simulated loop" if simulated else "loop"
        print(
            f"core {core}: {kind} {loop:#x} of thread {thread}: "
            f"{len(tasks)} task{'s'[len(tasks) == 1:]} waiting, {len(ready)} ready{when}"
        )
        for depth, since, what, path in tasks:
            print_task(depth, f"task, for {max(now - since, 0) / 1e9:.3f} s in {what}", path)
        for frame in ready:
            print_task(0, "task, ready to go on", program.path(frame))


Weft()
Tasks()
