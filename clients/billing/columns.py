"""The columns of the two tables, and how a row of them becomes a message.

A column that is missing, not known, or of a type that would have to be guessed is refused before anything is asked. An empty
cell means that the fact is not known.
"""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.descriptor import EnumDescriptor

from clients import enums, parsing
from clients.errors import BadInput
from clients.tables import cells, damage, naming
from clients.tables.arrow_table import PANDAS_INDEX
from clients.tables.cells import Cell
from clients.tables.options import TableOptions
from clients.tables.rows import Table, Use
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

Message = TypeVar("Message")
Value = TypeVar("Value")
Fill = Callable[[Message, Cell], None]
"""Puts a cell into a message; raises ValueError."""

REMEMBERED = 10_000
"""Distinct texts of a column whose values are kept."""

COLUMNS_HELP = """\
columns of the subscribers
  subscriber_id *            the operator's id of the subscription
  plan_type *                DATA, VOICE or CONVERGED
  area                       area that the subscriber is in; several with ; between them; needed where outages name areas
  monthly_fee_minor          fee per month in minor units (fen), with currency_code
  currency_code              for example CNY
  data_allowance_bytes       data_remaining_bytes
  value_added_services       codes with ; between them
  customer_type              CONSUMER, SMALL_BUSINESS or BUSINESS
  payment                    POSTPAID or PREPAID
  time_zone                  IANA name
  billing_cycle_started_at   billing_cycle_ended_at
  granted_this_cycle.NAME    what this cycle was granted of benefit NAME; all of a row empty: not known
  granted_by_month.MONTH.NAME  the same of a local month, for example granted_by_month.2026-03.credit
  granted_before.NAME        what was granted before of benefit NAME, by outage: out-1=1992294400;out-2=0; only what is owed
                             besides is granted; of a benefit that is for each month: out-1@2026-03=250
  already_granted.NAME       the same, a number, for a subscriber who is hit by one outage
  attributes.NAME            a fact that only some policies read: 12, 3/2, yes, 4.30 CNY, 2026-03-04, a time, a CODE

columns of the outages (CSV, Parquet, or JSON: a list of outages as in the contract)
  outage_id *  started_at *  cause *
  ended_at                   empty: the outage goes on
  impact                     LOSS or DEGRADED (LOSS where the column is missing)
  areas                      codes with ; between them; empty: every subscriber was hit
  services                   codes with ; between them; empty: all
  responsible_party          reported_at  announced_at  time_source  attributes.NAME

* must be there, in every row. Times carry an offset: 2026-03-04T08:00:00+08:00. An empty cell: not known. What names somebody
or something (ids, areas, parties, services) is taken as it stands: with a space at its end, a character that cannot be seen or
a full-width digit in it, or in a form that spreadsheets make (1.38E+10, ="138", '138, 138.0, #N/A), its row is an error.
"""


@dataclass(frozen=True, slots=True)
class Column(Generic[Message]):
    """A column that a table can have: what it is read as, and how."""

    use: Use
    fill: Fill[Message]


@dataclass(frozen=True, slots=True)
class Layout(Generic[Message]):
    """Which columns a table can have. ``families`` are columns with a free name behind a dot; None: not that one."""

    fixed: Mapping[str, Column[Message]]
    families: Mapping[str, Callable[[str], Column[Message] | None]]
    required: tuple[str, ...]

    def column(self, name: str) -> Column[Message] | None:
        """The column of a name; None: there is none."""
        family, dot, rest = name.partition(".")
        if name in self.fixed:
            return self.fixed[name]
        return self.families[family](rest) if dot and rest and family in self.families else None

    def chosen(self, table: Table, file: str, options: TableOptions) -> "list[Chosen[Message]]":
        """The columns that are read. Raises BadInput naming every wrong one at once, by name or by type."""
        names = naming.contract_names(table.columns, options, lambda name: self.column(name) is not None)
        problems: list[str] = []
        result: list[Chosen[Message]] = []
        for index, (name, given) in enumerate(zip(names, table.columns, strict=True)):
            column = self.column(name)
            if name in names[:index] and name not in options.ignored:
                problems.append(f"{given or name}: stands twice" if given == name else f"{given}: {name} stands twice")
            elif name in options.ignored or given in options.ignored or PANDAS_INDEX.fullmatch(given):
                continue
            elif column is None:
                problems.append(self._unknown(index, given))
            elif misfit := table.misfit(index, column.use):
                problems.append(f"{naming.shown(name, given)} {misfit}")
            else:
                result.append(Chosen(index, name, given, column))
        problems += [f"{name}: is missing" for name in self.required if name not in names]
        problems += self._mapped_in_vain(table, options)
        problems = problems or self._in_major_units(table, result)
        if problems:
            hint = self._mapping_hint([name for name in self.required if name not in names], problems)
            raise BadInput(
                f"the columns of {file} have to be mended (see --help)", [*(f"  {each}" for each in problems), *hint]
            )
        return result

    def _mapped_in_vain(self, table: Table, options: TableOptions) -> list[str]:
        """Mappings of this table whose name no column has: it may be misspelt. Both tables can have attributes of one name."""
        there = {given.casefold() for given in table.columns}
        return [
            f"--column {name}={given}: there is no column {given}"
            for name, given in options.columns.items()
            if self.column(name) is not None and not name.startswith("attributes.") and given.casefold() not in there
        ]

    def _unknown(self, index: int, given: str) -> str:
        if not given:
            return f"column {index + 1} has no name"
        rest = given.partition(".")[2]
        known = [*self.fixed, *(f"{each}.{rest or 'NAME'}" for each in self.families)]
        return f"{given!r}: there is no such column{enums.closest(given, known)}"

    def _mapping_hint(self, missing: list[str], problems: list[str]) -> list[str]:
        if not any("there is no such column" in problem for problem in problems):
            return []
        name = missing[0] if missing else "area"
        return [f"  a column named otherwise: --column {name}=NAME; one that is not to be read: --ignore-column NAME"]

    def _in_major_units(self, table: Table, chosen: "list[Chosen[Message]]") -> list[str]:
        """Columns of whole numbers that hold decimals: none of their numbers can be trusted, also not those without."""
        currency = next((each.index for each in chosen if each.name == "currency_code"), None)
        problems: list[str] = []
        for each in chosen:
            if each.column.use not in (Use.MINOR, Use.WHOLE):
                continue
            found = table.in_major_units(each.index, currency, each.column.use)
            if found is None:
                continue
            what = (
                cells.in_major_units(found.amount, found.currency_code)
                if each.column.use is Use.MINOR
                else f"{found.amount}, which is not whole, or not exact in its type; write int64, in the column's unit"
            )
            problems.append(f"{naming.shown(each.name, each.given)}: line {found.line} holds {what}")
        return problems


