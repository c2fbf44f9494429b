"""The columns of the two tables, and how a row of them becomes a message.

A column that is missing or not known is refused before anything is asked. An empty cell means that the fact is not known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.descriptor import EnumDescriptor

from clients import enums
from clients.errors import BadInput
from clients.tables import cells
from clients.tables.cells import Cell
from makegood.v1 import facts_pb2
from makegood.v1.compensation_service_pb2 import ComputeCompensationRequest

Message = TypeVar("Message")
Fill = Callable[[Message, Cell], None]
"""Puts a cell into a message; raises ValueError."""

COLUMNS_HELP = """\
columns of the subscribers (CSV with a header, UTF-8, one line a row; or Parquet with columns of these names)
  subscriber_id *            the operator's id of the subscription
  plan_type *                DATA, VOICE or CONVERGED
  area                       area that the subscriber is in; several with ; between them
  monthly_fee_minor          fee per month in minor units (fen), with currency_code
  currency_code              for example CNY
  data_allowance_bytes       data_remaining_bytes
  value_added_services       codes with ; between them
  customer_type              CONSUMER, SMALL_BUSINESS or BUSINESS
  payment                    POSTPAID or PREPAID
  time_zone                  IANA name
  billing_cycle_started_at   billing_cycle_ended_at
  granted_this_cycle.NAME    what this cycle was granted of benefit NAME; all of a row empty: not known
  already_granted.NAME       what was granted before for any of the outages that hit this subscriber; the rest is granted
  attributes.NAME            a fact that only some policies read: 12, 3/2, yes, 4.30 CNY, 2026-03-04, a time, a CODE

columns of the outages (CSV, Parquet, or JSON: a list of outages as in the contract)
  outage_id *  started_at *  cause *
  ended_at                   empty: the outage goes on
  impact                     LOSS or DEGRADED (LOSS where the column is missing)
  areas                      codes with ; between them; empty: every subscriber was hit
  services                   codes with ; between them; empty: all
  responsible_party          reported_at  announced_at  time_source  attributes.NAME

