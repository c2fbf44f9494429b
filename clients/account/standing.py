"""What stands: for each cycle that is touched, what the service grants for the records as they are, by outage and benefit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from clients.account.records import Account, Answer, Benefit, Cycle, Due, Place, Question, Steps
from clients.account.units import Unit, missing

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
        going: Mapping[str, frozenset[str]],
        as_of: int,
        better: bytes | None,
        before_all: Mapping[Place, int],
    ) -> None:
        """``going``: of each outage that goes on, its id and those before it. ``better``: facts to try where some lack.

        ``before_all``: what stands unasked, by persons or by a ledger of before.
        """
        self._account, self._going, self._as_of, self._better = account, going, as_of, better
        self._before_all = before_all

    def stand(self, cycle: Cycle, units: Sequence[Unit], into: Standing) -> Steps[None]:
        """Add what stands in a cycle."""
        granted = Counter({benefit: quantity for (benefit, of), quantity in self._account.elsewhere.items() if of == cycle})
        for place, quantity in self._before_all.items():
            granted[place.benefit] += quantity if place.cycle == cycle else 0
        for unit in sorted(units, key=lambda each: each.order):
            told = granted + self._held(cycle, unit)
            answer = yield from self._decided(unit, cycle, told, into)
            if answer is None:
                continue
            into.answers.append(answer)
            if answer.outcome == "NEEDS_REVIEW" or DISCRETION in answer.reasons:
                into.reviews |= dict.fromkeys(unit.ids, ", ".join(answer.reasons))
            into.due.update(answer.due)
            for grant in answer.grants:
                into.benefits[grant.benefit] = grant.of
                granted[grant.benefit] += sum(grant.parts.values())
                for outage_id, part in grant.parts.items():
                    into.stands[Place(outage_id, grant.benefit, cycle)] += part

    def _held(self, cycle: Cycle, unit: Unit) -> Counter[str]:
        """What stays booked in a cycle since its outage goes on (rule 9): it takes its room under the cap."""
        own = {member for each in unit.ids for member in self._going.get(each, ())}
        held = {member for members in self._going.values() for member in members} - own
        found: Counter[str] = Counter()
        for place, quantity in self._account.booked.items():
            if place.cycle == cycle and place.outage_id in held:
                found[place.benefit] += quantity
        return found

    def _decided(self, unit: Unit, cycle: Cycle, told: Mapping[str, int], into: Standing) -> Steps[Answer | None]:
        """The answer; None, and why in ``into``, where there is none that can be booked."""
        granted = tuple(sorted((name, quantity) for name, quantity in told.items() if quantity > 0))

        def question(facts: bytes) -> Question:
            return Question(self._account.subscriber_id, facts, unit.outages, unit.claims, cycle, granted, self._as_of)

        answer, facts = (yield question(unit.facts)), unit.facts
        if answer.lacks and self._better not in (None, facts):
            # Facts that cannot decide are not kept: those of today take their place.
            facts = self._better or b""
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