@dataclass(frozen=True, slots=True)
class Chosen(Generic[Message]):
    """A column of a file that is read. ``given``: as the file names it."""

    index: int
    name: str
    given: str
    column: Column[Message]


def _code(enum: EnumDescriptor) -> Callable[[Cell], int]:
    """Reads a code, in any case, with or without its prefix; remembers the ones that there are."""
    known = enums.codes(enum)

    def read(cell: Cell) -> int:
        number = known.get(cell) if isinstance(cell, str) else None
        if number is not None:
            return number
        word = cells.text(cell)
        if damage.is_null_mark(word):
            raise ValueError(damage.null_mark(word))
        return enums.number(enum, word.upper())

    return read


def _set(path: str, use: Use, read: Callable[[Cell], object]) -> Column[Message]:
    """Sets a plain field; ``path`` is the part of the message that holds it and its name."""
    *owners, name = path.split(".")

    def fill(message: object, cell: Cell) -> None:
        value = read(cell)
        for owner in owners:
            message = getattr(message, owner)
        setattr(message, name, value)

    return Column(use, fill)


def subscribers(options: TableOptions) -> Layout[ComputeCompensationRequest]:
    """Of a row of subscribers, as a question about it."""
    # Subscribers share few cycles and services.
    services = remembered(cells.service_codes)
    starts = remembered(lambda cell: cells.timestamp(cell, options.start))
    ends = remembered(lambda cell: cells.timestamp(cell, options.end))
    fixed: dict[str, Column[ComputeCompensationRequest]] = {
        "subscriber_id": _set("subscriber.subscriber_id", Use.IDENTITY, cells.identity),
        "plan_type": _set("subscriber.plan_type", Use.CODE, _code(facts_pb2.PlanType.DESCRIPTOR)),
        "data_allowance_bytes": _set("subscriber.data_allowance_bytes", Use.WHOLE, cells.whole),
        "data_remaining_bytes": _set("subscriber.data_remaining_bytes", Use.WHOLE, cells.whole),
        "customer_type": _set("subscriber.customer_type", Use.CODE, _code(facts_pb2.CustomerType.DESCRIPTOR)),
        "payment": _set("subscriber.payment", Use.CODE, _code(facts_pb2.Payment.DESCRIPTOR)),
        "time_zone": _set("subscriber.time_zone", Use.CODE, cells.identity),
        "value_added_services": Column(
            Use.SEVERAL, lambda item, cell: item.subscriber.value_added_services.extend(services(cell))
        ),
        "billing_cycle_started_at": Column(
            Use.INSTANT,
            lambda item, cell: item.subscriber.billing_cycle.started_at.CopyFrom(starts(cell)),
        ),
        "billing_cycle_ended_at": Column(
            Use.INSTANT, lambda item, cell: item.subscriber.billing_cycle.ended_at.CopyFrom(ends(cell))
        ),
        # Read apart: an area finds the row's outages, and a fee and its currency need each other.
        "area": Column(Use.SEVERAL, lambda item, cell: None),
        "monthly_fee_minor": Column(Use.MAJOR if options.fee_in_major_units else Use.MINOR, lambda item, cell: None),
        "currency_code": Column(Use.CODE, lambda item, cell: None),
    }
    families: dict[str, Callable[[str], Column[ComputeCompensationRequest] | None]] = {
        "granted_this_cycle": _quantity(lambda item: item.subscriber.granted_this_cycle),
        "granted_by_month": _by_month,
        "granted_before": _before,
        "already_granted": _quantity(lambda item: item.already_granted),
        "attributes": lambda name: Column(
            Use.ATTRIBUTE, lambda item, cell: _put(cells.attribute(cell), item.subscriber.attributes, name)
        ),
    }
    return Layout(fixed, families, ("subscriber_id", "plan_type"))


