"""The files that README.md asks its reader to type: quickstart.py FOLDER writes those of an installed Weft there."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language):
    return [text for found, text in BLOCK.findall((ROOT / "README.md").read_text()) if found == language]


def files():
    """The sources, and the two ways to build them: with Weft as a subproject, and with an installed one."""
    idl = blocks("thrift")[0]  # further ones are of other matters
    server, client = blocks("cpp")[:2]
    subproject, installed = blocks("meson")[:2]
    return {"hello.thrift": idl, "server.cc": server, "client.cc": client}, subproject, installed


def write(folder, sources, build):
    for name, text in {**sources, "meson.build": build}.items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    sources, _, installed = files()
    write(Path(sys.argv[1]), sources, installed)
