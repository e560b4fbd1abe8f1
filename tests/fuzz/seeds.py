#!/usr/bin/env python3
"""Writes the hex texts of the codec's test tables, and the golden IDL, as seeds: seeds.py FOLDER TEST.cc ..."""

import pathlib
import re
import sys

KINDS = 9  # the first byte of an input chooses what it is decoded as

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for source in sys.argv[2:]:
    for number, text in enumerate(re.findall(r'"([0-9a-f ]{2,})"', pathlib.Path(source).read_text())):
        digits = text.replace(" ", "")
        if len(digits) % 2 == 0:
            for kind in range(KINDS):
                name = f"{pathlib.Path(source).stem}-{number}-{kind}"
                (folder / name).write_bytes(bytes([kind]) + bytes.fromhex(digits))
for source in (pathlib.Path(__file__).parent.parent / "golden").glob("*/*"):
    if source.suffix in (".thrift", ".proto"):
        (folder / source.name).write_bytes(source.read_bytes())
