"""Reads the rows of a billing result as what can be booked."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clients import enums, parsing
from clients.billing import results
from clients.errors import BadInput
from clients.provisioning import grant_keys
from clients.provisioning.occasions import Before, Cycle, Occasion, Occasions
from clients.tables import cells
from clients.tables.rows import Row, Table
from makegood.v1.decision_pb2 import Outcome

NEEDED = (
    "line",
    "subscriber_id",
    "outage_ids",
    "billing_cycle_started_at",
    "billing_cycle_ended_at",
    "granted_before",
    "status",
    "occasions",
    "grants",
    "quotes",
    "notices",
    "decision_id",
    "policy_id",
    "policy_version",
)
WRITTEN_BEFORE = "already_granted"
"""A column that results had before grants were told by occasion."""
LARGEST = 2**63 - 1
GRANTED = "GRANTED"
STATUSES = (*enums.codes(Outcome.DESCRIPTOR), results.NO_OUTAGE, results.ERROR)
NOTHING_BOOKED = "nothing of this row is booked"


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing to book. Units as in the contract: ``quantity`` by ``kind``; ``valid_for_seconds`` 0 is without a limit."""

    grant_key: str
    benefit: str
    kind: str
    quantity: int
    currency_code: str
    valid_for_seconds: int
    window_started_at: str
    window_ended_at: str
    occasion: int = 0
    """Its place among those of the row."""
    parts: tuple[tuple[str, int], ...] = ()
    """Of each outage of its occasion: id and quantity."""
    granted_before: int = 0
    """What of what was granted before was used up in its occasion."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to send."""

    channel: str
    language: str
    title: str
    body: str
    segments: int
    encoding: str


@dataclass(frozen=True, slots=True)
class Booking:
    """A row of the result. ``problem`` "" or why it cannot be understood; then nothing of it is booked."""

    line: int
    subscriber_id: str = ""
    outage_ids: tuple[str, ...] = ()
    status: str = ""
    grants: tuple[Grant, ...] = ()
    quotes: tuple[tuple[int, str], ...] = ()
    """Of each its occasion and benefit: nothing is ever booked on one."""
    notices: tuple[Notice, ...] = ()
    decision_id: str = ""
    policy_id: str = ""
    policy_version: str = ""
    run_totals: str = ""
    """What the row says of the whole result; "" in all rows but the last."""
    occasions: Occasions = field(default_factory=Occasions)
    """What was decided, each by itself, and what the question said was granted before."""
    problem: str = ""

    @property
    def grant_set(self) -> str:
        """A name for the grants of the row. One set of grants is announced once, whatever decision it came out of."""
        keys = "\n".join(sorted(grant.grant_key for grant in self.grants))
        return hashlib.sha256(keys.encode()).hexdigest()[:32]


def read(table: Table, file: str, chunk_rows: int) -> Iterator[tuple[int, list[Booking]]]:
    """The rows, some at a time, each time with the offset behind them. Raises BadInput where it is no result of billing."""
    if WRITTEN_BEFORE in table.columns and "occasions" not in table.columns:
        raise BadInput(f"{file} was written before grants were told by occasion; decide its rows again with billing")
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise BadInput(f"{file} is not a result of billing: it has no column {', '.join(missing)}")
    at = {name: table.columns.index(name) for name in (*NEEDED, results.RUN_TOTALS) if name in table.columns}
    chunks = table.chunks(table.start, chunk_rows)
    return ((chunk.after.offset, [_booking(row, at) for row in chunk.rows()]) for chunk in chunks)


