"""What the house rules ask of every file and no compiler checks."""

import re
from pathlib import Path

from cases import case, run_cases

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("lib", "gen", "examples", "tests", ".ci")
TEXT = {".h", ".cc", ".inc", ".in", ".py", ".md", ".build", ".thrift", ".proto", ".txt", ".sh", ""}
LINES = 600
TOP = {"meson.build", "meson_options.txt", "README.md", "CONTRIBUTING.md", "LICENSE", "lib", "gen", "examples", "tests"}

# What each folder may include of Weft. A folder that is not named may include anything.
STATUS_AND_BYTES = ("weft/runtime/status.h", "weft/runtime/result.h", "weft/runtime/bytes.h")
MAY_INCLUDE = {
    "lib/runtime": ("weft/runtime/",),
    "lib/codec": ("weft/codec/", *STATUS_AND_BYTES),
    "lib/middleware": ("weft/middleware/", "weft/runtime/"),
    "gen": (),
}


def files():
    """Every text file of ours; generated code, golden files and fuzzing inputs are written by programs."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    paths += [ROOT / name for name in TOP]
    for path in sorted(paths):
        name = path.relative_to(ROOT).as_posix()
        if not path.is_file() or path.is_symlink() or path.suffix not in TEXT:
            continue
        if re.search(r"(^|/)(golden|corpus|subprojects|__pycache__)/|\.weft\.(h|cc)$|^LICENSE$", name):
            continue
        yield name, path.read_text()


FILES = dict(files())


def none(offences):
    offences = list(offences)
    assert not offences, "\n  ".join(offences)


def matching(pattern, names=FILES):
    for name in names:
        for number, line in enumerate(FILES[name].splitlines(), 1):
            if match := re.search(pattern, line):
                yield name, number, match


def public_headers():
    return [name for name in FILES if re.match(r"lib/\w+/include/.*\.h$", name)]


@case("includes point down")
def _():
    def offences():
        for folder, allowed in MAY_INCLUDE.items():
            names = [name for name in FILES if name.startswith(folder + "/") and name.endswith((".h", ".cc"))]
            for name, number, match in matching(r'^\s*#\s*include\s*[<"](weft/[^>"]+)', names):
                if not match[1].startswith(allowed):
                    yield f"{name}:{number}: {folder} may not include {match[1]}"

    none(offences())


@case("nobody reaches into another folder's private headers")
def _():
    lib = [name for name in FILES if name.startswith(("lib/", "gen/", "examples/"))]
    none(f"{name}:{number}: {match[0]}" for name, number, match in matching(r'#\s*include\s*"\.\./\.\./.*"', lib))


@case("every public header opens with a comment and has #pragma once")
def _():
    none(
        name
        for name in public_headers()
        if not (FILES[name].startswith("// ") and "\n#pragma once\n" in FILES[name])
    )


@case(f"no file is longer than {LINES} lines")
def _():
    counts = {name: text.count("\n") for name, text in FILES.items() if not name.endswith((".thrift", ".proto"))}
    none(f"{name}: {count}" for name, count in counts.items() if count > LINES)


@case("there are no tabs, trailing blanks or missing last newlines")
def _():
    none(f"{name}:{number}" for name, number, _ in matching(r"\t|\s$"))
    none(name for name, text in FILES.items() if text and not text.endswith("\n"))


@case("nothing is left for later")
def _():
    leftovers = "|".join(("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"))
    none(f"{name}:{number}: {match[0]}" for name, number, match in matching(rf"\b({leftovers})\b"))


@case("no file names a place on somebody's machine")
def _():
    none(f"{name}:{number}: {match[0]}" for name, number, match in matching(r"(?<![\w.@}])/(home|work|root|Users)/"))


@case("every component has a README")
def _():
    folders = [path for path in (ROOT / "lib").iterdir() if path.is_dir()] + [ROOT / "gen"]
    none(f"{path.relative_to(ROOT)}" for path in sorted(folders) if not (path / "README.md").is_file())


@case("the top level holds what it should")
def _():
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "build"))}
    none(sorted(found - TOP - {"compile_commands.json"}))


run_cases()
