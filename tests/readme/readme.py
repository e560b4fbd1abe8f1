"""README.md says what is true: its code is that of examples/hello, its project configures, its paths exist."""

import re
import subprocess
import tempfile
from pathlib import Path

import quickstart
from cases import case, run_cases

README = (quickstart.ROOT / "README.md").read_text()


@case("the quickstart's sources are those of examples/hello")
def _():
    sources, _, _ = quickstart.files()
    for name, text in sources.items():
        assert text == (quickstart.ROOT / "examples/hello" / name).read_text(), f"{name} differs"


@case("the quickstart's project configures with Weft as a subproject")
def _():
    sources, subproject, _ = quickstart.files()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        quickstart.write(folder, sources, subproject)
        (folder / "subprojects").mkdir()
        (folder / "subprojects/weft").symlink_to(quickstart.ROOT)
        setup = subprocess.run(["meson", "setup", "build"], cwd=folder, capture_output=True, text=True)
        assert setup.returncode == 0, setup.stdout + setup.stderr


@case("the paths that the top-level documents name exist")
def _():
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (quickstart.ROOT / document).read_text()
        for path in re.findall(r"`((?:lib|gen|examples|tests|\.ci)(?:/[\w./-]+)?)`", text):
            assert (quickstart.ROOT / path).exists(), f"{document}: {path}"


run_cases()
