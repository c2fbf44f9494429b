"""Dashboards as a page, for where there is no Grafana: python -m deploy.monitoring.page OUT NODE_MODULES."""

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from deploy.monitoring.boards import BOARDS

_PAGE: Final = Path(__file__).resolve().parents[1] / "page"
_FILES: Final = ("index.html", "page.css", "page.js")
_CHART: Final = Path("chart.js", "dist", "chart.umd.min.js")
"""The library that draws, which the page loads from beside it; it is not among our files."""


def main(arguments: Sequence[str]) -> int:
    """The exit status; 2 where the library is not there."""
    directory, node_modules = map(Path, arguments)
    chart = node_modules / _CHART
    if not chart.is_file():
        print(f"{chart} is not there; npm install chart.js puts it there", file=sys.stderr)
        return 2
    directory.mkdir(parents=True, exist_ok=True)
    for file in (*(_PAGE / name for name in _FILES), chart):
        shutil.copyfile(file, directory / file.name)
    boards = {name: asdict(board) for name, board in BOARDS.items()}
    (directory / "boards.js").write_text(f"const BOARDS = {json.dumps(boards)};\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
