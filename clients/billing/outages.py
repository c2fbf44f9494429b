"""The outages of a run, and which of them hit which subscriber.

All of the file has to be right: an outage that is left out would silently pay too little, so nothing starts with a bad one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from clients import enums, message_json
from clients.billing import columns
from clients.billing.columns import Chosen
from clients.errors import BadInput
from clients.tables import cells, dialect, naming, opening, source
from clients.tables.options import TableOptions
from clients.tables.rows import Row
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import BatchDefaults

LAST_INSTANT = 4_102_444_800
"""2100-01-01T00:00:00Z, the last that the contract takes."""


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


def load(path: Path, options: TableOptions | None = None, note: Callable[[str], None] = lambda _: None) -> Outages:
    """The outages in a table or a .json file. Raises BadInput with every problem. ``note`` is given what was recognised."""
    options = options or TableOptions()
    columns.check_mapping(options)
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:] if suffix.lower() not in source.SUFFIXES.values()]
    found = _from_json(path, options) if suffixes[-1:] == [".json"] else _from_table(path, options, note)
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
    for name in ("started_at", "ended_at"):
        if outage.HasField(name) and not 0 <= getattr(outage, name).seconds <= LAST_INSTANT:
            shown = getattr(outage, name).ToJsonString()
            advice = "; leave it empty while the outage goes on" if name == "ended_at" else ""
            found.append(f"{name}: {shown} is not between 1970 and 2100{advice}")
    if not outage.HasField("started_at"):
        found.append("started_at: is missing")
    elif outage.HasField("ended_at") and outage.ended_at.seconds <= outage.started_at.seconds:
        started, ended = outage.started_at.ToJsonString(), outage.ended_at.ToJsonString()
        found.append(f"ended_at: {ended} is not after started_at {started}; leave it empty while the outage goes on")
    return [f"  {place}: {problem}" for problem in found]


def _from_json(path: Path, options: TableOptions) -> list[tuple[str, facts_pb2.Outage]]:
    try:
        text = dialect.text_of(path, source.whole(path), options.encoding)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    rounding = message_json.OUTWARD if options.round_times_outward else message_json.EXACT
    document = message_json.parse(text, str(path), BatchDefaults(), list_is="outages", rounding=rounding)
    found = [(f"outages[{index}]", outage) for index, outage in enumerate(document.outages)]
    problems = [problem for place, outage in found for problem in (*_damaged_texts(place, outage), *_problems(place, outage))]
    if problems:
        raise _to_mend(path, problems)
    return found


def _damaged_texts(place: str, outage: facts_pb2.Outage) -> list[str]:
    """Identities of a document, held to what a cell is held to: it was made out of one."""
    texts = [("outage_id", outage.outage_id), ("responsible_party", outage.responsible_party)]
    texts += [(f"areas[{index}]", area) for index, area in enumerate(outage.areas)]
    problems: list[str] = []
    for name, text in texts:
        try:
            if text and ";" in cells.identity(text) and name.startswith("areas"):
                problems.append(f"  {place}.{name}: {text!r} holds a ;, so it is several areas; make each a text of its own")
            elif not text.strip() and name.startswith("areas"):
                problems.append(f"  {place}.{name}: is empty")
        except ValueError as error:
            problems.append(f"  {place}.{name}: {error}")
    return problems


def _from_table(path: Path, options: TableOptions, note: Callable[[str], None]) -> list[tuple[str, facts_pb2.Outage]]:
    options = options.beside(path)
    table = opening.open_table(path, options)
    for line in opening.notes(path, table):
        note(line)
    chosen = columns.outages(options).chosen(table, str(path), options)
    if other_names := naming.note((each.name, each.given) for each in chosen):
        note(f"{path}: {other_names}")
    required = columns.outages(options).required
    problems: list[str] = []
    impact = facts_pb2.IMPACT_UNSPECIFIED if any(each.name == "impact" for each in chosen) else facts_pb2.IMPACT_LOSS
    found: list[tuple[str, facts_pb2.Outage]] = []
    for row in opening.rows_of(table):
        place, unread = f"line {row.line}", len(problems)
        outage = facts_pb2.Outage(impact=impact)
        _fill(row, chosen, required, outage, problems)
        if len(problems) == unread:
            problems += _problems(place, outage)
        found.append((place, outage))
    if problems:
        raise _to_mend(path, problems)
    return found


def _fill(
    row: Row,
    chosen: Sequence[Chosen[facts_pb2.Outage]],
    required: Sequence[str],
    outage: facts_pb2.Outage,
    problems: list[str],
) -> None:
    """The outage of a row, or problems."""
    if row.error:
        problems.append(f"  line {row.line}: {row.error}")
        return
    for each in chosen:
        cell = row.cells[each.index]
        if cells.is_empty(cell):
            if each.name in required:
                problems.append(f"  line {row.line}: {each.name}: is empty")
            continue
        try:
            each.column.fill(outage, cell)
        except ValueError as error:
            problems.append(f"  line {row.line}: {each.name}: {error}")


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
