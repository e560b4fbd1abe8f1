"""apache_cpp.py THRIFT OUTDIR IDL...: Apache's C++ for the IDL files, in a namespace that Weft's code for them does not use."""

import subprocess
import sys
import tempfile
from pathlib import Path

thrift, outdir, *files = sys.argv[1:]
with tempfile.TemporaryDirectory() as folder:
    for file in map(Path, files):
        text = file.read_text().replace("namespace cpp weft_kitchen", "namespace cpp apache_kitchen")
        (Path(folder) / file.name).write_text(text)
    for file in map(Path, files):
        command = [thrift, "-nowarn", "--gen", "cpp:no_skeleton", "-out", outdir, Path(folder) / file.name]
        subprocess.run(command, check=True)