* must be there. Times carry an offset: 2026-03-04T08:00:00+08:00. An empty cell: not known. Spaces around a cell are dropped.
"""


@dataclass(frozen=True, slots=True)
class Layout(Generic[Message]):
    """Which columns a table can have. ``families`` are columns with a free name behind a dot."""

    fixed: Mapping[str, Fill[Message]]
    families: Mapping[str, Callable[[str], Fill[Message]]]
    required: tuple[str, ...]

    def fills(self, columns: Sequence[str], file: str, ignored: Sequence[str] = ()) -> list[tuple[int, str, Fill[Message]]]:
        """(index, name, fill) of the columns that are read. Raises BadInput naming every wrong column at once."""
        problems: list[str] = []
        result: list[tuple[int, str, Fill[Message]]] = []
        for index, name in enumerate(columns):
            family, dot, rest = name.partition(".")
            if columns.count(name) > 1 and columns.index(name) != index:
                problems.append(f"{name}: stands twice")
            elif name in ignored:
                continue
            elif name in self.fixed:
                result.append((index, name, self.fixed[name]))
            elif dot and rest and family in self.families:
                result.append((index, name, self.families[family](rest)))
            else:
                known = [*self.fixed, *(f"{family}.{rest or 'NAME'}" for family in self.families)]
                problems.append(f"{name!r}: there is no such column{enums.closest(name, known)}")
        problems += [f"{name}: is missing" for name in self.required if name not in columns]
        if problems:
            raise BadInput(f"the columns of {file} have to be mended (see --help)", [f"  {problem}" for problem in problems])
        return result


def _code(enum: EnumDescriptor) -> Callable[[Cell], int]:
    """Reads a code, in any case, with or without its prefix; remembers the ones that it met."""
    known = enums.codes(enum)

    def read(cell: Cell) -> int:
        number = known.get(cell)
        return enums.number(enum, cells.text(cell).upper()) if number is None else number

    return read


def _set(path: str, read: Callable[[Cell], object]) -> Callable[[object, Cell], None]:
    """Sets a plain field; ``path`` is the part of the message that holds it and its name."""
    *owners, name = path.split(".")

    def fill(message: object, cell: Cell) -> None:
        value = read(cell)
        for owner in owners:
            message = getattr(message, owner)
        setattr(message, name, value)

    return fill


def _subscriber_layout() -> Layout[ComputeCompensationRequest]:
    """Of a row of subscribers, as a question about it."""
    plain: dict[str, Callable[[Cell], object]] = {
        "subscriber_id": cells.text,
        "plan_type": _code(facts_pb2.PlanType.DESCRIPTOR),
        "data_allowance_bytes": cells.whole,
        "data_remaining_bytes": cells.whole,
        "customer_type": _code(facts_pb2.CustomerType.DESCRIPTOR),
        "payment": _code(facts_pb2.Payment.DESCRIPTOR),
        "time_zone": cells.text,
    }
    fixed: dict[str, Fill[ComputeCompensationRequest]] = {
        name: _set(f"subscriber.{name}", read) for name, read in plain.items()
    }
    fixed["monthly_fee_minor"] = _set("subscriber.monthly_fee.amount_minor", cells.whole)
    fixed["value_added_services"] = lambda item, cell: item.subscriber.value_added_services.extend(cells.several(cell))
    fixed["billing_cycle_started_at"] = lambda item, cell: item.subscriber.billing_cycle.started_at.CopyFrom(
        cells.timestamp(cell)
    )
    fixed["billing_cycle_ended_at"] = lambda item, cell: item.subscriber.billing_cycle.ended_at.CopyFrom(cells.timestamp(cell))
    # Read apart: an area finds the row's outages, and a currency without a fee is no money.
    fixed["area"] = fixed["currency_code"] = lambda item, cell: None
    families: dict[str, Callable[[str], Fill[ComputeCompensationRequest]]] = {
        "granted_this_cycle": _quantity(lambda item: item.subscriber.granted_this_cycle),
        "already_granted": _quantity(lambda item: item.already_granted),
        "attributes": lambda name: lambda item, cell: item.subscriber.attributes[name].CopyFrom(cells.attribute(cell)),
    }
    return Layout(fixed, families, ("subscriber_id", "plan_type"))


def _quantity(
    owner: Callable[[ComputeCompensationRequest], facts_pb2.Quantities],
) -> Callable[[str], Fill[ComputeCompensationRequest]]:
    """A column of quantities by the benefit's name."""

    def family(name: str) -> Fill[ComputeCompensationRequest]:
        def fill(item: ComputeCompensationRequest, cell: Cell) -> None:
            owner(item).quantities[name] = cells.whole(cell)

        return fill

    return family


def _outage_layout() -> Layout[facts_pb2.Outage]:
    """Of a row of outages."""
    service = _code(facts_pb2.Service.DESCRIPTOR)
    fixed: dict[str, Fill[facts_pb2.Outage]] = {
        "outage_id": _set("outage_id", cells.text),
        "cause": _set("cause", _code(facts_pb2.Cause.DESCRIPTOR)),
        "impact": _set("impact", _code(facts_pb2.Impact.DESCRIPTOR)),
        "responsible_party": _set("responsible_party", cells.text),
        "time_source": _set("time_source", _code(facts_pb2.TimeSource.DESCRIPTOR)),
        "areas": lambda outage, cell: outage.areas.extend(cells.several(cell)),
        "services": lambda outage, cell: outage.services.extend(
            facts_pb2.Service.ValueType(service(part)) for part in cells.several(cell)
        ),
    }
    for name in ("started_at", "ended_at", "reported_at", "announced_at"):
        fixed[name] = _instant(name)
    families: dict[str, Callable[[str], Fill[facts_pb2.Outage]]] = {
        "attributes": lambda name: lambda outage, cell: outage.attributes[name].CopyFrom(cells.attribute(cell)),
    }
    return Layout(fixed, families, ("outage_id", "started_at", "cause"))


def _instant(name: str) -> Fill[facts_pb2.Outage]:
    def fill(outage: facts_pb2.Outage, cell: Cell) -> None:
        getattr(outage, name).CopyFrom(cells.timestamp(cell))

    return fill


SUBSCRIBERS = _subscriber_layout()
OUTAGES = _outage_layout()
