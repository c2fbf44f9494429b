"""Reads rows of subscribers by columns: each distinct cell is read once, by what reads a single row, and kept as bytes.

A question about a subscriber is what its cells say put behind one another, since a message is its fields. Columns that fill
one message together are read together. A row with a cell that cannot be read is read by itself, which says why.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.descriptor import FieldDescriptor

from clients.billing import areas, framing, read_rows
from clients.billing.outages import Outages
from clients.billing.read_rows import Before, ReadRows
from clients.billing.result_schema import GRANTED_BEFORE, TEXT, TEXTS, WHOLE
from clients.billing.subscribers import Filling, SubscriberReader
from clients.billing.vectors import by_distinct, fields, grouped, lists_of, same_lists
from clients.status import Violation
from clients.tables import cells, distinct
from clients.tables.cells import Cell
from clients.tables.rows import Chunk, Columns
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

_ITEM: Final = ComputeCompensationRequest.DESCRIPTOR.fields_by_name
_SUBSCRIBER: Final = facts_pb2.Subscriber.DESCRIPTOR.fields_by_name
_CYCLE: Final = "billing_cycle"
_BEFORE: Final = "granted_before"
Value = TypeVar("Value")


class Group(NamedTuple):
    """Columns that fill one field of a subscriber, or say what was granted before; and how."""

    field: str
    indexes: tuple[int, ...]
    fill: Callable[[ComputeCompensationRequest, tuple[Cell, ...]], Iterable[Violation]]


class Area(NamedTuple):
    """Areas of a row, and the outages that hit it."""

    areas: tuple[str, ...]
    outages: tuple[int, ...]


class Said(NamedTuple):
    """What cells say: fields of a message as bytes, a billing cycle where they say one, and what was granted before."""

    fields: bytes
    cycle: tuple[int, int] | None = None
    before: Sequence[Before] = ()


OfColumns = tuple[list[Said | None], pa.Array]
"""What each distinct row of some columns says, None where it cannot be read; and for each row the place of its own."""


class SubscriberColumns:
    """The columns of one table of subscribers."""

    def __init__(self, reader: SubscriberReader, outages: Outages) -> None:
        self._reader, self._outages = reader, outages
        self._groups = sorted(_groups(reader), key=_number)
        self._required = {index for index, _ in reader.required}

    def read(self, chunk: Chunk) -> ReadRows:
        """All rows of a chunk, in order."""
        columns = chunk.columns()
        apart = set(columns.apart)
        together = [place for place in range(len(columns.lines)) if place not in apart] if apart else range(len(columns.lines))
        found, unread = self._plain(columns, together)
        alone = sorted(apart | {together[place] for place in unread})
        if not alone:
            return found
        asked = [self._reader.read(columns.row(place)) for place in alone]
        for row in asked:
            row.item = row.item if row.outages else None
        order = dict(zip(together, range(len(together)), strict=True))
        order |= dict(zip(alone, range(len(together), len(together) + len(alone)), strict=True))
        others = read_rows.of_asked(asked, self._outages)
        return found.with_others(others, [order[place] for place in range(len(columns.lines))])

    def _plain(self, columns: Columns, together: Sequence[int]) -> tuple[ReadRows, list[int]]:
        """The rows that are in columns, and which of them (from 0) have a cell that cannot be read."""
        lines = pa.array([columns.lines[place] for place in together], WHOLE)
        names = self._names(columns)
        said = {group.field: self._said(group, columns) for group in self._groups}
        ready = {
            field: pa.array([each and each.fields for each in found], pa.binary()).take(at)
            for field, (found, at) in said.items()
        }
        of_item = [ready.pop(_BEFORE)] if _BEFORE in ready else []
        subscriber = pc.binary_join_element_wise(_framed(_SUBSCRIBER["subscriber_id"], names), *ready.values(), b"")
        named = _framed(_ITEM["request_id"], lines.cast(TEXT))
        items = pc.binary_join_element_wise(named, _framed(_ITEM["subscriber"], subscriber), *of_item, b"")
        areas_of, places = self._areas(columns, len(lines))
        sets: dict[tuple[int, ...], int] = {(): 0}
        number = [each and sets.setdefault(each.outages, len(sets)) for each in areas_of]
        hit = pa.array(number, WHOLE).take(places)
        readable = pc.and_(items.is_valid(), hit.is_valid())
        hit = pc.fill_null(hit, 0)
        sent = pc.and_(readable, pc.not_equal(hit, 0))
        met: Counter[tuple[str, ...]] = Counter()
        for (place,), rows, _ in grouped([places.filter(readable)]):
            met.update({areas_of[place].areas: rows})
        outages = list(sets)
        outage_ids = lists_of([self._outages.ids(each) for each in outages], TEXTS).take(hit)
        found = ReadRows(
            [lines, names, outage_ids, *_cycles(said.get(_CYCLE), sent), _before(said.get(_BEFORE), outage_ids, sent)],
            pc.if_else(sent, items, None),
            [outages[each] for each in hit.to_pylist()],
            {},
            areas.count(met, self._outages.by_area.keys()),
        )
        return found, pc.indices_nonzero(pc.invert(readable)).to_pylist()

    def _names(self, columns: Columns) -> pa.Array:
        """Whom rows are about; null where that cannot be read."""
        found, places = distinct.cells(columns.cells(self._reader.at.subscriber_id))
        return pa.array([_unless_it_fails(self._reader.identity, cell) or None for cell in found], TEXT).take(places)

    def _areas(self, columns: Columns, rows: int) -> tuple[list[Area | None], pa.Array]:
        """Of each distinct cell of areas what it says, None where it cannot be read; and for each row the place of its own."""
        index = self._reader.at.area
        found, places = distinct.Distinct([None], pa.repeat(0, rows)) if index is None else distinct.cells(columns.cells(index))
        return [_unless_it_fails(lambda cell: Area(*self._reader.hitting(cell)), cell) for cell in found], places

    def _said(self, group: Group, columns: Columns) -> OfColumns:
        """The same of a group of columns."""
        found, places = distinct.rows([distinct.cells(columns.cells(index)) for index in group.indexes])
        return [_unless_it_fails(lambda cells_: self._of_cells(group, cells_), each) for each in found], places

    def _of_cells(self, group: Group, of_group: tuple[Cell, ...]) -> Said | None:
        for index, cell in zip(group.indexes, of_group, strict=True):
            if index in self._required and cells.is_empty(cell):
                return None
        item = ComputeCompensationRequest()
        if any(group.fill(item, of_group)):
            return None
        if group.field == _BEFORE:
            return Said(item.SerializeToString(), before=read_rows.granted_before(item))
        return Said(item.subscriber.SerializeToString(), read_rows.cycle(item))


def _groups(reader: SubscriberReader) -> Iterable[Group]:
    """Columns of one message go together: of two pieces of an entry of a map, the later takes the place of the earlier."""
    fillings: dict[str, list[Filling]] = {}
    for each in reader.fills:
        name = each.name.partition(".")[0]
        if name in (_BEFORE, "already_granted"):  # they stand in one column of the result
            name = _BEFORE
        elif name == "attributes":
            name = each.name
        fillings.setdefault(_CYCLE if name.startswith(_CYCLE) else name, []).append(each)
    for name, some in fillings.items():
        yield Group(name, tuple(each.place for each in some), _filled_by(some))
    if reader.at.currency is not None:
        fee, currency = reader.at.fee, reader.at.currency
        if fee is None:
            yield Group("monthly_fee", (currency,), lambda item, cells_: reader.fill_fee(item, None, *cells_))
        else:
            yield Group("monthly_fee", (fee, currency), lambda item, cells_: reader.fill_fee(item, *cells_))


def _number(group: Group) -> int:
    """The place of its field in a message."""
    field = _ITEM[_BEFORE] if group.field == _BEFORE else _SUBSCRIBER[group.field.partition(".")[0]]
    return int(field.number)


def _filled_by(some: Sequence[Filling]) -> Callable[[ComputeCompensationRequest, tuple[Cell, ...]], list[Violation]]:
    return lambda item, cells_: [wrong for each, cell in zip(some, cells_, strict=True) for wrong in each.filled(item, cell)]


def _unless_it_fails(read: Callable[[Cell], Value], cell: Cell) -> Value | None:
    """None where a cell cannot be read, for whatever reason: its row is then read by itself, and that reason told."""
    try:
        return read(cell)
    except Exception:  # noqa: BLE001 -- as SubscriberReader.read, which tells it
        return None


def _framed(field: FieldDescriptor, values: pa.Array) -> pa.Array:
    """Texts or messages as this field of each row's message; null where one is."""
    data = values.cast(pa.binary())
    heads = by_distinct(pc.binary_length(data), lambda length: framing.head(field.number, length), pa.binary())
    return pc.binary_join_element_wise(heads, data, b"")


