from cases import case, run_cases
from count import count


def counted(result, stdout=""):
    return count({"result": result, "stdout": stdout})


@case("a program's own summary is what counts, in colour or not")
def _():
    assert counted("OK", "[doctest] test cases:  12 | 12 passed | 0 failed | 3 skipped\n") == (12, 0, 3)
    assert counted("FAIL", "test cases: 3 | \x1b[32m2 passed\x1b[0m | \x1b[31m1 failed\x1b[0m |\n") == (2, 1, 0)


@case("a program without a summary is one case")
def _():
    assert counted("OK", "Hello, Ada\n") == (1, 0, 0)
    assert counted("SKIP") == (0, 0, 1)
    assert counted("FAIL") == (0, 1, 0)


@case("a crash or a timeout is a failure, whatever was printed before")
def _():
    for result in ("ERROR", "FAIL", "TIMEOUT", "INTERRUPT"):
        assert counted(result, "starting") == (0, 1, 0)
        assert counted(result, "test cases: 5 | 5 passed | 0 failed | 0 skipped") == (5, 1, 0)


run_cases()