def remembered(read: Callable[[Cell], Value]) -> Callable[[Cell], Value]:
    """Reads a text once for as many as are remembered; what it returns must not be changed."""
    known: dict[str, Value] = {}

    def remembering(cell: Cell) -> Value:
        if not isinstance(cell, str):
            return read(cell)
        value = known.get(cell)
        if value is None:
            if len(known) >= REMEMBERED:
                known.clear()
            value = known[cell] = read(cell)
        return value

    return remembering


def _put(value: facts_pb2.Value, attributes: MutableMapping[str, facts_pb2.Value], name: str) -> None:
    """Takes the value first: to look an attribute up is to make one, also where its cell then cannot be read."""
    attributes[name].CopyFrom(value)


def _quantity(
    owner: Callable[[ComputeCompensationRequest], facts_pb2.Quantities],
) -> Callable[[str], Column[ComputeCompensationRequest]]:
    """A column of quantities by the benefit's name."""

    def family(name: str) -> Column[ComputeCompensationRequest]:
        def fill(item: ComputeCompensationRequest, cell: Cell) -> None:
            owner(item).quantities[name] = cells.whole(cell)

        return Column(Use.WHOLE, fill)

    return family


def _by_month(name: str) -> Column[ComputeCompensationRequest] | None:
    """A column of what a month was granted of a benefit: MONTH.NAME."""
    month, dot, benefit = name.partition(".")
    if not (dot and benefit and parsing.is_month(month)):
        return None

    def fill(item: ComputeCompensationRequest, cell: Cell) -> None:
        quantity = cells.whole(cell)  # first: to look a month up is to make one
        item.subscriber.granted_by_month[month].quantities[benefit] = quantity

    return Column(Use.WHOLE, fill)


def _before(benefit: str) -> Column[ComputeCompensationRequest]:
    """A column of what was granted before of a benefit, by outage."""

    def fill(item: ComputeCompensationRequest, cell: Cell) -> None:
        for part in cells.several(cell):
            of, equals, number = part.rpartition("=")
            outage_id, at, month = of.rpartition("@")
            if not (at and parsing.is_month(month)):
                outage_id, month = of, ""
            if not (equals and outage_id):
                raise ValueError(f"{part!r} is not OUTAGE=QUANTITY, for example out-1=1992294400")
            item.granted_before.add(
                outage_id=cells.identity(outage_id), benefit=benefit, quantity=cells.whole(number), month=month
            )

    return Column(Use.SEVERAL, fill)


def outages(options: TableOptions) -> Layout[facts_pb2.Outage]:
    """Of a row of outages."""
    service = _code(facts_pb2.Service.DESCRIPTOR)
    fixed: dict[str, Column[facts_pb2.Outage]] = {
        "outage_id": _set("outage_id", Use.IDENTITY, cells.identity),
        "cause": _set("cause", Use.CODE, _code(facts_pb2.Cause.DESCRIPTOR)),
        "impact": _set("impact", Use.CODE, _code(facts_pb2.Impact.DESCRIPTOR)),
        "responsible_party": _set("responsible_party", Use.IDENTITY, cells.identity),
        "time_source": _set("time_source", Use.CODE, _code(facts_pb2.TimeSource.DESCRIPTOR)),
        "areas": Column(Use.SEVERAL, lambda outage, cell: outage.areas.extend(cells.several(cell))),
        "services": Column(
            Use.SEVERAL,
            lambda outage, cell: outage.services.extend(
                facts_pb2.Service.ValueType(service(part)) for part in cells.several(cell)
            ),
        ),
    }
    for name in ("started_at", "ended_at", "reported_at", "announced_at"):
        fixed[name] = _instant(name, options)
    families: dict[str, Callable[[str], Column[facts_pb2.Outage] | None]] = {
        "attributes": lambda name: Column(
            Use.ATTRIBUTE, lambda outage, cell: _put(cells.attribute(cell), outage.attributes, name)
        ),
    }
    return Layout(fixed, families, ("outage_id", "started_at", "cause"))


def _instant(name: str, options: TableOptions) -> Column[facts_pb2.Outage]:
    rounding = options.end if name == "ended_at" else options.start

    def fill(outage: facts_pb2.Outage, cell: Cell) -> None:
        getattr(outage, name).CopyFrom(cells.timestamp(cell, rounding))

    return Column(Use.INSTANT, fill)


def check_mapping(options: TableOptions) -> None:
    """Raises BadInput for a mapping to a column that no table can have."""
    layouts = (subscribers(options), outages(options))
    for name, given in options.columns.items():
        if all(layout.column(name) is None for layout in layouts):
            known = [known for layout in layouts for known in layout.fixed]
            raise BadInput(f"--column {name}={given}: no table has a column {name}{enums.closest(name, known)}")
