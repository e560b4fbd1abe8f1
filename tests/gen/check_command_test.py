"""weft-gen check and dump as commands: check_command_test.py WEFT_GEN"""

import json
import os
import subprocess
import sys
import tempfile

GEN = os.path.abspath(sys.argv[1])


def run(*arguments, cwd):
    done = subprocess.run([GEN, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def write(folder, files):
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def main():
    with tempfile.TemporaryDirectory() as folder:
        shared = "namespace cpp a.shared\nstruct Item { 1: i32 id }\n"
        x = 'include "a/shared.thrift"\nstruct S { 1: shared.Item item, 2: i32 n }\n'
        write(folder, {
            "idl/a/shared.thrift": shared, "idl/x.thrift": x,
            "old/idl/a/shared.thrift": shared, "old/idl/x.thrift": x,
            "bad.thrift": "struct {",
        })
        files = ["-I", "idl", "idl/x.thrift", "idl/a/shared.thrift"]

        # An old tree by the paths given, or by those below the -I folder; an old dump.
        for against in ["old", "old/idl"]:
            assert run("check", "--against", against, *files, cwd=folder) == (0, "", ""), against
        status, _, errors = run("dump", "-o", "old.json", *files, cwd=folder)
        assert (status, errors) == (0, ""), errors
        reads_json = run("check", "--against", "old.json", *files, cwd=folder)
        assert reads_json == (0, "", "") or "without nlohmann" in reads_json[2], reads_json

        # A change in an included file is found, and levels leave out what breaks less.
        write(folder, {"idl/a/shared.thrift": shared.replace("i32 id", "i32 number")})
        againsts = ["old", "old/idl"] + (["old.json"] if reads_json[0] == 0 else [])
        for against in againsts:
            status, _, errors = run("check", "--against", against, *files, cwd=folder)
            assert status == 1, against
            assert "field 1 is `number` now, it was `id` [source: field-renamed]" in errors, errors
            assert run("check", "--level", "wire", "--against", against, *files, cwd=folder)[0] == 0, against
        status, output, errors = run("check", "--json", "--against", "old", *files, cwd=folder)
        found = json.loads(output)
        assert status == 1 and errors == "" and not found["compatible"], found
        assert [finding["rule"] for finding in found["findings"]] == ["field-renamed"], found
        assert found["findings"][0]["now"] == {"file": "idl/a/shared.thrift", "line": 2, "column": 22}, found

        # One file against another, whatever it is called.
        write(folder, {"new.thrift": "namespace cpp bare\nstruct S { 1: i64 n }", "bare.thrift": "struct S { 1: i32 n }"})
        status, _, errors = run("check", "--against", "bare.thrift", "new.thrift", cwd=folder)
        assert status == 1 and "[wire: field-type]" in errors, errors

        # A file that the old version does not have is new, and that is no finding.
        write(folder, {"idl/new.thrift": "struct N {}"})
        assert run("check", "--level", "wire", "--against", "old", *files, "idl/new.thrift", cwd=folder)[0] == 0

        # Mistakes.
        assert run("check", *files, cwd=folder)[0] == 2
        assert run("check", "--against", "nowhere", *files, cwd=folder)[0] == 2
        assert run("check", "--against", "old", "--level", "deep", *files, cwd=folder)[0] == 2
        assert run("check", "--against", "old", "new.thrift", cwd=folder)[0] == 2
        assert run("check", "--against", "old", "--nonsense", *files, cwd=folder)[0] == 2
        status, output, errors = run("check", "--against", "bare.thrift", "bad.thrift", cwd=folder)
        assert status == 1 and output == "" and "bad.thrift:1:8: error" in errors, errors
        write(folder, {"broken.json": "{\"weft_dump\": 1, "})
        status, _, errors = run("check", "--against", "broken.json", *files, cwd=folder)
        assert status == 1 and "broken.json" in errors, errors
        status, output, errors = run("dump", "bad.thrift", cwd=folder)
        assert status == 1 and output == "" and "error" in errors, errors


main()
