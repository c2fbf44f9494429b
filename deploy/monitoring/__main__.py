"""Writes deploy/grafana/ anew, or into the directory that is named."""

import sys
from pathlib import Path

from deploy.monitoring.boards import BOARDS
from deploy.monitoring.grafana import written

directory = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).resolve().parents[1] / "grafana"
for name, board in BOARDS.items():
    (directory / f"{name}.json").write_text(written(board), "utf-8")
