"""What must not compile, and says why. sys.argv: the include folder of the runtime, the compiler's command."""

import subprocess
import sys

from cases import case, run_cases

INCLUDE, COMPILER = sys.argv[1], sys.argv[2:]
PROGRAM = """
#include <weft/runtime/blocking.h>
#include <weft/runtime/cores.h>
#include <weft/runtime/mailbox.h>
#include <weft/runtime/scope.h>
using namespace weft;
Task<void> nothing() { co_return; }
struct Store {
  Task<void> sweep(int) { co_return; }
};
struct Throwing {
  Throwing();
  Throwing(Throwing&&) noexcept(false);
};
Task<void> body(Scope& scope, Store& store, int number) {
  %s
  co_return;
}
"""


def errors(line):
    """What the compiler has against a program with this line in it; nothing when it compiles."""
    command = [*COMPILER, "-std=c++20", "-fsyntax-only", "-I", INCLUDE, "-x", "c++", "-"]
    run = subprocess.run(command, input=PROGRAM % line, text=True, capture_output=True, check=False)
    assert run.returncode == 0 or "error" in run.stderr, run.stderr
    return run.stderr if run.returncode else ""


def accepted(*lines):
    found = errors("\n".join(lines))
    assert not found, found


def refused(why, *lines):
    for line in lines:
        found = errors(line)
        assert found, f"{line}: compiles"
        assert why in found, f"{line}\n{found}"


@case("functions, members and lambdas that capture nothing are taken")
def _():
    accepted(
        "scope.spawn(nothing);",
        "scope.spawn(&Store::sweep, &store, number);",
        "scope.spawn([](int) -> Task<void> { co_return; }, number);",
        "co_await on(1, nothing);",
        "co_await on(1, [](int) -> Task<void> { co_return; }, number);",
        "co_await blocking([] { return 1; });",
        "Mailbox<int> mailbox{1};",
    )


@case("spawn refuses a lambda that captures")
def _():
    refused(
        "its captures die before it does",
        "scope.spawn([number]() -> Task<void> { (void)number; co_return; });",
        "scope.spawn([&store](int) -> Task<void> { (void)store; co_return; }, number);",
    )


@case("on refuses a lambda that captures")
def _():
    refused("cannot run on another core", "co_await on(1, [number]() -> Task<void> { (void)number; co_return; });")


@case("blocking refuses a coroutine")
def _():
    refused("blocking() is for ordinary functions", "co_await blocking(nothing);")


@case("a mailbox refuses elements that may throw on their way")
def _():
    refused("an element must get in whatever happens", "Mailbox<Throwing> mailbox{1};")


run_cases()
