"""Which outages are decided in one question, and in which cycle, as the service tells it: by what counts under the policy.

A unit is a set of occasions that share outages, or are of one time. Mostly it is one occasion; a claim may cut an outage in
several.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from clients.account.records import NO_CYCLE, Answer, Claim, Cycle, Occasion, Question, Record, Steps


@dataclass(frozen=True, slots=True)
class Unit:
    """What is asked in one question. ``outages`` are in order of time.

    ``cycles``: in which its occasions begin, or where there are none its outages: one, unless ``why`` says why it cannot be
    asked.
    """

    outages: tuple[Record, ...]
    facts: bytes
    claims: tuple[Claim, ...]
    occasions: tuple[Occasion, ...]
    cycles: frozenset[Cycle]
    why: str = ""

    ids: frozenset[str] = field(init=False)
    """Of its outages."""
    going: frozenset[str] = field(init=False)
    """Outages of its occasions that go on."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", frozenset([each.outage_id for each in self.outages]))
        open_ones = {each.outage_id for each in self.outages if each.ended_at is None}
        going = [each.outage_ids for each in self.occasions if open_ones & each.outage_ids] if open_ones else ()
        object.__setattr__(self, "going", frozenset().union(*going))

    @property
    def order(self) -> tuple[int, int, str]:
        """Place in time."""
        first = min(self.occasions, key=lambda each: (each.started_at, each.ended_at)) if self.occasions else None
        start, end = (self.outages[0].started_at, 0) if first is None else (first.started_at, first.ended_at)
        return (start, end, min(self.ids))


class Grouping:
    """Finds the units of a cluster. ``facts``: of each outage that has any. ``automatic``: those that are decided unasked."""

    def __init__(
        self,
        subscriber_id: str,
        as_of: int,
        cycles: Sequence[Cycle],
        facts: Mapping[str, bytes],
        automatic: Collection[str],
        claims: Sequence[Claim],
        new_claim: Claim | None,
        granted: Mapping[tuple[str, Cycle], int],
        decided: Collection[str],
    ) -> None:
        """``claims``: accepted before. ``granted``: by benefit and cycle, what counts there before all that is asked about.

        ``decided``: outages that were decided before, or took the place of some that were.
        """
        self._subscriber_id, self._as_of = subscriber_id, as_of
        self._cycles, self._facts, self._automatic = cycles, facts, automatic
        self._accepted, self._new_claim, self._decided = tuple(claims), new_claim, decided
        self._granted, self._answered = granted, list[tuple[Cycle, tuple[int, str], Answer]]()
        self.nothing: list[Answer] = []
        """Answers to questions of which nothing came to be decided."""

    def units(self, cluster: Sequence[Record]) -> Steps[list[Unit]]:
        """Of outages that overlap or touch, in order of time. Outages that do not count are in none."""
        found: list[Unit] = []
        for unit in (yield from self._unasked(cluster)):
            if not unit.occasions or any(each.outage_id in self._automatic for each in unit.outages):
                found.append(unit)
            else:
                found += yield from self._claimed(unit)
        return found

    def _unasked(self, cluster: Sequence[Record]) -> Steps[list[Unit]]:
        """As if all were decided automatically. An occasion takes the facts of its earliest outage."""
        rest, found = list(cluster), list[Unit]()
        while rest:
            facts = self._facts[rest[0].outage_id]
            units = yield from self._asked(rest, facts, ())
            if not units or all(self._facts[each.outage_id] == facts for each in rest):
                if units:
                    return found + units
                # Under its own facts the earliest counts for nothing, and what else there is has its own.
                rest = [each for each in rest if self._facts[each.outage_id] != facts]
                continue
            first = units[0]
            own = self._facts[first.outages[0].outage_id]
            found += [first] if own == facts else (yield from self._asked(first.outages, own, ()))
            rest = [each for each in rest if each.outage_id not in first.ids]
        return found

    def _claimed(self, unit: Unit) -> Steps[list[Unit]]:
        """What claims leave of a unit of which nothing was decided unasked: at least one has to be on record, and in time."""
        accepted = self._accepted
        if any(each.outage_id in self._decided for each in unit.outages):
            accepted = tuple(map(_in_time, accepted))
        new = [] if self._new_claim is None else [(self._new_claim, *accepted)]
        for claims in [*new, *((each, *(other for other in accepted if other != each)) for each in accepted)]:
            if found := (yield from self._asked(unit.outages, unit.facts, claims)):
                return found
        return []

    def _asked(self, outages: Sequence[Record], facts: bytes, claims: tuple[Claim, ...]) -> Steps[list[Unit]]:
        # Mostly all is in the cycle of its beginning, and what was asked about of it before is all that is earlier in it: then
        # the same question, asked once, is what stands as well. Which occasions there are does not hang on what was granted.
        cycle = cycle_of(outages[0].started_at, self._cycles)
        granted = None if cycle is None else above_0(self._granted_before(cycle, outages[0].order))
        question = Question(self._subscriber_id, facts, tuple(outages), claims, cycle, granted, self._as_of)
        answer = yield question
        if cycle is not None and answer.grants and (claims or not (self._accepted or self._new_claim)):
            self._answered.append((cycle, outages[0].order, answer))
        if answer.refused and cycle is not None:
            answer = yield question._replace(cycle=None, granted_this_cycle=None)
        if answer.refused or (answer.lacks and not answer.occasions):
            begins = {cycle_of(each.started_at, self._cycles) for each in outages} - {None}
            why = answer.refused or missing(answer)
            return [Unit(tuple(outages), facts, claims, (), frozenset(each for each in begins if each is not None), why)]
        if not answer.occasions:
            self.nothing.append(answer)
        by_id = {each.outage_id: each for each in outages}
        units = [
            self._unit(tuple(sorted((by_id[each] for each in ids), key=lambda record: record.order)), facts, claims, occasions)
            for ids, occasions in together(answer.occasions, self._meet)
        ]
        return sorted(units, key=lambda unit: unit.order)

    def _meet(self, one: Occasion, other: Occasion) -> bool:
        """Whether they are of one time, cycle and facts: of different benefits, then, that may depend on each other.

        A clock can leave out the time that another one counts. Where neither does, asking together changes nothing.
        """
        if one.started_at > other.ended_at or other.started_at > one.ended_at:
            return False
        if cycle_of(one.started_at, self._cycles) != cycle_of(other.started_at, self._cycles):
            return False
        return len({self._facts.get(each) for each in one.outage_ids | other.outage_ids}) == 1

    def _granted_before(self, cycle: Cycle, order: tuple[int, str]) -> Mapping[str, int]:
        """What a cycle was granted of each benefit before a place in time, as far as it was asked about."""
        found = Counter({benefit: quantity for (benefit, of), quantity in self._granted.items() if of == cycle})
        for of, earlier, answer in self._answered:
            if of == cycle and earlier < order:
                for grant in answer.grants:
                    found[grant.benefit] += sum(grant.parts.values())
        return found

    def _unit(
        self, outages: tuple[Record, ...], facts: bytes, claims: tuple[Claim, ...], occasions: tuple[Occasion, ...]
    ) -> Unit:
        begins = [cycle_of(each.started_at, self._cycles) for each in occasions]
        cycles = frozenset(each for each in begins if each is not None)
        why = ""
        if None in begins:
            why = "it begins outside of every billing cycle that is known of the subscriber; give its cycle"
        elif len(cycles) > 1:
            why = "its occasions begin in different billing cycles, which one question cannot hold; this needs a person"
        return Unit(outages, facts, claims, occasions, cycles, why)


