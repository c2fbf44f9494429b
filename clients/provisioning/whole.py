"""Holds the rows of a result against the totals of its run, before anything of it is booked.

A result that was cut at a line end looks like a shorter one, and an amount that was changed like another amount. The last row
carries how many rows the run decided and what they grant in sum; wherever a file was cut, the two no longer agree.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from clients import units
from clients.errors import BadInput
from clients.provisioning.bookings import Booking, whole_number

Sums = Counter[tuple[str, str, str, str]]
"""Of grants, by benefit, kind, currency, and "count" or "quantity"."""


@dataclass(slots=True)
class Held:
    """What the rows of a file say together."""

    rows: int = 0
    refused: int = 0
    """Rows of which nothing is booked, since they cannot be understood or were changed; what they would grant is not known."""
    sums: Sums = field(default_factory=Counter)
    totals: list[str] = field(default_factory=list)
    """What rows say of the whole result: one text, or one for each result that was put together."""

    def add(self, bookings: Iterable[Booking]) -> None:
        """Some more rows."""
        for booking in bookings:
            self.rows += 1
            if booking.run_totals:
                self.totals.append(booking.run_totals)
            if booking.problem:
                self.refused += 1
                continue
            for grant in booking.grants:
                of = grant.benefit, grant.kind, grant.currency_code
                self.sums[(*of, "count")] += 1
                self.sums[(*of, "quantity")] += grant.quantity


def check(held: Held, file: str, *, said_rows: int | None, says_totals: bool, unended: bool) -> None:
    """Raises BadInput where the file is not the whole result.

    ``said_rows``: how many rows a person says that it has, whatever its totals say; None: nobody said. ``says_totals``: it has
    a column for them. ``unended``: its last line has no line end.
    """
    problem = _problem(held, said_rows, says_totals=says_totals, unended=unended)
    if problem:
        lines = ["  nothing of it was booked; take the result as billing wrote it, whole, and run the same command again"]
        if not unended:
            lines.append(f"  to apply a part of a result, or one without totals, on purpose: --rows {held.rows}")
        raise BadInput(f"{file} {problem}", lines)


def _problem(held: Held, said_rows: int | None, *, says_totals: bool, unended: bool) -> str:
    """Why the rows are not those of a whole result, or nothing."""
    rows = units.several(held.rows, "row")
    if unended:
        return f"lost its end: its last line, after {rows}, has no line end"
    if said_rows is not None:
        return "" if said_rows == held.rows else f"has {rows}, and --rows says {said_rows}"
    if not says_totals:
        return f"does not say its totals: it has {rows} and no column run_totals (written before results had it, or left out)"
    if not held.rows:
        return "has no row, and so nothing says that its run decided none"
    if not held.totals:
        return f"lost its end: it has {rows}, and none of them holds the totals of the run (column run_totals of the last row)"
    try:
        decided, sums = _totals(held.totals)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return f"has totals that cannot be read ({error}): run_totals of its last row is not as billing wrote it"
    if decided != held.rows:
        return f"is not whole: it has {rows}, and the totals of its run say {decided}"
    return next(_differences(held, sums), "")


def _totals(texts: Iterable[str]) -> tuple[int, Sums]:
    """Rows and sums that the last row of each result says."""
    rows, sums = 0, Sums()
    for text in texts:
        document: dict[str, Any] = json.loads(text)
        rows += whole_number(document, "rows")
        for grant in document["grants"]:
            of = grant["benefit"], grant["kind"], grant["currency_code"]
            for what in ("count", "quantity"):
                sums[(*of, what)] += whole_number(grant, what)
    return rows, sums


def _differences(held: Held, sums: Sums) -> Iterator[str]:
    """What rows grant in sum and what their totals say, where that differs. A row that is refused may have granted anything."""
    for of in sorted({*held.sums, *sums}):
        benefit, kind, currency, what = of
        found, said = held.sums[of], sums[of]
        if found > said or (found < said and not held.refused):
            shown = [units.plain(kind, each, currency) if what == "quantity" else str(each) for each in (found, said)]
            name = f"{benefit} {currency}".strip()
            yield f"does not add up: {what} of {name} is {shown[0]} in its rows and {shown[1]} in its totals; a row was changed"
