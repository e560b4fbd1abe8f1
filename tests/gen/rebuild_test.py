"""A tree of thirty IDL files, generated with --meson and built by ninja: an edit recompiles what depends on it alone.

    rebuild_test.py WEFT_GEN ROOT     with the compiler in CXX

Which sources are compiled again is decided by what the preprocessor reads, so generated sources are preprocessed only;
other tests compile them.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from cases import case, run_cases

WEFT_GEN, ROOT = map(os.path.abspath, sys.argv[1:])
FOLDER = tempfile.TemporaryDirectory()
PROJECT = Path(FOLDER.name)
IDL = PROJECT / "idl"
COMPILER = PROJECT / "compiler"
INCLUDES = ", ".join(f"'{ROOT}/lib/{name}/include'" for name in ("runtime", "codec", "middleware"))


def run(*command):
    environment = {**os.environ, "CXX": str(COMPILER)}
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=500, env=environment)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def generate(*options):
    run(WEFT_GEN, "--meson", "-o", "out", "-I", "idl", *options, *sorted(map(str, IDL.rglob("*.thrift"))))


def build():
    """Builds, and returns the names of the sources that were compiled."""
    output = run("ninja", "-C", "build", "-v")
    return {re.sub(r"\.weft.*", "", name) for name in re.findall(r"-c \S*/(\w+\.weft[.\d]*cc)", output)}


def edit(name, old, new):
    path = IDL / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def lay_out():
    """base <- five middles <- four leaves each; two services over two of the middles, and two files on their own."""
    COMPILER.write_text(
        "#!/usr/bin/env bash\n"
        f"if [[ \"$*\" == *.weft*.cc* ]]; then set -- \"${{@/#-c/-E}}\"; fi\n"
        f"exec {os.environ.get('CXX', 'c++')} \"$@\"\n"
    )
    COMPILER.chmod(0o755)
    IDL.mkdir()
    (IDL / "base.thrift").write_text("struct Base { 1: i32 n }\n")
    for at in range(5):
        text = 'include "base.thrift"\nstruct Middle { 1: base.Base base }\n'
        (IDL / f"middle{at}.thrift").write_text(text)
        for leaf in range(4):
            (IDL / f"leaf{at}{leaf}.thrift").write_text(
                f'include "middle{at}.thrift"\n# nothing\nstruct Leaf {{ 1: middle{at}.Middle middle, 2: string s }}\n'
            )
    for at in range(2):
        (IDL / f"api{at}.thrift").write_text(
            f'include "leaf{at}0.thrift"\nservice Api{at} {{ leaf{at}0.Leaf get(1: i64 id) }}\n'
        )
    (IDL / "alone.thrift").write_text("struct Alone { 1: i32 n }\n")
    (IDL / "other.thrift").write_text("enum Other { ONE }\nstruct S { 1: Other other }\n")
    (PROJECT / "meson.build").write_text(
        "project('tree', 'cpp', default_options: ['cpp_std=c++20', 'optimization=0', 'debug=false'])\n"
        f"meson.override_dependency('weft', declare_dependency(include_directories: include_directories({INCLUDES})))\n"
        "subdir('out')\n"
    )


@case("the whole tree builds")
def _():
    lay_out()
    generate()
    run("meson", "setup", "build")
    assert len(build()) == 30
    assert build() == set()


@case("nothing is recompiled when nothing changes, in the IDL or in what is made of it")
def _():
    generate()
    assert build() == set()
    edit("base.thrift", "struct", "\n# a comment that no C++ has\nstruct")
    edit("leaf00.thrift", "nothing", "nothing at all")
    generate()
    assert build() == set()


@case("a change in a file that nobody includes recompiles that file")
def _():
    edit("leaf11.thrift", "string s", "string s, 3: i32 n")
    generate()
    assert build() == {"leaf11"}


@case("a change in a file recompiles what includes it, and what includes that, and nothing else")
def _():
    edit("middle0.thrift", "base.Base base", "base.Base base, 2: i64 more")
    generate()
    assert build() == {"middle0", "leaf00", "leaf01", "leaf02", "leaf03", "api0"}
    edit("leaf00.thrift", "string s", "string s, 3: bool yes")
    generate()
    assert build() == {"leaf00", "api0"}


@case("a file that comes new is compiled, and its library is set up, by ninja alone")
def _():
    (IDL / "api2.thrift").write_text('include "alone.thrift"\nservice Api2 { alone.Alone get() }\n')
    generate()
    compiled = build()
    assert "api2" in compiled, compiled
    assert compiled <= {"api2", "alone"}, compiled


run_cases()