def _booking(row: Row, at: dict[str, int]) -> Booking:
    """One row, checked: what is booked is never guessed."""
    if row.error:
        return Booking(row.line, problem=row.error)
    value = {name: row.cells[index] for name, index in at.items()}
    try:
        grants = tuple(_grant(each) for each in _list(value["grants"]))
        quotes = tuple((whole_number(each, "occasion"), _text(each, "benefit")) for each in _list(value["quotes"]))
        booking = Booking(
            row.line,
            _identity(value["subscriber_id"]),
            tuple(_id(each) for each in _list(value["outage_ids"])),
            cells.text(value["status"] or ""),
            grants,
            quotes,
            tuple(_notice(each) for each in _list(value["notices"])),
            cells.text(value["decision_id"] or ""),
            _identity(value["policy_id"]),
            cells.text(value["policy_version"] or ""),
            cells.text(value.get(results.RUN_TOTALS) or ""),
            Occasions(
                tuple(_occasion(each) for each in _list(value["occasions"])),
                _cycle(value),
                tuple(_before(each) for each in _list(value["granted_before"])),
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return Booking(row.line, problem=f"the row cannot be understood: {error}")
    problems = tuple(_contradictions(booking))
    return replace(booking, problem="; ".join((*problems, NOTHING_BOOKED))) if problems else booking


def _contradictions(booking: Booking) -> Iterator[str]:
    """What shows that a row is not as billing wrote it."""
    if booking.status not in STATUSES:
        yield f"status {booking.status!r} is unknown; it is one of {', '.join(STATUSES)}"
    elif booking.grants and booking.status != GRANTED:
        yield f"it has grants, and its status is {booking.status}"
    if len({(grant.occasion, grant.benefit) for grant in booking.grants}) < len(booking.grants):
        yield "a benefit is granted twice for one occasion"
    misplaced = [grant for grant in booking.grants if not _is_of_its_occasion(grant, booking.occasions.all)]
    for grant in misplaced:
        yield f"the parts of {grant.benefit} are not those of the outages of its occasion, or do not sum to it"
    of = booking.policy_id, booking.subscriber_id, booking.occasions
    if not misplaced and (problem := grant_keys.changed(booking.grants, *of)):
        yield problem
    for grant in booking.grants if not misplaced else ():
        least, most = booking.occasions.used_up(grant.occasion, grant.benefit)
        if not least <= grant.granted_before <= most:
            said = str(least) if least == most else f"{least} to {most}"
            yield (
                f"{grant.benefit} was granted on top of {grant.granted_before}, and by granted_before of the row that is"
                f" {said}; one of them is not as billing wrote it"
            )
    named = {outage_id for occasion in booking.occasions.all for outage_id in occasion.outage_ids}
    if unknown := named.difference(booking.outage_ids):
        yield f"its occasions have outages that are not in outage_ids: {', '.join(sorted(unknown))}"


def _is_of_its_occasion(grant: Grant, occasions: Sequence[Occasion]) -> bool:
    """Whether a grant is for an occasion that the row has, and its parts are of the outages of that one and sum to it."""
    ids, quantities = zip(*grant.parts, strict=True) if grant.parts else ((), ())
    if not 0 <= grant.occasion < len(occasions) or grant.benefit not in occasions[grant.occasion].benefits:
        return False
    return sorted(ids) == sorted(occasions[grant.occasion].outage_ids) and sum(quantities) == grant.quantity


def _list(cell: cells.Cell) -> Sequence[Any]:
    """A list column: JSON in a CSV, a list in a Parquet file."""
    found = (json.loads(cell) if cell else []) if isinstance(cell, str) else cell or []
    if not isinstance(found, list):
        raise TypeError(f"{cell!r} is not a list")
    return found


def _grant(fields: dict[str, Any]) -> Grant:
    grant = Grant(
        _text(fields, "grant_key"),
        _text(fields, "benefit"),
        _text(fields, "kind"),
        whole_number(fields, "quantity"),
        _text(fields, "currency_code"),
        whole_number(fields, "valid_for_seconds"),
        _text(fields, "window_started_at"),
        _text(fields, "window_ended_at"),
        whole_number(fields, "occasion"),
        tuple((_id(part.get("outage_id")), whole_number(part, "quantity")) for part in fields.get("parts") or ()),
        whole_number(fields, "granted_before"),
    )
    if not grant.benefit or not grant.kind or grant.quantity == 0:
        raise ValueError(f"a grant of {grant.quantity} {grant.kind or 'no kind'} of {grant.benefit or 'no benefit'}")
    return grant


def _occasion(fields: dict[str, Any]) -> Occasion:
    return Occasion(
        parsing.instant(_text(fields, "started_at")),
        parsing.instant(_text(fields, "ended_at")),
        tuple(_id(each) for each in fields.get("outage_ids") or ()),
        tuple(_benefit(each) for each in fields.get("benefits") or ()),
        _text(fields, "month"),
        _cycle(fields),
    )


def _cycle(fields: Mapping[str, Any]) -> Cycle | None:
    started_at, ended_at = fields.get("billing_cycle_started_at"), fields.get("billing_cycle_ended_at")
    if cells.is_empty(started_at) and cells.is_empty(ended_at):
        return None
    return Cycle(cells.timestamp(started_at).seconds, cells.timestamp(ended_at).seconds)


def _before(fields: dict[str, Any]) -> Before:
    names = _text(fields, "outage_id"), _text(fields, "benefit")
    return Before(*names, whole_number(fields, "quantity"), _text(fields, "month"))


def _notice(fields: dict[str, Any]) -> Notice:
    return Notice(
        _text(fields, "channel"),
        _text(fields, "language"),
        _text(fields, "title"),
        _text(fields, "body"),
        whole_number(fields, "segments"),
        _text(fields, "encoding"),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name) or ""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r} and not a text")
    value.encode()  # half of a surrogate pair is no character, and could not be stored
    return value


def _identity(cell: cells.Cell) -> str:
    return "" if cells.is_empty(cell) else cells.identity(cell)


def _id(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"outage_ids holds {value!r}, which is not the id of an outage")
    return value


def _benefit(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"benefits holds {value!r}, which is not the name of a benefit")
    return value


def whole_number(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name) or 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST:
        raise ValueError(f"{name} is {value!r} and not a whole number from 0 on")
    return value
