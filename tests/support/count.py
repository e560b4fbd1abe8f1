"""Counts the test cases of one `meson test`, from its testlog.json.

A program says how many of its cases passed in doctest's words, "test cases: 3 | 2 passed | 1 failed | 0 skipped".
One that says nothing is one case. One that fails without naming a failed case (a crash, a timeout) is one failure.
"""

import json
import re
import sys
from pathlib import Path

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SUMMARY = re.compile(r"test cases: *\d+ *\| *(\d+) passed *\| *(\d+) failed(?: *\| *(\d+) skipped)?")


def count(test):
    cases = SUMMARY.findall(COLOUR.sub("", test.get("stdout") or ""))
    passed, failed, skipped = (sum(int(case[i] or 0) for case in cases) for i in range(3))
    good, skip = test["result"] in ("OK", "EXPECTEDFAIL"), test["result"] == "SKIP"
    if not good and not skip:
        failed = max(failed, 1)
    elif not cases:
        passed, skipped = int(good), int(skip)
    return passed, failed, skipped


def main(path):
    log = Path(path)
    tests = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    passed, failed, skipped = (sum(column) for column in zip((0, 0, 0), *map(count, tests)))
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
