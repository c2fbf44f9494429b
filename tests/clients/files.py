"""Input files for billing, and what its results say."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

ROWS = 400
"""Subscribers of a usual file."""

HEADER = "subscriber_id,area,plan_type,monthly_fee_minor,currency_code,data_allowance_bytes,data_remaining_bytes"
OUTAGES = """\
outage_id,started_at,ended_at,cause,areas,responsible_party
out-1,2026-03-04T08:00:00+08:00,2026-03-04T11:30:00+08:00,EQUIPMENT_FAILURE,A;B,
out-2,2026-03-05T08:00:00+08:00,2026-03-05T09:30:00+08:00,CONSTRUCTION_DAMAGE,B,contractor-7
"""
AREAS = ("A", "B", "C")


def subscriber(number: int) -> str:
    """A line of a good subscriber; a third of them are in an area that no outage hit, some are refused or get nothing."""
    kind = "refused" if number % 17 == 0 else "short" if number % 13 == 0 else "s"
    plan = ("DATA", "VOICE", "CONVERGED")[number % 3]
    return f"{kind}-{number},{AREAS[number // 7 % 3]},{plan},{5900 + number},CNY,21474836480,{number * 2**20}"


def write_inputs(folder: Path, lines: Iterable[str], outages: str = OUTAGES) -> None:
    """subscribers.csv and outages.csv."""
    (folder / "subscribers.csv").write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    (folder / "outages.csv").write_text(outages, encoding="utf-8")


def billing(out: str, *more: str, subscribers: str = "subscribers.csv", outages: str = "outages.csv") -> Sequence[str]:
    """The arguments of a run."""
    files = ("--subscribers", subscribers, "--outages", outages, "--out", out)
    return ("run", *files, "--as-of", "2026-04-01T00:00:00Z", *more)


def rows_on_record(folder: Path, out: str) -> int:
    """How many rows the progress file speaks of."""
    try:
        counts = json.loads((folder / f"{out}.progress").read_text())["counts"]
    except FileNotFoundError:
        return 0
    return sum(number for *key, number in counts if key == ["rows"])


def result_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a result in either format, with lists as lists and without what is empty."""
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    else:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{name: _plain(name, cell) for name, cell in row.items()} for row in csv.DictReader(file)]
    return [_lean(row) for row in rows]


def _plain(name: str, cell: str) -> Any:
    if name == "line":
        return int(cell)
    return json.loads(cell) if cell.startswith("[") else cell


def _lean(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _lean(each) for name, each in value.items() if each not in ("", [], None)}
    return [_lean(each) for each in value] if isinstance(value, list) else value
