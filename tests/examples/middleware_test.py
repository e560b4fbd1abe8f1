"""Runs examples/middleware and looks for what it promises to show: middleware_test.py PROGRAM."""

import subprocess
import sys

from cases import case, run_cases

ran = subprocess.run([sys.argv[1]], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)


def check(condition):
    assert condition, f"ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"


def split():
    """The lines under each of the three headings."""
    sections = []
    for line in ran.stdout.splitlines():
        if line.endswith(":"):
            sections.append([])
        elif sections:
            sections[-1].append(line)
    check(len(sections) == 3)
    return sections


@case("the program ends with 0 and complains of nothing")
def ends():
    check(ran.returncode == 0 and not ran.stderr)


@case("both servers answer, and slow answers are told by both sides")
def balances():
    lines = split()[0]
    check(sum(line.startswith("Hello, Ada, from ") for line in lines) == 6)
    check("Hello, Ada, from quick" in lines and "Hello, Ada, from slow" in lines)
    for side in ("client", "slow server"):
        check(any(line.startswith(f"  {side}: say_hello was slow: ok") for line in lines))


@case("when a server is gone the other one answers every call")
def retries():
    lines = [line for line in split()[1] if not line.startswith("  ")]
    check(lines == ["Hello, Grace, from slow"] * 3)


@case("a call that takes too long ends on both sides")
def times_out():
    lines = split()[2]
    check(any(line.startswith("deadline_exceeded: ") for line in lines))
    for side in ("client", "slow server"):
        check(any(line.startswith(f"  {side}: say_hello was slow: deadline_exceeded") for line in lines))


run_cases()