def _in_time(claim: Claim) -> Claim:
    """An accepted claim is not late when it is decided again (rule 6), also where the outage's end moved back since.

    It may have been late for another outage, which is not decided by it then, however often it is filed.
    """
    return claim._replace(claimed_at=min(claim.claimed_at, claim.started_at))


def cycle_of(instant: int, cycles: Sequence[Cycle]) -> Cycle | None:
    """The cycle that an instant lies in; None: in none that is known. Without any cycle all is put in one place."""
    if not cycles:
        return NO_CYCLE
    return next((each for each in cycles if each.holds(instant)), None)


def above_0(granted: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """As a question tells it."""
    return tuple(sorted([each for each in granted.items() if each[1] > 0]))


def missing(answer: Answer) -> str:
    """Why an answer without what it needs books nothing."""
    return f"a fact is missing: {', '.join(answer.lacks)}"


def together(
    occasions: Iterable[Occasion], meet: Callable[[Occasion, Occasion], bool]
) -> list[tuple[frozenset[str], tuple[Occasion, ...]]]:
    """Occasions that share outages or meet, directly or through others, with all their outages."""
    groups: list[tuple[frozenset[str], tuple[Occasion, ...]]] = []
    for occasion in occasions:
        ids: frozenset[str] = occasion.outage_ids
        of_group: tuple[Occasion, ...] = (occasion,)
        apart = []
        for group in groups:
            if group[0] & ids or any(meet(one, other) for one in group[1] for other in of_group):
                ids, of_group = ids | group[0], (*group[1], *of_group)
            else:
                apart.append(group)
        groups = [*apart, (ids, of_group)]
    return groups
