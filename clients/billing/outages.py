"""The outages of a run, and which of them hit which subscriber.

All of the file has to be right: an outage that is left out would silently pay too little, so nothing starts with a bad one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clients import enums, message_json
from clients.billing import columns
from clients.errors import BadInput
from clients.tables import opening
from clients.tables.rows import Row
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import BatchDefaults


@dataclass(frozen=True, slots=True)
class Outages:
    """The outages without their areas (they are matched here, and would only be carried to the server for nothing).

    ``everywhere`` and ``by_area`` hold indexes into ``messages``, ascending.
    """

    messages: tuple[facts_pb2.Outage, ...]
    everywhere: tuple[int, ...]
    by_area: dict[str, tuple[int, ...]]

    def hitting(self, areas: Sequence[str]) -> tuple[int, ...]:
        """Indexes of the outages that hit a subscriber in ``areas``."""
        found = set(self.everywhere)
        for area in areas:
            found.update(self.by_area.get(area, ()))
        return tuple(sorted(found))

    def ids(self, indexes: Sequence[int]) -> list[str]:
        """The operator's ids of outages."""
        return [self.messages[index].outage_id for index in indexes]


def load(path: Path, ignored: Sequence[str] = ()) -> Outages:
    """The outages in a .csv, .parquet or .json file. Raises BadInput with every problem."""
    found = _from_json(path) if path.suffix == ".json" else _from_table(path, ignored)
    if not found:
        raise BadInput(f"{path} holds no outage")
    return _joined(found, path)


def _to_mend(path: Path, problems: list[str]) -> BadInput:
    return BadInput(f"{path} has to be mended; with an outage left out, too little would be paid", problems)


def _problems(place: str, outage: facts_pb2.Outage) -> list[str]:
    """What the server would refuse in every row that the outage hits."""
    found = [f"{name}: is missing" for name in ("outage_id", "cause", "impact") if not getattr(outage, name)]
    codes = (("cause", outage.cause, facts_pb2.Cause.DESCRIPTOR), ("impact", outage.impact, facts_pb2.Impact.DESCRIPTOR))
    found += [
        f"{name}: there is no code {number}; it is one of {', '.join(enums.codes(enum))}"
        for name, number, enum in codes
        if number not in enum.values_by_number
    ]
    if not outage.HasField("started_at"):
        found.append("started_at: is missing")
    elif outage.HasField("ended_at") and outage.ended_at.seconds <= outage.started_at.seconds:
        started, ended = outage.started_at.ToJsonString(), outage.ended_at.ToJsonString()
        found.append(f"ended_at: {ended} is not after started_at {started}; leave it empty while the outage goes on")
    return [f"  {place}: {problem}" for problem in found]


def _from_json(path: Path) -> list[tuple[str, facts_pb2.Outage]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 (byte {error.start})") from error
    document = message_json.parse(text, str(path), BatchDefaults(), list_is="outages")
    found = [(f"outages[{index}]", outage) for index, outage in enumerate(document.outages)]
    if problems := [problem for place, outage in found for problem in _problems(place, outage)]:
        raise _to_mend(path, problems)
    return found


def _from_table(path: Path, ignored: Sequence[str]) -> list[tuple[str, facts_pb2.Outage]]:
    table = opening.open_table(path)
    fills = columns.OUTAGES.fills(table.columns, str(path), ignored)
    problems: list[str] = []
    impact = facts_pb2.IMPACT_UNSPECIFIED if "impact" in table.columns else facts_pb2.IMPACT_LOSS
    found: list[tuple[str, facts_pb2.Outage]] = []
    for row in opening.rows_of(table):
        place, unread = f"line {row.line}", len(problems)
        outage = facts_pb2.Outage(impact=impact)
        _fill(row, fills, outage, problems)
        if len(problems) == unread:
            problems += _problems(place, outage)
        found.append((place, outage))
    if problems:
        raise _to_mend(path, problems)
    return found


def _fill(
    row: Row, fills: list[tuple[int, str, columns.Fill[facts_pb2.Outage]]], outage: facts_pb2.Outage, problems: list[str]
) -> None:
    """The outage of a row, or problems."""
    if row.error:
        problems.append(f"  line {row.line}: {row.error}")
        return
    for index, name, fill in fills:
        cell = row.cells[index]
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            if name in columns.OUTAGES.required:
                problems.append(f"  line {row.line}: {name}: is empty")
            continue
        try:
            fill(outage, cell)
        except ValueError as error:
            problems.append(f"  line {row.line}: {name}: {error}")


def _joined(found: list[tuple[str, facts_pb2.Outage]], path: Path) -> Outages:
    """Rows of one id are one outage with the areas of all of them; if they differ in anything else, one of them is wrong."""
    first: dict[str, tuple[str, facts_pb2.Outage]] = {}
    areas: dict[str, set[str]] = {}
    everywhere: set[str] = set()
    problems: list[str] = []
    for place, outage in found:
        named = set(outage.areas)
        outage.ClearField("areas")
        where, known = first.setdefault(outage.outage_id, (place, outage))
        if known != outage:
            problems.append(f"  {place}: outage {outage.outage_id!r} differs from {where} in more than its areas")
        areas.setdefault(outage.outage_id, set()).update(named)
        if not named:
            everywhere.add(outage.outage_id)
    if problems:
        raise BadInput(f"{path} says two things about one outage", problems)
    by_area: dict[str, list[int]] = {}
    for index, outage_id in enumerate(first):
        for area in areas[outage_id] if outage_id not in everywhere else ():
            by_area.setdefault(area, []).append(index)
    return Outages(
        tuple(outage for _, outage in first.values()),
        tuple(index for index, outage_id in enumerate(first) if outage_id in everywhere),
        {area: tuple(indexes) for area, indexes in by_area.items()},
    )
