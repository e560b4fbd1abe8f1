"""weft.py lists a program's waiting tasks: gdb_test.py PROGRAM WEFT_PY SOURCE

The program waits in known places and aborts under gdb, which looks at it then, and again at a core file of it.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cases import case, run_cases

PROGRAM, SCRIPT, SOURCE = sys.argv[1:4]
SKIP = 77

if not shutil.which("gdb"):
    print("there is no gdb")
    sys.exit(SKIP)


def gdb(*arguments):
    command = ["gdb", "-batch", "-nx", "-iex", "set debuginfod enabled off", "-x", SCRIPT, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return done.stdout + done.stderr


def line_of(mark):
    (line,) = (n for n, text in enumerate(Path(SOURCE).read_text().splitlines(), 1) if text.endswith("// " + mark))
    return line


def tasks(output):
    """(depth, seconds, awaitable, [line numbers]) of each listed task."""
    found = []
    for line in output.splitlines():
        if match := re.fullmatch(r"( *)task, for ([\d.]+) s in (.+)", line):
            found.append((len(match[1]) // 2, float(match[2]), match[3], []))
        elif match := re.fullmatch(r" +at (.+):(\d+) \((.*)\)", line):
            found[-1][3].append(int(match[2]) if Path(match[1]).name == Path(SOURCE).name else 0)
    return found


def check(output):
    list_ = tasks(output)
    shape = sorted((depth, what, path) for depth, _, what, path in list_)
    event, deep = line_of("in Event::Wait"), line_of("awaits that")
    assert (0, "Sleep", [line_of("in Sleep")]) in shape, output
    assert (0, "Socket::Receive", [line_of("in Socket::Receive")]) in shape, output
    assert (0, "Event::Wait", [event, deep]) in shape, output
    assert (0, "Semaphore::Acquire", [line_of("in Semaphore::Acquire")]) in shape, output
    assert (0, "Join", [0, line_of("awaits all")]) in shape, output  # 0: in combine.h
    assert (0, "Scope::Idle", [0, line_of("awaits a scope")]) in shape, output
    assert (1, "Event::Wait", [event]) in shape, output  # of all, and of the scope
    assert shape.count((1, "Event::Wait", [event])) == 2, output
    assert (1, "Event::Wait", [event, deep]) in shape, output
    assert len(shape) == 9, output
    assert re.search(r"^core 0: loop 0x[0-9a-f]+ of thread \d+: 9 tasks waiting, 0 ready", output, re.M), output
    assert all(0.1 < seconds < 100 for _, seconds, _, _ in list_), output


with tempfile.TemporaryDirectory() as folder:
    core = Path(folder) / "core"
    LIVE = gdb("-ex", "run", "-ex", "weft tasks", "-ex", f"generate-core-file {core}", PROGRAM)
    if not core.exists() and re.search("ptrace|not permitted|Cannot create process", LIVE):
        print("this place does not let one process trace another:", LIVE)
        sys.exit(SKIP)
    DEAD = gdb("-ex", "weft tasks", PROGRAM, str(core))


@case("every waiting task of a live process is listed with its path and what it waits for")
def _():
    check(LIVE)


@case("the same is read from a core file")
def _():
    check(DEAD)
    assert "times as of its last turn" in DEAD, DEAD


@case("a program without Weft is refused")
def _():
    assert "no symbol weft::detail::loop_list" in gdb("-ex", "weft tasks", sys.executable)


run_cases()