def _cycles(found: OfColumns | None, sent: pa.Array) -> list[pa.Array]:
    """The billing cycles of rows that are sent, as they are written."""
    if found is None:
        return [pa.repeat("", len(sent))] * 2
    said, places = found
    ends = zip(*((each and each.cycle) or (None, None) for each in said), strict=True) if said else ((), ())
    return [pc.if_else(sent, read_rows.instants(end).take(places), "") for end in ends]


def _before(found: OfColumns | None, outage_ids: pa.ListArray, sent: pa.Array) -> pa.ListArray:
    """What rows that are sent say was granted before. What names no outage is of the only one."""
    said, places = found or ([None], pa.repeat(0, len(sent)))
    told = lists_of([(), *(each.before if each else () for each in said)], GRANTED_BEFORE)
    lists = told.take(pc.if_else(sent, pc.add(places.cast(WHOLE), 1), 0))
    of, rows = fields(lists.flatten()), pc.list_parent_indices(lists)
    only = pc.if_else(pc.equal(pc.list_value_length(outage_ids), 1), pc.binary_join(outage_ids, ""), "")
    of["outage_id"] = pc.coalesce(of["outage_id"], only.take(rows))
    return same_lists(
        lists, pa.StructArray.from_arrays(list(of.values()), fields=list(GRANTED_BEFORE.value_type)), GRANTED_BEFORE
    )
