"""Reads rows of subscribers, each as a question about it, and finds the outages that hit it."""

from dataclasses import dataclass
from typing import NamedTuple

from clients.billing import columns
from clients.billing.columns import Fill
from clients.billing.outages import Outages
from clients.errors import BadInput
from clients.status import Violation
from clients.tables import cells, naming
from clients.tables.cells import Cell
from clients.tables.options import TableOptions
from clients.tables.rows import Row, Table
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

LONGEST_ERROR = 200
REMEMBERED_AREAS = 100_000
"""Distinct cells of areas; a file may hold a new one in each of its rows."""


@dataclass(slots=True)
class Asked:
    """A row of the input and what became of it on this side. ``item`` None: it is not sent, and ``error`` says why if not."""

    line: int
    subscriber_id: str
    outages: tuple[int, ...] = ()
    item: ComputeCompensationRequest | None = None
    error: str = ""
    fields: tuple[Violation, ...] = ()
    areas: tuple[str, ...] = ()


class Filling(NamedTuple):
    """A column that fills a field of the question by itself."""

    place: int
    name: str
    fill: Fill[ComputeCompensationRequest]

    def filled(self, item: ComputeCompensationRequest, cell: Cell) -> list[Violation]:
        """Fill it from a cell, or say what is wrong with that; an empty one says nothing."""
        if cell is None or cell == "":
            return []
        try:
            self.fill(item, cell)
        except ValueError as error:
            if not cells.is_empty(cell):  # of nothing but spaces
                return [Violation(self.name, str(error))]
        return []


class Places(NamedTuple):
    """Columns that are read apart; None: there is no such one."""

    subscriber_id: int
    area: int | None
    fee: int | None
    currency: int | None


class SubscriberReader:
    """The columns of one table of subscribers, checked, and how a row of them is read."""

    def __init__(self, table: Table, file: str, options: TableOptions, outages: Outages) -> None:
        """Raises BadInput naming every column that has to be mended."""
        self.file = file
        layout = columns.subscribers(options)
        chosen = layout.chosen(table, file, options)
        at = {each.name: each.index for each in chosen}
        apart = ("area", "monthly_fee_minor", "currency_code", "subscriber_id")
        self.fills = [Filling(each.index, each.name, each.column.fill) for each in chosen if each.name not in apart]
        """The columns that fill a field by themselves."""
        self.at = Places(at["subscriber_id"], at.get("area"), at.get("monthly_fee_minor"), at.get("currency_code"))
        self.required = [(at[name], name) for name in layout.required]
        self._read_currency = columns.remembered(cells.currency)
        self._read_fee = cells.major if options.fee_in_major_units else cells.minor
        self._outages = outages
        self._sets: dict[object, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        self.notes = [f"{file}: {note}"] if (note := naming.note((each.name, each.given) for each in chosen)) else []
        """What was recognised of the columns, for a person."""
        self.granted_before = [name for name in at if name.startswith(("already_granted.", "granted_before."))]
        """Columns that say what was granted before."""
        if self.at.area is None and outages.by_area:
            raise BadInput(f"the outages name areas, and {file} has no column area to match them with")
        if self.at.fee is not None and self.at.currency is None:
            raise BadInput(f"{file} has a column monthly_fee_minor and no column currency_code; say of which currency")

    def read(self, row: Row) -> Asked:
        """One row. Where it can be read, ``item`` is the question, also where no outage hit it."""
        try:
            return self._read(row)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is of this row, and must not end the run at every attempt
            what = " ".join(f"{type(error).__name__}: {error}".split())[:LONGEST_ERROR]
            return Asked(row.line, "", error=f"this program cannot read the row, and did not expect that ({what})")

    def _read(self, row: Row) -> Asked:
        if row.error:
            return Asked(row.line, "", error=row.error)
        item = ComputeCompensationRequest(request_id=str(row.line))
        asked = Asked(row.line, "", item=item)
        problems = [Violation(name, "is empty") for index, name in self.required if cells.is_empty(row.cells[index])]
        try:
            asked.subscriber_id = item.subscriber.subscriber_id = self.identity(row.cells[self.at.subscriber_id])
        except ValueError as error:
            problems.append(Violation("subscriber_id", str(error)))
        try:
            asked.areas, asked.outages = self.hitting(None if self.at.area is None else row.cells[self.at.area])
        except ValueError as error:
            problems.append(Violation("area", str(error)))
        for each in self.fills:
            problems += each.filled(item, row.cells[each.place])
        if self.at.currency is not None:
            fee = None if self.at.fee is None else row.cells[self.at.fee]
            problems += self.fill_fee(item, fee, row.cells[self.at.currency])
        if problems:
            asked.item, asked.error, asked.fields = None, "cells of this row cannot be read", tuple(problems)
        return asked

    def identity(self, cell: Cell) -> str:
        """Whom a row is about; "" where its cell is empty. Raises ValueError."""
        return "" if cells.is_empty(cell) else cells.identity(cell)

    def fill_fee(self, item: ComputeCompensationRequest, fee: Cell, currency: Cell) -> list[Violation]:
        """A currency without a fee is no money; a fee without a currency could be any."""
        code = ""
        if not cells.is_empty(currency):
            try:
                code = self._read_currency(currency)
            except ValueError as error:
                return [Violation("currency_code", str(error))]
        if cells.is_empty(fee):
            return []
        if not code:
            return [Violation("currency_code", "is empty, and there is a fee; say in which currency")]
        try:
            amount_minor = self._read_fee(fee, code)
        except ValueError as error:
            return [Violation("monthly_fee_minor", str(error))]
        money = item.subscriber.monthly_fee
        money.currency_code, money.amount_minor = code, amount_minor
        return []

    def hitting(self, cell: Cell) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Areas of a row and the outages that hit them, looked up once for as many as are remembered. Raises ValueError."""
        if self.at.area is None:
            return (), self._outages.everywhere
        key = tuple(cell) if isinstance(cell, list) else cell
        found = self._sets.get(key)
        if found is None:
            areas = () if cells.is_empty(cell) else tuple(cells.several(cell))
            if not areas and self._outages.by_area:
                raise ValueError("is empty, and outages name areas: whether they hit is not known")
            if len(self._sets) >= REMEMBERED_AREAS:
                self._sets.clear()
            found = self._sets[key] = (areas, self._outages.hitting(areas))
        return found
