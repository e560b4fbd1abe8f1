"""Test cases in Python: functions under @case("a sentence"), run in order by run_cases().

A case fails by an exception (`assert` will do). The last line printed is counted as doctest's is.
"""

import sys
import traceback

_cases = []


def case(sentence):
    def add(function):
        _cases.append((sentence, function))
        return function

    return add


def run_cases():
    failed = 0
    for sentence, function in _cases:
        try:
            function()
        except Exception as error:
            failed += 1
            print(f"FAILED: {sentence}", flush=True)
            if isinstance(error, AssertionError):
                print(f"  {error}")
            else:
                traceback.print_exc(file=sys.stdout)
    print(f"test cases: {len(_cases)} | {len(_cases) - failed} passed | {failed} failed | 0 skipped")
    sys.exit(1 if failed else 0)
