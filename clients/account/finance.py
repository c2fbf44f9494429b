"""What finance takes from the account: postings by local day, benefit and cost centre; periods that are closed; statements.

A booking is of the day on which it was booked. INVARIANT: nothing is ever booked at an instant that was closed before, for the
transaction that books looks at the last closing, and a closing at all that was booked; the database serializes the two.
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, func, insert, select

from clients.account.register import Said
from clients.account.tables import BOOKING, CLOSED_PERIOD, RECOURSE
from clients.errors import BadInput
from clients.writing import writing

OF_RECOURSE: Final = "recourse"
"""By which name the map of cost centres has recourse."""
SCHEMA: Final = pa.schema(
    [
        ("day", pa.date32()),
        ("time_zone", pa.string()),
        ("cost_centre", pa.string()),
        ("benefit", pa.string()),
        ("responsible_party", pa.string()),
        ("kind", pa.string()),
        ("currency_code", pa.string()),
        ("added", pa.int64()),
        ("taken_back", pa.int64()),
        ("bookings", pa.int64()),
    ]
)
"""Of an export. Quantities are whole base units, or minor units of money; of recourse, taken_back is credited."""


class Days(NamedTuple):
    """Local days, [first, after), by a zone. ``first`` None: from the beginning; ``after`` None: to the end."""

    zone: ZoneInfo
    first: date | None
    after: date | None

    def instants(self) -> tuple[int, int]:
        """The same in seconds since 1970 UTC."""
        first = 0 if self.first is None else midnight(self.first, self.zone)
        return first, _LAST if self.after is None else midnight(self.after, self.zone)

    def day(self, instant: int) -> date:
        """The local day of an instant."""
        return datetime.fromtimestamp(instant, UTC).astimezone(self.zone).date()


_LAST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Closed:
    """A period that was closed, up to ``until``, with what was booked before it."""

    until: int
    zone: str
    bookings: int
    sha256: str


def days(zone: str, first: str | None = None, after: str | None = None) -> Days:
    """Of flags. Raises BadInput."""
    try:
        known = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadInput(f"--time-zone {zone}: there is no such zone; write it as Asia/Shanghai") from error
    found = Days(known, _date(first, "--from"), _date(after, "--to"))
    if found.first is not None and found.after is not None and found.first >= found.after:
        raise BadInput(f"--to {after} is not after --from {first}")
    return found


def midnight(day: date, zone: ZoneInfo) -> int:
    """When a local day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _date(text: str | None, flag: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"{flag}: {text!r} is not a day; write it as 2026-07-01") from error


def close(connection: Connection, until: int, zone: str, said: Said) -> Closed:
    """From now on nothing is booked before ``until``. Raises BadInput where that has not come, or was closed before."""
    if until > said.at:
        raise BadInput("that day has not come yet; a period is closed when it is over")
    last = connection.execute(select(func.max(CLOSED_PERIOD.c.closed_until))).scalar_one()
    if last is not None and until <= last:
        raise BadInput("that period was closed before; what is to be corrected in it is booked in the one that is open")
    number, sha256 = fingerprint(connection, until)
    row = {"closed_until": until, "time_zone": zone, "bookings": number, "sha256": sha256}
    connection.execute(insert(CLOSED_PERIOD), {**row, "said_by": said.by, "reason": said.reason, "closed_at": said.at})
    return Closed(until, zone, number, sha256)


def closings(connection: Connection) -> list[Closed]:
    """All periods that were closed."""
    rows = connection.execute(select(CLOSED_PERIOD).order_by(CLOSED_PERIOD.c.closed_until))
    return [Closed(row.closed_until, row.time_zone, row.bookings, row.sha256) for row in rows]


def fingerprint(connection: Connection, until: int) -> tuple[int, str]:
    """Number and SHA-256 of all that was booked and claimed before an instant."""
    digest, number = hashlib.sha256(), 0
    for table in (BOOKING, RECOURSE):
        before = select(table).where(table.c.booked_at < until).order_by(*table.primary_key.columns)
        for row in connection.execute(before.execution_options(yield_per=1000)):
            digest.update(repr(tuple(row)).encode())
            number += 1
    return number, digest.hexdigest()


