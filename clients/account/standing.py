"""What stands: for each cycle that is touched, what the service grants for the records as they are, by outage and benefit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from clients.account.periods import Periods
from clients.account.records import Account, Answer, Benefit, Cycle, Due, Place, Question, Record, Steps, Work
from clients.account.units import Unit, above_0, missing

DISCRETION: Final = "AMOUNT_AT_DISCRETION"
"""The policy gives a right and no formula; other benefits of the occasion may be granted beside it."""


@dataclass(slots=True)
class Standing:
    """Answers of the cycles that could be decided."""

    stands: Counter[Place] = field(default_factory=Counter)
    due: Counter[Due] = field(default_factory=Counter)
    benefits: dict[str, Benefit] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    facts: dict[str, bytes] = field(default_factory=dict)
    """By outage: what it was decided with where that is not what it had."""
    waiting: dict[str, str] = field(default_factory=dict)
    """Why, by outage of units that could not be decided."""
    reviews: dict[str, str] = field(default_factory=dict)
    """By outage of units that were decided, but for something that a person has to decide: what."""


class Cycles:
    """Asks about each cycle by itself: its units in order of time, each with what the earlier ones are granted."""

    def __init__(
        self,
        account: Account,
        records: Mapping[str, Record],
        going: Mapping[str, frozenset[str]],
        work: Work,
        before_all: Mapping[Place, int],
    ) -> None:
        """``going``: of each outage that goes on, its id and those before it. Facts of the work are tried where some lack.

        ``before_all``: what stands unasked, by persons or by a ledger of before.
        """
        self._account, self._records, self._going, self._work = account, records, going, work
        self._before_all = before_all
        self._periods = Periods(work.terms)
        self._of_months: dict[str, Counter[str]] = {}
        for place, quantity in before_all.items():
            self._add_to_month(place, quantity)
        for (benefit, cycle), quantity in account.elsewhere.items():
            self._add_to_month(Place("", benefit, cycle), quantity)

    def stand(self, cycle: Cycle, units: Sequence[Unit], into: Standing) -> Steps[None]:
        """Add what stands in a cycle."""
        granted = Counter({benefit: quantity for (benefit, of), quantity in self._account.elsewhere.items() if of == cycle})
        for place, quantity in self._before_all.items():
            granted[place.benefit] += quantity if place.cycle == cycle else 0
        for unit in sorted(units, key=lambda each: each.order):
            answer = yield from self._decided(unit, cycle, granted, into)
            if answer is None:
                continue
            into.answers.append(answer)
            if answer.outcome == "NEEDS_REVIEW" or DISCRETION in answer.reasons:
                into.reviews |= dict.fromkeys(unit.ids, ", ".join(answer.reasons))
            for due, amount in answer.due.items():
                into.due[due] += amount
            for grant in answer.grants:
                into.benefits[grant.benefit] = grant.of
                granted[grant.benefit] += sum(grant.parts.values())
                if self._work.terms.capped_by_month:
                    month = self._periods.month(answer.occasions[grant.occasion].started_at)
                    self._of_months.setdefault(month, Counter())[grant.benefit] += sum(grant.parts.values())
                for outage_id, part in grant.parts.items():
                    into.stands[Place(outage_id, grant.benefit, cycle)] += part

    def _held(self, unit: Unit) -> Mapping[Place, int]:
        """What stays booked since its outage goes on (rule 9): it takes its room under caps."""
        if not self._going:
            return Counter()
        own = {member for each in unit.ids for member in self._going.get(each, ())}
        held = {member for members in self._going.values() for member in members} - own
        return {place: quantity for place, quantity in self._account.booked.items() if place.outage_id in held}

    def _by_month(self, unit: Unit, held: Mapping[Place, int]) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...] | None:
        """What months of a unit were granted; None: no cap is of one."""
        if not self._work.terms.capped_by_month:
            return None
        sums = {self._periods.month(each.started_at): Counter[str]() for each in unit.occasions}
        for month, granted in sums.items():
            granted.update(self._of_months.get(month, {}))
        for place, quantity in held.items():
            if (of := self._month_of(place)) in sums:
                sums[of][place.benefit] += quantity
        return tuple((month, above_0(granted)) for month, granted in sorted(sums.items()))

    def _add_to_month(self, place: Place, quantity: int) -> None:
        if (month := self._month_of(place)) is not None:
            self._of_months.setdefault(month, Counter())[place.benefit] += quantity

    def _month_of(self, place: Place) -> str | None:
        """In which its outage begins, or its cycle lies as a whole; None: not known."""
        if place.outage_id in self._records:
            return self._periods.month(self._records[place.outage_id].started_at)
        months = self._periods.months(*place.cycle) if place.cycle.end > 0 else ()
        return next(iter(months)) if len(months) == 1 else None

    def _decided(self, unit: Unit, cycle: Cycle, granted: Counter[str], into: Standing) -> Steps[Answer | None]:
        """The answer; None, and why in ``into``, where there is none that can be booked."""
        held = self._held(unit) if self._going else {}
        in_cycle = Counter(granted) if held else granted
        for place, quantity in held.items():
            in_cycle[place.benefit] += quantity if place.cycle == cycle else 0
        told, by_month = above_0(in_cycle), self._by_month(unit, held)

        def question(facts: bytes) -> Question:
            whose, as_of = self._account.subscriber_id, self._work.as_of
            return Question(whose, facts, unit.outages, unit.claims, cycle, told, as_of, by_month)

        answer, facts = (yield question(unit.facts)), unit.facts
        if answer.lacks and self._work.facts not in (None, facts):
            # Facts that cannot decide are not kept: those of today take their place.
            facts = self._work.facts or b""
            answer = yield question(facts)
        why = answer.refused or (missing(answer) if answer.lacks else "")
        if not why and set(answer.occasions) != set(unit.occasions):
            why = "its occasions differ when it is asked alone; this needs a person"
        if why:
            into.waiting |= dict.fromkeys(unit.ids, why)
            return None
        if facts != unit.facts:
            into.facts[unit.outages[0].outage_id] = facts
        return answer
