"""Reads rows of subscribers, each as a question about it, and finds the outages that hit it."""

from dataclasses import dataclass

from clients.billing import columns
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


class SubscriberReader:
    """The columns of one table of subscribers, checked, and how a row of them is read."""

    def __init__(self, table: Table, file: str, options: TableOptions, outages: Outages) -> None:
        """Raises BadInput naming every column that has to be mended."""
        self.file = file
        layout = columns.subscribers(options)
        chosen = layout.chosen(table, file, options)
        at = {each.name: each.index for each in chosen}
        apart = ("area", "monthly_fee_minor", "currency_code", "subscriber_id")
        self._fills = [(each.index, each.name, each.column.fill) for each in chosen if each.name not in apart]
        self._required = [(at[name], name) for name in layout.required]
        self._id = at["subscriber_id"]
        self._area, self._fee, self._currency = at.get("area"), at.get("monthly_fee_minor"), at.get("currency_code")
        self._read_currency = columns.remembered(cells.currency)
        self._read_fee = cells.major if options.fee_in_major_units else cells.minor
        self._outages = outages
        self._sets: dict[object, tuple[tuple[str, ...], tuple[int, ...]]] = {}
        self.notes = [f"{file}: {note}"] if (note := naming.note((each.name, each.given) for each in chosen)) else []
        """What was recognised of the columns, for a person."""
        self.granted_before = [name for name in at if name.startswith(("already_granted.", "granted_before."))]
        """Columns that say what was granted before."""
        if self._area is None and outages.by_area:
            raise BadInput(f"the outages name areas, and {file} has no column area to match them with")
        if self._fee is not None and self._currency is None:
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
        problems = [Violation(name, "is empty") for index, name in self._required if cells.is_empty(row.cells[index])]
        try:
            cell = row.cells[self._id]
            asked.subscriber_id = item.subscriber.subscriber_id = "" if cells.is_empty(cell) else cells.identity(cell)
        except ValueError as error:
            problems.append(Violation("subscriber_id", str(error)))
        try:
            asked.areas, asked.outages = self._hitting(row)
        except ValueError as error:
            problems.append(Violation("area", str(error)))
        for index, name, fill in self._fills:
            cell = row.cells[index]
            if cell is None or cell == "":
                continue
            try:
                fill(item, cell)
            except ValueError as error:
                if not cells.is_empty(cell):  # of nothing but spaces
                    problems.append(Violation(name, str(error)))
        self._fill_fee(row, item, problems)
        if problems:
            asked.item, asked.error, asked.fields = None, "cells of this row cannot be read", tuple(problems)
        return asked

    def _fill_fee(self, row: Row, item: ComputeCompensationRequest, problems: list[Violation]) -> None:
        """A currency without a fee is no money; a fee without a currency could be any."""
        if self._currency is None:
            return
        code = ""
        cell = row.cells[self._currency]
        if not cells.is_empty(cell):
            try:
                code = self._read_currency(cell)
            except ValueError as error:
                problems.append(Violation("currency_code", str(error)))
                return
        if self._fee is None or cells.is_empty(fee := row.cells[self._fee]):
            return
        if not code:
            problems.append(Violation("currency_code", "is empty, and there is a fee; say in which currency"))
            return
        try:
            amount_minor = self._read_fee(fee, code)
        except ValueError as error:
            problems.append(Violation("monthly_fee_minor", str(error)))
            return
        money = item.subscriber.monthly_fee
        money.currency_code, money.amount_minor = code, amount_minor

    def _hitting(self, row: Row) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Areas of a row and the outages that hit them, looked up once for as many cells as are remembered."""
        if self._area is None:
            return (), self._outages.everywhere
        cell: Cell = row.cells[self._area]
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
