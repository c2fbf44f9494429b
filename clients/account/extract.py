"""An extract of subscribers as a run reads it: what each row says of a person, and where it contradicts the account.

The readers are billing's. What the account itself knows better (what was granted before, by outage) is no column here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from clients.account import former, reading
from clients.account.records import NO_CYCLE, Account, Cycle
from clients.billing.outages import Outages as OfBilling
from clients.billing.subscribers import SubscriberReader
from clients.errors import BadInput
from clients.status import Violation
from clients.tables.options import TableOptions
from clients.tables.rows import Row, Table

BY_MONTH: Final = "granted_by_month."


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a run settles. ``facts`` None: those that are kept. ``granted_this_cycle``: what a row says of its only cycle."""

    line: int
    subscriber_id: str
    facts: bytes | None = None
    areas: tuple[str, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    granted_this_cycle: Mapping[str, int] | None = None
    error: str = ""
    """Why the row cannot be read."""


class ExtractReader:
    """Reads rows. ``areas``: those that outages of the register name."""

    def __init__(self, table: Table, file: str, options: TableOptions, areas: Sequence[str]) -> None:
        """Raises BadInput naming every column that has to be mended."""
        outages = OfBilling((), (), dict.fromkeys(areas, ()))
        self._reader = SubscriberReader(table, file, options, outages)
        self.notes = self._reader.notes
        by_month = [name for name in table.columns if name.startswith(BY_MONTH) and name not in options.ignored]
        known_better = [*self._reader.granted_before, *by_month]
        if known_better:
            hint = " ".join(f"--ignore-column {name}" for name in known_better)
            raise BadInput(
                f"{file} says what was granted before, which the account knows itself: {', '.join(known_better)}",
                [f"  leave these columns out: {hint}"],
            )

    def subjects(self, rows: Iterator[Row]) -> list[Subject]:
        """What the rows say."""
        return [self._subject(row) for row in rows]

    def _subject(self, row: Row) -> Subject:
        asked = self._reader.read(row)
        if asked.item is None:
            return Subject(asked.line, asked.subscriber_id, error=_with_fields(asked.error, asked.fields))
        person = asked.item.subscriber
        cycles: tuple[Cycle, ...] = ()
        granted = None
        if person.HasField("billing_cycle"):
            cycle = Cycle(person.billing_cycle.started_at.seconds, person.billing_cycle.ended_at.seconds)
            if not 0 <= cycle.start < cycle.end:
                return Subject(
                    row.line, asked.subscriber_id, error="billing_cycle_ended_at: is missing, or not after its start"
                )
            cycles = (cycle,)
        if person.HasField("granted_this_cycle"):
            granted = dict(person.granted_this_cycle.quantities)
        for name in ("subscriber_id", "billing_cycle", "granted_this_cycle"):
            person.ClearField(name)
        facts = person.SerializeToString(deterministic=True)
        return Subject(row.line, asked.subscriber_id, facts, asked.areas, cycles, granted)


def contradiction(connection: Connection, account: Account, subject: Subject) -> str:
    """In what a row contradicts the account, in a sentence that says what to do; "" where it does not.

    What a row says was granted this cycle may be old, if the account ever held it: the account goes on from what it holds now.
    """
    known = {*account.cycles, *(cycle for _, cycle in account.elsewhere)} - {NO_CYCLE}
    overlapping = {each for cycle in subject.cycles for each in known if each.start < cycle.end and cycle.start < each.end}
    if not overlapping <= set(subject.cycles):
        return "billing_cycle: overlaps another cycle that the account knows; a cycle is for ever, so mend the extract"
    if not subject.granted_this_cycle:
        return ""
    cycle = subject.cycles[0] if subject.cycles else NO_CYCLE
    at = former.places(account, {}, {*account.cycles, *subject.cycles} - {NO_CYCLE})
    now: Counter[str] = Counter()
    for place, booked in former.located(account, at).items():
        now[place.benefit] += booked if place.cycle == cycle else 0
    for (benefit, of), quantity in account.elsewhere.items():
        now[benefit] += quantity if of == cycle else 0
    differing = {name: told for name, told in subject.granted_this_cycle.items() if told not in (0, now[name])}
    if not differing:
        return ""
    in_it = [revision for revision, where in at.items() if where == cycle]
    held = reading.sums_in_time(connection, account.subscriber_id, cycle, in_it)
    beside = reading.elsewhere_in_time(connection, account.subscriber_id, cycle)
    for benefit, told in sorted(differing.items()):
        # A row may know of what others granted, or not, and be of before or after either.
        if told not in {one + other for one in (0, *held.get(benefit, ())) for other in (0, *beside.get(benefit, ()))}:
            return (
                f"granted_this_cycle.{benefit}: says {told}, which the account never held of it (now {now[benefit]});"
                f" find out who granted it and record it with elsewhere, or leave the column out:"
                f" --ignore-column granted_this_cycle.{benefit}"
            )
    return ""


def _with_fields(error: str, fields: Sequence[Violation]) -> str:
    return f"{error}: {'; '.join(f'{each.field}: {each.message}' for each in fields)}" if fields else error