def postings(connection: Connection, of: Days, centres: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Sums by local day, benefit or party, and cost centre. Raises BadInput where a benefit has none."""
    first, after = of.instants()
    sums: dict[tuple[date, str, str, str, str], list[int]] = {}
    for booked_at, *key, quantity, number in _by_instant(connection, first, after):
        entry = sums.setdefault((of.day(booked_at), *key), [0, 0, 0])
        entry[0] += max(quantity, 0)
        entry[1] += max(-quantity, 0)
        entry[2] += number
    lacking = sorted({key[1] or OF_RECOURSE for key in sums if centres is not None and (key[1] or OF_RECOURSE) not in centres})
    if lacking:
        raise BadInput(f"no cost centre is given for {', '.join(lacking)}; add it to the file of --cost-centres")
    return [
        {
            "day": day,
            "time_zone": of.zone.key,
            "cost_centre": "" if centres is None else centres[benefit or OF_RECOURSE],
            "benefit": benefit,
            "responsible_party": party,
            "kind": kind,
            "currency_code": currency,
            "added": added,
            "taken_back": taken,
            "bookings": number,
        }
        for (day, benefit, party, kind, currency), (added, taken, number) in sorted(sums.items())
    ]


def _by_instant(connection: Connection, first: int, after: int) -> Iterator[Any]:
    """Sums by instant, benefit, party, kind, currency and sign; a transaction books all of its rows at one instant."""
    at, due = BOOKING.c, RECOURSE.c
    sign, sign_due = at.quantity > 0, due.amount_minor > 0
    key = (at.booked_at, at.benefit, at.kind, at.currency_code)
    sums = select(*key, func.sum(at.quantity), func.count()).where(at.booked_at >= first, at.booked_at < after)
    for booked_at, benefit, kind, currency, quantity, number in connection.execute(sums.group_by(*key, sign)):
        yield booked_at, benefit, "", kind, currency, int(quantity), number
    of_due = (due.booked_at, due.party, due.currency_code)
    owed = select(*of_due, func.sum(due.amount_minor), func.count()).where(due.booked_at >= first, due.booked_at < after)
    for booked_at, party, currency, quantity, number in connection.execute(owed.group_by(*of_due, sign_due)):
        yield booked_at, "", party, "RECOURSE", currency, int(quantity), number


def cost_centres(path: Path | None) -> dict[str, str] | None:
    """A table of benefit and cost_centre. Raises BadInput."""
    if path is None:
        return None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"--cost-centres {path} cannot be read: {error}") from error
    found: dict[str, str] = {}
    for number, row in enumerate(rows, 2):
        benefit, centre = (row.get("benefit") or "").strip(), (row.get("cost_centre") or "").strip()
        if not benefit or not centre:
            raise BadInput(f"{path}: line {number}: needs a benefit and a cost_centre, in columns of these names")
        if found.setdefault(benefit, centre) != centre:
            raise BadInput(f"{path}: line {number}: {benefit} has the cost centre {found[benefit]} already")
    return found


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """A .csv or .parquet file, in one step. Raises BadInput, CannotWrite."""
    new = path.with_name(path.name + ".new")
    if path.suffix not in (".csv", ".parquet"):
        raise BadInput(f"--out {path}: its name has to end in .csv or .parquet")
    with writing(path, "--out", kept="  nothing of the account was changed"):
        if path.suffix == ".parquet":
            pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], SCHEMA), new, compression="zstd")
        else:
            with new.open("w", encoding="utf-8", newline="") as file:
                table = csv.DictWriter(file, SCHEMA.names, lineterminator="\n")
                table.writeheader()
                table.writerows(rows)
        new.replace(path)


@dataclass(frozen=True, slots=True)
class Line:
    """Of a statement: what one run claimed, or credited where the amount is below 0, for an outage on one local day."""

    day: date
    outage_id: str
    currency_code: str
    said_by: str
    reason: str
    amount_minor: int
    subscribers: int


def statement(connection: Connection, party: str, of: Days) -> list[Line]:
    """Each claim on a third party and each credit note, by day, outage and run, summed over subscribers.

    A run books in many transactions, each at an instant of its own, which is nothing to the party.
    """
    first, after = of.instants()
    at = RECOURSE.c
    what = (at.outage_id, at.currency_code, at.run_id, at.said_by, at.reason)
    of_party = (at.party == party) & (at.booked_at >= first) & (at.booked_at < after)
    is_claim = (at.amount_minor > 0).label("is_claim")
    by_instant = select(at.booked_at, is_claim, *what, func.sum(at.amount_minor), func.count()).where(of_party)
    by_instant = by_instant.group_by(at.booked_at, is_claim, *what).order_by(at.booked_at)
    sums: dict[tuple[Any, ...], list[int]] = {}
    for booked_at, claimed, outage_id, *rest, amount, number in connection.execute(by_instant):
        entry = sums.setdefault((of.day(booked_at), outage_id, not claimed, *rest), [0, 0])
        entry[0] += int(amount)
        entry[1] += number
    in_order = sorted(sums.items(), key=lambda item: item[0][:3])  # runs of a day as they came
    return [Line(day, outage, currency, *said, *entry) for (day, outage, _, currency, _, *said), entry in in_order]
